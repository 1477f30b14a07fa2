"""The name of what was sent from one form: the same words or files sent again have the same name, others do not."""

import hashlib
from collections.abc import Iterable
from uuid import UUID, uuid5


def named(form_id: UUID, content: Iterable[bytes]) -> UUID:
    """Only the name is kept, not `form_id`, so that nobody can try out words against it."""
    seen = "".join(hashlib.sha256(part).hexdigest() for part in content)
    return uuid5(form_id, seen)

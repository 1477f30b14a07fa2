"""The only module of this room that touches the cipher."""

import unicodedata

from authority_portal.config import settings
from authority_portal.domain.people.models import Person
from authority_portal.foundation import sealing
from authority_portal.foundation.sealing import KeyMissing, SealBroken

FIELDS = ("name", "email", "phone", "address", "device")


def give_key(person: Person) -> None:
    """Make the person's own data key, wrapped by the installation's newest master key."""
    keys = sealing.ring(settings().DATA_KEYS)
    key_id, master = keys.newest
    person.wrapped_key = sealing.seal(sealing.new_key(), key=master, key_id=key_id, bound_to=f"person.key:{person.id}")


def seal(person: Person, field: str, value: str) -> bytes | None:
    """Seal one field of a person; nothing for an empty value."""
    if not value:
        return None
    return sealing.seal(value.encode(), key=_key(person), key_id="own", bound_to=f"person.{field}:{person.id}")


def unseal(person: Person, field: str) -> str:
    """Open one field; empty if there is none or the person was erased. Callers log the reading (`commands.reveal`).

    Raises SealBroken for a value that was changed or moved, KeyMissing if this host lacks the key that wraps the person's own.
    """
    raw: bytes | None = getattr(person, f"{field}_sealed")
    if raw is None or person.wrapped_key is None:
        return ""
    ring = sealing.Ring((("own", _key(person)),))
    try:
        return sealing.open_with(raw, keys=ring, bound_to=f"person.{field}:{person.id}").decode()
    except KeyMissing:  # a person has one key of their own, so a value that names another was changed
        raise SealBroken("the value was changed or moved") from None


def index(authority_id: int, field: str, value: str) -> bytes | None:
    """The blind index of an e-mail address or phone number, equal for equal people within one authority."""
    if not value:
        return None
    normal = unicodedata.normalize("NFC", value).casefold()
    return sealing.blind_index(normal, keys=sealing.ring(settings().DATA_KEYS), bound_to=f"{authority_id}|{field}")


def _key(person: Person) -> bytes:
    if person.wrapped_key is None:
        raise SealBroken("this person was erased")
    return sealing.open_with(person.wrapped_key, keys=sealing.ring(settings().DATA_KEYS), bound_to=f"person.key:{person.id}")

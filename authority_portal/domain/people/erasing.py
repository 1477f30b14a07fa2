"""What it means that a resident is erased: the values go, and the key without which no copy of them opens."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import update

from authority_portal.domain.people.models import Person
from authority_portal.foundation.db import db

Because = Literal["retention", "request"]


def emptied(because: Because, at: datetime) -> dict[str, Any]:
    """Every column of a person after it, and why."""
    gone = (
        *("wrapped_key", "name_sealed", "email_sealed", "phone_sealed", "address_sealed", "device_sealed"),
        *("email_index", "phone_index", "locale", "stopped_at"),
    )
    return dict.fromkeys(gone) | {"channel": "none", "erased_at": at, "erased_because": because}


def erase(person_ids: Collection[UUID], *, authority_id: int, because: Because, at: datetime) -> list[UUID]:
    """Erase those of these residents who are not erased yet; returns who that were, in order. One statement.

    The caller commits, and writes one line into the log for all of them.
    """
    found = db.session.scalars(
        update(Person)
        .where(Person.authority_id == authority_id, Person.id.in_(person_ids), Person.erased_at.is_(None))
        .values(**emptied(because, at))
        .returning(Person.id)
        .execution_options(synchronize_session=False)
    )
    return sorted(found)

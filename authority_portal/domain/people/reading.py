"""Reading a resident's details on a page: the line in the log is committed first, and the log decides what opens.

A value leaves its seal only if the audit log holds a line of this reader that names the field: `person:read` for what their
role shows them anyway (one line per reader, resident and hour, however often the page is opened), `person:revealed` for what
they asked for with a reason (15 minutes). What the log does not name is not even selected.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, Text, case, cast, exists, func, literal, null, or_, select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.people import sealed
from authority_portal.domain.people.models import Person
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.sealing import SealBroken

FIELDS = ("name", "email", "phone")
"""What a page may show. Postal address and device have no page yet."""

READ, REVEALED = "person:read", "person:revealed"
REVEAL_LASTS = timedelta(minutes=15)
LOGGED_EVERY = timedelta(hours=1)
# A page that found its line just in time must still find it a moment later.
_READ_HOLDS = LOGGED_EVERY + timedelta(minutes=5)


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """An opened value, and until when if it was revealed for a while. `stuck`: it is there and does not open, so it is empty."""

    value: str
    until: datetime | None = None
    stuck: bool = False


def subject(person_id: UUID) -> str:
    """How the log calls a resident."""
    return f"person:{person_id}"


def log(person_id: UUID, *, fields: Collection[str], by: Actor) -> None:
    """A page is about to show these fields to somebody whose role shows them. The caller commits, then asks `opened`."""
    trail.append(READ, subject=subject(person_id), by=by, fields=_known(fields))


def reveal(person_id: UUID, *, field: str, reason: str, by: Actor) -> datetime:
    """Let one reader see one field for a while; returns until when. Policy is the caller's, who also commits.

    Raises ValueError for a field no page shows.
    """
    trail.append(REVEALED, subject=subject(person_id), by=by, fields=_known([field]), reason=reason)
    return clock.now() + REVEAL_LASTS


def logged(person_id: ColumnElement[UUID | None], *, by: Actor) -> ColumnElement[bool]:
    """Condition: a line of the last hour already says that `by` reads this resident. Of which fields, `opened` asks."""
    return exists().where(
        AuditLine.authority_id == by.authority_id,
        AuditLine.subject == func.concat("person:", cast(person_id, Text)),
        AuditLine.actor_id == by.id,
        AuditLine.action == READ,
        AuditLine.at > clock.now() - LOGGED_EVERY,
    )


def opened(person_id: UUID, *, fields: Collection[str], by: Actor) -> dict[str, Opened]:
    """Those of `fields` that the log says are open to `by` now. One statement; a committed line is what it looks for.

    One that was damaged, or whose key this host lacks, is stuck and keeps no other from being opened.
    """
    wanted = _known(fields)
    lines = _lines(person_id, wanted, by)
    columns = [
        case((or_(lines.c[f"{name}_read"].is_not(None), lines.c[f"{name}_revealed"].is_not(None)), _value(name)), else_=null())
        for name in wanted
    ]
    query = (
        select(
            Person.wrapped_key,
            *(column.label(name) for name, column in zip(wanted, columns, strict=True)),
            *(lines.c[f"{name}_{kind}"] for name in wanted for kind in ("read", "revealed")),
        )
        .join(lines, literal(True))
        .where(Person.authority_id == by.authority_id, Person.id == person_id)
    )
    values = db.session.execute(query).mappings().one_or_none()
    if values is None:
        return {}
    person = Person(id=person_id, wrapped_key=values["wrapped_key"], **{f"{name}_sealed": values[name] for name in wanted})
    found = {}
    for name in wanted:
        try:
            value, stuck = sealed.unseal(person, name), False
        except SealBroken:
            value, stuck = "", True
        if value or stuck:
            read_at, revealed_at = values[f"{name}_read"], values[f"{name}_revealed"]
            found[name] = Opened(value, None if read_at else revealed_at + REVEAL_LASTS, stuck)
    return found


def _lines(person_id: UUID, fields: list[str], by: Actor) -> Subquery:
    now = clock.now()

    def latest(name: str, action: str, lasts: timedelta) -> ColumnElement[datetime]:
        return func.max(AuditLine.at).filter(
            AuditLine.action == action, AuditLine.at > now - lasts, AuditLine.details["fields"].contains([name])
        )

    return (
        select(
            *(latest(name, READ, _READ_HOLDS).label(f"{name}_read") for name in fields),
            *(latest(name, REVEALED, REVEAL_LASTS).label(f"{name}_revealed") for name in fields),
        )
        .where(
            AuditLine.authority_id == by.authority_id,
            AuditLine.subject == subject(person_id),
            AuditLine.actor_id == by.id,
        )
        .subquery()
    )


def _value(name: str) -> ColumnElement[bytes | None]:
    column: ColumnElement[bytes | None] = getattr(Person, f"{name}_sealed").expression
    return column


def _known(fields: Collection[str]) -> list[str]:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise ValueError(f"no such field: {', '.join(sorted(unknown))}")
    return [name for name in FIELDS if name in fields]

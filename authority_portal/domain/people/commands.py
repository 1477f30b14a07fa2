"""Writing down, revealing and erasing a resident. Each leaves an audit line without the data in it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.people import erasing, sealed
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.people.models import Person
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.sealing import KeyMissing, SealBroken


@dataclass(frozen=True, slots=True)
class Opened:
    """E-mail addresses by person. `broken`: whose address was changed or moved; `locked`: whose key this host lacks."""

    addresses: dict[UUID, str] = field(repr=False)
    broken: frozenset[UUID]
    locked: frozenset[UUID]


def take_down(contact: Contact, *, by: Actor) -> Person | None:
    """Write down the reporter of one report, sealed; None when nothing was given. The caller commits."""
    if contact.empty:
        return None
    person = draft(contact, authority_id=by.authority_id, at=clock.now())
    db.session.add(person)
    trail.append("person:taken_down", subject=f"person:{person.id}", by=by, fields=_fields(contact))
    return person


def draft(contact: Contact, *, authority_id: int, at: datetime) -> Person:
    """A sealed person, not yet added to the session: for commands and for the import, which writes many at once."""
    person = Person(id=uuid4(), authority_id=authority_id, locale=contact.locale, channel=contact.channel, created_at=at)
    sealed.give_key(person)
    person.name_sealed = sealed.seal(person, "name", contact.name)
    person.email_sealed = sealed.seal(person, "email", contact.email)
    person.phone_sealed = sealed.seal(person, "phone", contact.phone)
    person.address_sealed = sealed.seal(person, "address", contact.address)
    person.device_sealed = sealed.seal(person, "device", contact.device)
    person.email_index = sealed.index(authority_id, "email", contact.email)
    person.phone_index = sealed.index(authority_id, "phone", contact.phone)
    return person


def reveal(person: Person, field: str, *, reason: str, by: Actor) -> str:
    """Open one field of a person for one reader. Policy is the caller's; the log line commits before the value is shown."""
    if field not in sealed.FIELDS:
        raise ValueError(f"no such field: {field}")
    trail.append("person:revealed", subject=f"person:{person.id}", by=by, field=field, reason=reason)
    return sealed.unseal(person, field)


def mailed(people: Collection[Person], *, batch: str, by: Actor) -> Opened:
    """Open the e-mail addresses that messages are about to go to; the erased are left out.

    One that does not open keeps no other from being opened.

    One line for the whole batch says how many: the messages themselves are on record with their persons. A batch of which
    nothing opened, as each time a host without the key tries, leaves none. The caller commits before the first message leaves.
    """
    opened, broken, locked = {}, set(), set()
    for person in people:
        try:
            opened[person.id] = sealed.unseal(person, "email")
        except KeyMissing:
            locked.add(person.id)
        except SealBroken:
            broken.add(person.id)
    if opened:
        trail.append("person:mailed", subject=batch, by=by, persons=len(opened))
    addresses = {person_id: address for person_id, address in opened.items() if address}
    return Opened(addresses, frozenset(broken), frozenset(locked))


def stop(person: Person, *, by: Actor) -> None:
    """The resident wants no more news about this report. Said twice, it stays."""
    if person.stopped_at is None:
        person.stopped_at = clock.now()
        trail.append("person:stopped", subject=f"person:{person.id}", by=by)


def erase(person: Person, *, by: Actor) -> None:
    """Erase one resident who asked for it. The caller commits."""
    for column, value in erasing.emptied("request", clock.now()).items():
        setattr(person, column, value)
    trail.append("person:erased", subject=f"person:{person.id}", by=by)


def _fields(contact: Contact) -> list[str]:
    return [name for name in sealed.FIELDS if getattr(contact, name)]

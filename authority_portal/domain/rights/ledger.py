"""The ledger of erasures, twice: as rows beside the data, and as a journal of its own that a restored backup does not take back.

The journal is written before the transaction commits. If that fails it names somebody who is still there; the next run erases
them anyway, because they were due.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.notifications import forgetting
from authority_portal.domain.people import erasing
from authority_portal.domain.rights.models import Erasure, ErasureBatch
from authority_portal.domain.rights.rules import CONTACT, Mode, Rule
from authority_portal.foundation import clock, journal, parsing
from authority_portal.foundation.db import db


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: who was erased together."""

    at: datetime
    rule: str
    person_ids: tuple[UUID, ...]


def journal_of(authority: Card) -> str:
    """The name of an authority's journal."""
    return f"erasures-{authority.slug}"


def announce(person_ids: Sequence[UUID], rule: Rule, *, authority: Card, at: datetime) -> None:
    """Write into the journal who is about to be erased, for good, before anything is committed."""
    line = {"at": at.isoformat(), "rule": rule.name, "persons": [str(person_id) for person_id in sorted(person_ids)]}
    journal.append(journal_of(authority), json.dumps(line, separators=(",", ":")))


def erase(person_ids: Sequence[UUID], rule: Rule, *, authority: Card, reason: str, by: Actor) -> list[UUID]:
    """Erase these residents' details as one batch of the ledger; returns who was not erased yet. The caller commits.

    One audit line for all: rule, count and the digest of the ids.
    """
    at = clock.now()
    gone = erasing.erase(person_ids, authority_id=authority.id, because="retention", at=at)
    if not gone:
        return []
    cancelled = forgetting.forget(gone, authority_id=authority.id)
    batch = ErasureBatch(
        authority_id=authority.id,
        rule=rule.group,
        rule_version=rule.version,
        reason=reason,
        persons=len(gone),
        digest=digest(gone),
        erased_at=at,
    )
    db.session.add(batch)
    db.session.flush()
    rows = [{"authority_id": authority.id, "person_id": person_id, "batch_id": batch.id} for person_id in gone]
    db.session.execute(insert(Erasure).values(rows).on_conflict_do_nothing())
    trail.append(
        "retention:erased",
        subject=f"erasure_batch:{batch.id}",
        by=by,
        rule=rule.name,
        reason=reason,
        persons=len(gone),
        messages_cancelled=cancelled,
        digest=batch.digest.hex(),
    )
    return gone


def replay(entries: Iterable[Entry], *, authority: Card, by: Actor) -> int:
    """Erase again whom a restored backup brought back; returns how many. The caller commits.

    Whom the backup does not know is passed over.
    """
    rules = {rule.name: rule for rule in CONTACT.values()}
    fallback = CONTACT[Mode.UNLESS_OPEN]
    return sum(
        len(erase(entry.person_ids, rules.get(entry.rule, fallback), authority=authority, reason="replay", by=by))
        for entry in entries
    )


def read(lines: Iterable[str]) -> Iterator[Entry]:
    """The entries of a journal. A line that was torn by a crash was written again; it is passed over."""
    for line in lines:
        try:
            known = json.loads(line)
            yield Entry(
                parsing.instant(known["at"]), str(known["rule"]), tuple(parsing.uuid(person_id) for person_id in known["persons"])
            )
        except (ValueError, KeyError, TypeError):
            continue


def digest(person_ids: Iterable[UUID]) -> bytes:
    """SHA-256 over the ids in order: proves later which rows a batch was about."""
    return hashlib.sha256(b"".join(person_id.bytes for person_id in sorted(person_ids))).digest()

"""Boston's rows, repeated: each copy half a year older than the one after it, moved a little in place and time. Pure."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from authority_portal.domain.reports.importing.records import Kept
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation.geo import Box, Point

BETWEEN_COPIES = timedelta(weeks=26)
"""What the file spans, so that the copies follow one another without a gap."""
LATER = timedelta(days=2)
FARTHER = 0.0015
"""Degrees: about 150 m."""
OPEN_OF = 10
"""Of so many reports one is open."""


def copies(base: Sequence[Kept], wanted: int, *, bounds: Box, moment: datetime, seed: int) -> Iterator[Kept]:
    """`wanted` rows made from `base`, the oldest first as in a life; the same for the same `seed`. Needs a `base` with rows."""
    chance = random.Random(seed)  # noqa: S311  # jitter, not a secret
    whole, rest = divmod(wanted, len(base))
    picked = [(whole, [base[at * len(base) // rest] for at in range(rest)])] if rest else []
    number = 0
    for age, rows in [*picked, *((age, base) for age in range(whole - 1, -1, -1))]:
        for row in rows:
            number += 1
            yield _copy(row, number, age, is_open=number % OPEN_OF == 0, bounds=bounds, moment=moment, chance=chance)


def _copy(row: Kept, number: int, age: int, *, is_open: bool, bounds: Box, moment: datetime, chance: random.Random) -> Kept:
    shift = -age * BETWEEN_COPIES - LATER * chance.random()
    opened_at = row.opened_at + shift
    closed_at = None if is_open else (row.closed_at + shift if row.closed_at else _closed(opened_at, moment, chance))
    responded_at = row.responded_at + shift if row.responded_at and row.responded_at != row.closed_at else closed_at
    source_id = f"{row.source_id}-{number}"
    return replace(
        row,
        number=number,
        source_id=source_id,
        digest=hashlib.sha256(source_id.encode()).digest(),
        opened_at=opened_at,
        closed_at=closed_at,
        responded_at=responded_at,
        due_at=row.due_at + shift if row.due_at else None,
        point=_moved(row.point, bounds, chance),
        status="",
        outcome=(row.outcome or Outcome.FIXED) if closed_at else None,
        reason=row.reason if closed_at else "",
    )


def _closed(opened_at: datetime, moment: datetime, chance: random.Random) -> datetime:
    """An end for a report that has none in the file: within its first two weeks, as most do."""
    return opened_at + min(timedelta(days=14), moment - opened_at) * chance.random()


def _moved(point: Point | None, bounds: Box, chance: random.Random) -> Point | None:
    if point is None:
        return None
    moved = Point(point.lat + chance.uniform(-FARTHER, FARTHER), point.lon + chance.uniform(-FARTHER, FARTHER))
    return moved if bounds.holds(moved) else point

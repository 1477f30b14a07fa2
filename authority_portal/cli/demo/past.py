"""What the demo invents about unfinished reports: residents, first steps, holders. The same file gives the same inventions."""

import hashlib
import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Row, select

from authority_portal.cli.demo.cast import Part
from authority_portal.cli.demo.towns import DEMO, DemoTown
from authority_portal.domain.access.actor import system
from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.authorities.models import Team
from authority_portal.domain.people import contact
from authority_portal.domain.reports.importing import past
from authority_portal.domain.reports.importing.past import PastHolder, PastStep
from authority_portal.domain.reports.importing.runs import Run, reports_of
from authority_portal.domain.reports.models import Report, Status
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation.db import db

Unfinished = Row[tuple[int, str | None, datetime, str, str | None]]
"""Id, source id, receipt, status group, code of the team."""

SHARES = (("accepted", 14), ("in_progress", 12), ("waiting_resident", 3), ("waiting_other", 4))
"""Of 100 new reports so many go on to a status."""
QUESTION = "Could you tell us on which side of the street it is?"
HELD_OF_100 = 12
"""Of 100 unfinished reports of a caseworker's teams so many are their own."""


def invent(town: DemoTown, founded: Card, run: Run, people: dict[str, UUID], parts: tuple[Part, ...]) -> Iterator[str]:
    """Write the inventions; says each in one line."""
    by = system(founded.id)
    unfinished = _unfinished(run)
    reporters = [(row.id, _resident(row.source_id)) for row in unfinished if _share(row.source_id, "resident", 3) == 0]
    yield f"{past.attach_reporters(reporters, by=by):,} invented residents on a third of {len(unfinished):,} unfinished reports"
    if town.from_data:  # the invented file has its own statuses
        steps = list(_steps(unfinished, run))
        yield f"{past.take_steps(steps, by=by):,} unfinished reports taken on to a later status, so that every status is seen"
    held = list(_holders(unfinished, run, people, parts))
    yield f"{past.give_holders(held, by=by):,} unfinished reports given to somebody"


def _unfinished(run: Run) -> list[Unfinished]:
    return list(
        db.session.execute(
            select(Report.id, Report.source_id, Report.received_at, Report.status_group, Team.code.label("team"))
            .outerjoin(Team, (Team.authority_id == Report.authority_id) & (Team.id == Report.team_id))
            .where(
                Report.authority_id == run.authority_id,
                Report.source == reports_of(run),
                Report.status_group != Group.DONE,
            )
            .order_by(Report.id)
        )
    )


def _share(source_id: str | None, of: str, parts: int) -> int:
    """A number 0 … parts - 1 that depends on the source id alone, another for each purpose `of`."""
    return int.from_bytes(hashlib.sha256(f"{of}|{source_id}".encode()).digest()[:6], "big") % parts


def _resident(source_id: str | None) -> contact.Contact:
    number = _share(source_id, "person", 10**9)
    first = _NAMES["first"][number % len(_NAMES["first"])]
    last = _NAMES["last"][number // 31 % len(_NAMES["last"])]
    wants, sum_so_far = "none", 0
    for channel, share in _NAMES["channels"].items():
        sum_so_far += share
        if number // 997 % 100 < sum_so_far:
            wants = channel
            break
    area_code = _NAMES["area_codes"][number // 7 % len(_NAMES["area_codes"])]
    return contact.read(
        region="US",
        name=f"{first} {last}",
        email=f"resident-{number:09d}@example.org" if wants != "phone" else "",
        phone=f"{area_code}-555-01{number // 13 % 100:02d}" if wants == "phone" or number % 2 else "",
        channel=wants,
    )


def _steps(unfinished: list[Unfinished], run: Run) -> Iterator[PastStep]:
    statuses = {row.code: row for row in db.session.scalars(select(Status).where(Status.authority_id == run.authority_id))}
    for row in unfinished:
        lot, sum_so_far = _share(row.source_id, "step", 100), 0
        for code, share in SHARES:
            sum_so_far += share
            if lot < sum_so_far:
                to = statuses[code]
                note = QUESTION if code == "waiting_resident" else ""
                yield PastStep(row.id, to.id, to.group, _while_ago(row, run, "step"), note, to.group == Group.WAITING)
                break


def _holders(unfinished: list[Unfinished], run: Run, people: dict[str, UUID], parts: tuple[Part, ...]) -> Iterator[PastHolder]:
    """Caseworkers hold a share of what their teams have; where several could, the source id decides."""
    workers = [part for part in parts if part.role is Role.CASEWORKER]
    for row in unfinished:
        able = [part for part in workers if row.team in part.teams]
        if able and _share(row.source_id, "held", 100) < HELD_OF_100:
            part = able[_share(row.source_id, "who", len(able))]
            yield PastHolder(row.id, people[part.account], _while_ago(row, run, "held"))


def _while_ago(row: Unfinished, run: Run, of: str) -> datetime:
    """A moment between receipt and loading, at most three days after receipt."""
    longest = min(run.started_at - row.received_at, timedelta(days=3))
    return row.received_at + longest * (_share(row.source_id, f"{of} at", 900) + 50) / 1000


_NAMES = tomllib.loads((DEMO / "residents.toml").read_text(encoding="utf-8"))

"""Filling an empty database: authorities, people, reports with their history, contacts, holders and the map's cells."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event, select

from authority_portal.cli.bench.copies import copies
from authority_portal.cli.bench.towns import shares
from authority_portal.cli.demo import cast, past, towns
from authority_portal.cli.demo.cast import CAST, Part
from authority_portal.cli.demo.towns import BOSTON, DemoTown
from authority_portal.domain.access.actor import system
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.authorities.models import Team
from authority_portal.domain.reports.importing import batches, files, ledger, mapping, runs, times
from authority_portal.domain.reports.importing.mapping import Mapping
from authority_portal.domain.reports.importing.records import Frame, Kept
from authority_portal.domain.reports.importing.rows import Reader
from authority_portal.domain.reports.importing.runs import Run
from authority_portal.domain.reports.workflow import STANDARD
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, bound, db, transaction
from authority_portal.jobs import figures

Echo = Callable[[str], None]
SAY_EVERY = 5.0
"""Seconds between two lines about how far it is."""


@dataclass(frozen=True, slots=True)
class Base:
    """The rows that are repeated, and the mapping they were read by."""

    plan: Mapping
    rows: tuple[Kept, ...]


def fill(reports: int, *, echo: Echo) -> None:
    """Write the seed into a database without authorities: `reports` reports, half of them Boston's, one in ten open."""
    base = read()
    with patiently():
        _towns(base, reports, echo)


@contextmanager
def patiently() -> Iterator[None]:
    """Let statements over half a million rows take as long as they need; requests are bounded, this is not one."""

    def wait(connection: Any, _record: object) -> None:
        connection.execute("SET statement_timeout = 0")
        connection.commit()

    db.engine.dispose()
    event.listen(db.engine, "connect", wait)
    try:
        yield
    finally:
        event.remove(db.engine, "connect", wait)
        db.session.remove()
        db.engine.dispose()


def _towns(base: Base, reports: int, echo: Echo) -> None:
    for number, (town, share) in enumerate(shares(reports)):
        began = time.monotonic()
        bind(None)
        founded = towns.found(town, echo)
        with bound(founded.id):
            towns.fill(town, founded, lambda _line: None)
            if share:
                _live(town, founded, base, share, number, echo)
        echo(f"{town.name}: {share:,} reports in {time.monotonic() - began:.0f} s")


def read() -> Base:
    """Boston's file as the importer reads it, moved by whole weeks so that its newest report is a few days old."""
    plan = mapping.read(towns.DEMO / f"{BOSTON.slug}.toml")
    file, moment, zone = BOSTON.path(BOSTON.file), clock.now(), ZoneInfo(plan.time.zone)
    newest = files.newest_opening(file, plan, times.Clockwork(plan.time.format, zone))
    assert newest is not None, "Boston's file has rows"
    clockwork = times.Clockwork(plan.time.format, zone, times.whole_weeks(newest, moment, zone))
    frame = Frame(moment, BOSTON.bounds, {status.code: status.group for status in STANDARD})
    with files.opened(file, plan) as table:
        reader = Reader(plan, table.header, clockwork, frame)
        rows = [reader.read(number, cells) for number, cells in table.rows()]
    return Base(plan, tuple(row for row in rows if isinstance(row, Kept)))


def _live(town: DemoTown, founded: Card, base: Base, share: int, number: int, echo: Echo) -> None:
    """One authority's reports, and what happened to them since."""
    by = system(founded.id)
    plan = replace_source(base.plan)
    with transaction():
        run = runs.begin(plan.source, hashlib.sha256(f"{town.slug} {share}".encode()).digest(), by=by)
    _import(founded, plan, run, base, share, number, echo)
    with transaction():
        runs.finish(run, hours=True, by=by)
        runs.refresh_statistics()
    with transaction():
        towns.ask_questions(BOSTON, by)
        parts = _able(founded)
        people = cast.move_in(town, by, parts)
        for line in past.invent(town, founded, run, people, parts):
            echo(f"  {line}")
        runs.refresh_statistics()
    echo(f"  {towns.count_map(founded.id)}")
    echo(f"  {towns.count_figures(founded.id)}")
    echo(f"  {figures.rebuild(founded.id):,} reports counted in figures")


def replace_source(plan: Mapping) -> Mapping:
    """The same mapping under the seed's own name, beside which the file itself can still be imported."""
    return plan.model_copy(update={"source": "bench"})


def _import(founded: Card, plan: Mapping, run: Run, base: Base, share: int, number: int, echo: Echo) -> None:
    with transaction():
        book = ledger.opened(founded.id, plan)
    made = copies(base.rows, share, bounds=founded.bounds, moment=run.started_at, seed=number)
    said = time.monotonic()
    for batch in batches.batches(made):
        with transaction():
            written = batches.write(batch, run=run, ledger=book, authority=founded, by=system(founded.id))
            runs.advance(run, to_row=batch[-1].number, counted=written.counted, rejected_bytes=0)
        if time.monotonic() - said >= SAY_EVERY:
            said = time.monotonic()
            echo(f"  {run.rows_done:,} of {share:,}")


def _able(founded: Card) -> tuple[Part, ...]:
    """Boston's people, in those of their teams that this authority has."""
    codes = set(db.session.scalars(select(Team.code).where(Team.authority_id == founded.id)))
    return tuple(replace(part, teams=tuple(code for code in part.teams if code in codes)) for part in CAST[BOSTON.slug])

"""How far an import came: a row that commits with every batch, so that a killed import goes on where it stood."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text, update

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.reports.importing import tally
from authority_portal.domain.reports.importing.models import ImportRun
from authority_portal.domain.reports.importing.tally import Tally
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Conflict
from authority_portal.foundation.sentences import Sentence


@dataclass
class Run:
    """One import of one file with one mapping. `started_at` is its moment of loading, also when it was resumed later."""

    id: int
    authority_id: int
    source: str
    rows_done: int
    started_at: datetime
    finished: bool
    tally: Tally


def begin(source: str, digest: bytes, *, by: Actor) -> Run:
    """The run of this file and mapping: found where it stood, or new. The caller commits."""
    found = db.session.scalars(
        select(ImportRun).where(
            ImportRun.authority_id == by.authority_id, ImportRun.source == source, ImportRun.file_digest == digest
        )
    ).first()
    if found is None:
        found = ImportRun(
            authority_id=by.authority_id,
            source=source,
            file_digest=digest,
            rows_done=0,
            tally=Tally().plain(),
            # Whole seconds: what a report prints and what is stored are the same moment.
            started_at=clock.now().replace(microsecond=0),
        )
        db.session.add(found)
        db.session.flush()
        trail.append("import:begun", subject=f"import:{found.id}", by=by, source=source)
    return Run(
        found.id,
        by.authority_id,
        source,
        found.rows_done,
        found.started_at,
        found.finished_at is not None,
        tally.read(found.tally),
    )


def take_turn(run: Run) -> None:
    """Wait until no other import of the same source is writing. Raises Conflict if one moved this very run on."""
    key = f"import|{run.authority_id}|{run.source}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    stands = db.session.scalar(
        select(ImportRun.rows_done).where(ImportRun.authority_id == run.authority_id, ImportRun.id == run.id)
    )
    if stands != run.rows_done:
        raise Conflict(Sentence("Another process is importing this very file. Let it finish, or end it and start again."))


def advance(run: Run, *, to_row: int, counted: Tally, rejected_bytes: int) -> None:
    """Record that the rows up to `to_row` are done. The caller commits, together with the rows."""
    run.tally.add(counted)
    run.tally.rejected_bytes = rejected_bytes
    run.rows_done = to_row
    _store(run, rows_done=to_row, tally=run.tally.plain())


def finish(run: Run, *, hours: bool, by: Actor) -> None:
    """All rows are done: default teams and, if `hours`, answer times of the categories come from them. The caller commits."""
    if run.finished:
        return
    _settle_teams(run)
    if hours:
        _settle_hours(run)
    run.finished = True
    _store(run, finished_at=clock.now())
    trail.append(
        "import:finished",
        subject=f"import:{run.id}",
        by=by,
        read=run.tally.read,
        added=run.tally.added,
        rejected=run.tally.rejected,
    )


def refresh_statistics() -> None:
    """Let the planner know the new rows at once instead of when autovacuum comes by. The caller commits."""
    db.session.execute(text("SELECT refresh_statistics()"))


def reports_of(run: Run) -> str:
    """The `source` of the reports this run's file gave."""
    return f"import:{run.source}"


def _store(run: Run, **values: object) -> None:
    db.session.execute(
        update(ImportRun).where(ImportRun.authority_id == run.authority_id, ImportRun.id == run.id).values(**values)
    )


def _settle_teams(run: Run) -> None:
    """A category without a team gets the one that had most of its reports."""
    db.session.execute(
        text(
            """
            UPDATE category SET team_id = often.team_id
            FROM (
                SELECT category_id, mode() WITHIN GROUP (ORDER BY team_id) AS team_id
                FROM report WHERE authority_id = :authority AND source = :source AND team_id IS NOT NULL GROUP BY category_id
            ) often
            WHERE category.authority_id = :authority AND category.id = often.category_id AND category.team_id IS NULL
            """
        ),
        {"authority": run.authority_id, "source": reports_of(run)},
    )


def _settle_hours(run: Run) -> None:
    """A category without hours to answer gets the median of deadline − receipt of its reports, at least one hour."""
    db.session.execute(
        text(
            """
            UPDATE category SET response_hours = usual.hours
            FROM (
                SELECT category_id, greatest(1, round(percentile_cont(0.5) WITHIN GROUP (
                    ORDER BY extract(epoch FROM due_at - received_at) / 3600)))::int AS hours
                FROM report WHERE authority_id = :authority AND source = :source AND due_at IS NOT NULL GROUP BY category_id
            ) usual
            WHERE category.authority_id = :authority AND category.id = usual.category_id AND category.response_hours IS NULL
            """
        ),
        {"authority": run.authority_id, "source": reports_of(run)},
    )

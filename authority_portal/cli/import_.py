"""`flask import csv`: any city's file of reports, by a mapping."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup

from authority_portal.cli.asking import bound_to, plainly
from authority_portal.cli.progress import Progress, shown
from authority_portal.config import LOCAL
from authority_portal.domain.access.actor import Actor, system
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.reports.importing import batches, files, ledger, mapping, runs, times
from authority_portal.domain.reports.importing.mapping import Mapping
from authority_portal.domain.reports.importing.records import Frame
from authority_portal.domain.reports.importing.rejects import Rejects
from authority_portal.domain.reports.importing.rows import Reader
from authority_portal.domain.reports.importing.runs import Run
from authority_portal.foundation.db import transaction
from authority_portal.jobs import figures

import_ = AppGroup("import", help="Bring in what another system wrote.")


@dataclass(frozen=True, slots=True)
class Job:
    """One file to import into one authority."""

    file: Path
    mapping_file: Path
    rejected_to: Path
    authority: Card

    @property
    def by(self) -> Actor:
        return system(self.authority.id)


@import_.command("csv")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", "mapping_file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--authority", "slug", required=True, help="Slug of the authority, see `flask authority list`.")
@click.option("--rejected", "rejected_to", type=click.Path(dir_okay=False, path_type=Path), help="Where rejected rows go.")
@plainly
def csv(file: Path, mapping_file: Path, slug: str, rejected_to: Path | None) -> None:
    """Import FILE (CSV, plain or gzipped). Killed, it goes on where it stood; run twice, it adds nothing."""
    with bound_to(slug) as authority:
        target = rejected_to or LOCAL / "imports" / f"{slug}-{file.name.removesuffix('.gz').removesuffix('.csv')}.rejected.csv"
        run = carry_out(Job(file, mapping_file, target, authority), echo=click.echo)
        for line in run.tally.lines():
            click.echo(line)
        figures.catch_up(authority.id)
        if run.tally.rejected:
            click.echo(f"Rejected rows with their reasons: {target}")


def carry_out(job: Job, *, echo: Callable[[str], None]) -> Run:
    """Import the file from where it stood to its end; the authority is bound. Raises Invalid, Conflict."""
    plan = mapping.read(job.mapping_file)
    digest = files.digest(job.file, job.mapping_file)
    with transaction():
        run = runs.begin(plan.source, digest, by=job.by)
    if run.finished:
        echo(f"This file was imported with this mapping on {_words(run, job.authority)}: 0 rows added. What was done then:")
        return run
    if run.rows_done:
        echo(f"Going on after row {run.rows_done:,} of the import begun on {_words(run, job.authority)}.")
    job.rejected_to.parent.mkdir(parents=True, exist_ok=True)
    with shown(job.file.name, job.file.stat().st_size) as progress:
        _work(job, plan, run, progress)
    with transaction():
        runs.finish(run, hours=plan.category.response == "median", by=job.by)
        runs.refresh_statistics()
    if not run.tally.adds_up:
        raise click.ClickException(f"The counts do not add up: {run.tally.plain()}. Please report this as a bug.")
    return run


def _work(job: Job, plan: Mapping, run: Run, progress: Progress) -> None:
    with transaction():
        book = ledger.opened(job.authority.id, plan)
    clockwork = _clockwork(job, plan, run)
    frame = Frame(run.started_at, job.authority.bounds, book.groups)
    with files.opened(job.file, plan) as table, Rejects.kept(job.rejected_to, run.tally.rejected_bytes) as rejects:
        reader = Reader(plan, table.header, clockwork, frame)
        rows = (reader.read(number, cells) for number, cells in table.rows() if number > run.rows_done)
        for batch in batches.batches(rows):
            with transaction():
                written = batches.write(batch, run=run, ledger=book, authority=job.authority, by=job.by)
                # On disk before the commit: a kill in between leaves lines too many, which the next start cuts off.
                length = rejects.write(written.rejected)
                runs.advance(run, to_row=batch[-1].number, counted=written.counted, rejected_bytes=length)
            progress.at(table.at(), run.rows_done)


def _clockwork(job: Job, plan: Mapping, run: Run) -> times.Clockwork:
    zone = ZoneInfo(plan.time.zone)
    clockwork = times.Clockwork(plan.time.format, zone)
    if plan.time.shift == "none":
        return clockwork
    newest = files.newest_opening(job.file, plan, clockwork)
    # The run's own beginning decides, not the clock of a later start: a resumed run moves by the same weeks.
    shift = times.whole_weeks(newest, run.started_at, zone) if newest else timedelta(0)
    return times.Clockwork(plan.time.format, zone, shift)


def _words(run: Run, authority: Card) -> str:
    return f"{run.started_at.astimezone(ZoneInfo(authority.zone)):%Y-%m-%d %H:%M}"

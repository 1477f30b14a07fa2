"""`flask bench`: a large database to measure on, and what to ask of it. For databases that hold nothing else."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select

from authority_portal.cli.asking import bound_to, plainly
from authority_portal.cli.bench import seeding
from authority_portal.cli.bench.requests import Row, rows
from authority_portal.cli.bench.visiting import Visitor
from authority_portal.cli.demo import towns
from authority_portal.cli.demo.towns import BOSTON
from authority_portal.cli.import_ import Job, carry_out
from authority_portal.config import settings
from authority_portal.domain.access.actor import Actor, member
from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities import card
from authority_portal.domain.staff.models import Staff, StaffRole, TeamMember
from authority_portal.foundation.db import bound, db
from authority_portal.jobs import figures, map_cells

ACCOUNT = f"caseworker@{BOSTON.slug}.example"
LEAD = f"supervisor@{BOSTON.slug}.example"
bench = AppGroup("bench", help="A large database to measure on; see docs/performance.md.")


@bench.command("seed")
@click.option("--reports", type=click.IntRange(min=1_000), required=True, help="How many reports there will be.")
@plainly
def seed(reports: int) -> None:
    """Fill an empty database with Boston's reports, repeated with jitter: half in one authority, one in ten open."""
    if settings().ENV == "production":
        raise click.ClickException("production refuses the seed: everybody knows its passwords and keys.")
    if card.cards():
        raise click.ClickException("The seed wants an empty database: this one has authorities.")
    seeding.fill(reports, echo=click.echo)


@bench.command("stage")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--rounds", type=click.IntRange(min=1), default=7, help="How often each row will be measured.")
@plainly
def stage(file: Path, rounds: int) -> None:
    """Write the requests of every row to FILE, each tried once: its statements, its bytes, and whether it is answered."""
    with seeding.patiently():
        for authority in card.cards():
            # What the sweeper would have done since the seed was made: deadlines passed, and other periods are asked for.
            map_cells.refresh(authority.id)
            figures.catch_up(authority.id)
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # Flask has no other way
    desk, lead, stranger = Visitor(app, ACCOUNT), Visitor(app, LEAD), Visitor(app)
    with bound_to(BOSTON.slug):
        found = rows(desk, lead, stranger, by=_caseworker(), rounds=rounds + 1)
    written = [_tried(row, desk) for row in found]
    weight = desk.first_page_bytes("/reports?queue=all")
    file.write_text(json.dumps({"rows": written, "first_page_kb_gz": round(weight / 1000, 1)}))
    wrong = [row for row in written if not row["answered"]]
    for row in wrong:
        click.echo(f"{row['name']} is answered {row['found']}, not {row['status']}")
    if wrong:
        raise click.ClickException("Some rows are not answered as they should be.")


@bench.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@plainly
def import_(file: Path) -> None:
    """Import Boston's file into an authority of its own, beside the seed; FILE is told the rows and the seconds."""
    town = replace(BOSTON, slug="imported", name="Imported", prefix="IMP")
    founded = towns.found(town, click.echo)
    mapping_file = towns.DEMO / f"{BOSTON.slug}.toml"
    with bound(founded.id):
        towns.fill(town, founded, click.echo)
        began = time.perf_counter()
        run = carry_out(Job(town.path(town.file), mapping_file, file.with_suffix(".rejected.csv"), founded), echo=click.echo)
    file.write_text(json.dumps({"rows": run.tally.read, "seconds": time.perf_counter() - began}))


def _tried(row: Row, visitor: Visitor) -> dict[str, Any]:
    """The row for the load generator. Its first round is used up here: twice, so that what is kept per process is there."""
    trial = row.rounds[0]
    visitor.cost(trial[0])
    cost = visitor.cost(trial[1 % len(trial)])
    rounds = row.rounds[1:] or row.rounds
    return {
        "name": row.name,
        "status": row.status,
        "found": f"{cost.status} {cost.location}".strip(),
        "answered": cost.status == row.status and "/sign-in" not in cost.location,
        "sql": cost.sql,
        "bytes": cost.bytes,
        "rounds": [[ask.plain() for ask in asks] for asks in rounds],
    }


def _caseworker() -> Actor:
    person = db.session.execute(select(Staff.id, StaffRole.authority_id).join(StaffRole).where(Staff.email == ACCOUNT)).one()
    teams = db.session.scalars(
        select(TeamMember.team_id).where(TeamMember.staff_id == person.id, TeamMember.authority_id == person.authority_id)
    )
    return member(person.id, person.authority_id, [Role.CASEWORKER], team_ids=list(teams))

"""`flask demo load`: two authorities to look around in, once."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from authority_portal.cli.asking import plainly
from authority_portal.cli.demo import cast, past, towns
from authority_portal.cli.demo.towns import BOSTON, OTHERTON, DemoTown
from authority_portal.config import LOCAL, settings
from authority_portal.domain.access.actor import system
from authority_portal.domain.audit import trail
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.authorities import card
from authority_portal.domain.reports.importing import runs
from authority_portal.foundation.db import bind, bound, db, transaction

demo = AppGroup("demo", help="Real and invented data to look around in.")

LOADED = "demo:loaded"
REPORT = LOCAL / "demo-report.txt"


@demo.command("load")
@plainly
def load() -> None:
    """Load Boston and Otherton, unless they are there. Killed, it goes on where it stood."""
    if settings().ENV == "production":
        raise click.ClickException("production refuses the demo: everybody knows its passwords and keys.")
    said: list[str] = []

    def echo(line: str) -> None:
        said.append(line)
        click.echo(line)

    for town in (BOSTON, OTHERTON):
        _load(town, echo)
    if said:
        REPORT.parent.mkdir(parents=True, exist_ok=True)
        with REPORT.open("a", encoding="utf-8") as report:
            report.write("\n".join(said) + "\n")


def _load(town: DemoTown, echo: towns.Echo) -> None:
    bind(None)
    if _is_loaded(town.slug):
        click.echo(f"{town.name} is loaded already: nothing was added. What was done then stands in {REPORT}")
        return
    founded = towns.found(town, echo)
    with bound(founded.id):
        towns.fill(town, founded, echo)
        run = towns.import_reports(town, founded, echo)
        by = system(founded.id)
        # Everything after the import stands or falls together: a second start finds either nothing of it or all.
        with transaction():
            echo(f"  {towns.ask_questions(town, by)} typed questions on categories")
            parts = cast.CAST[town.slug]
            people = cast.move_in(town, by, parts)
            echo(f"  {len(people)} accounts at {town.slug}.example, the API key {town.api_key}")
            for line in past.invent(town, founded, run, people, parts):
                echo(f"  {line}")
            runs.refresh_statistics()
            trail.append(LOADED, subject="demo", by=by)
        echo(f"  {towns.count_map(founded.id)}")
        echo(f"  {towns.count_figures(founded.id)}")


def _is_loaded(slug: str) -> bool:
    known = next((each for each in card.cards() if each.slug == slug), None)
    if known is None:
        return False
    with bound(known.id):
        query = select(AuditLine.id).where(AuditLine.authority_id == known.id, AuditLine.action == LOADED).limit(1)
        return db.session.scalar(query) is not None

"""`flask retention`: how long residents' details are kept. Counts and times only; no command shows a value."""

from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from authority_portal.channels import wording
from authority_portal.cli.asking import bound_to, plainly
from authority_portal.domain.access.actor import system
from authority_portal.domain.authorities import card
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.rights import ledger, retention
from authority_portal.domain.rights.retention import Forecast
from authority_portal.domain.rights.rules import Mode
from authority_portal.domain.rights.subjects import FIRST
from authority_portal.foundation import journal, parsing
from authority_portal.foundation.db import transaction

group = AppGroup("retention", help="How long residents' details are kept, and erasing them in time.")

_authority = click.option("--authority", "slug", help="Only this one; otherwise all.")


@group.command("plan")
@_authority
@click.option("--as-of", help="A moment such as 2027-01-31T00:00:00Z; otherwise now.")
@plainly
def plan(slug: str | None, as_of: str | None) -> None:
    """What `run` would do, by rule and authority. Changes nothing."""
    at = _moment(as_of) if as_of else None
    for each in _slugs(slug):
        with bound_to(each) as authority:
            for line in _told(authority, retention.plan(authority=authority, at=at)):
                click.echo(line)


@group.command("run")
@_authority
@plainly
def run(slug: str | None) -> None:
    """Apply the rules now. The sweeper does the same once a day; running it again changes nothing more."""
    for each in _slugs(slug):
        with bound_to(each) as authority:
            told, erased = _run(authority)
            click.echo(f"{each}: {erased:,} residents' details erased, {told:,} residents told how long theirs are kept")


@group.command("mode")
@click.argument("mode", type=click.Choice([mode.value for mode in Mode]))
@click.option("--authority", "slug", required=True, help="Slug of the authority.")
@plainly
def mode(mode: str, slug: str) -> None:
    """Keep the contact while the report is open (`unless_open`), or erase it as the notice says (`literal`)."""
    with bound_to(slug) as authority, transaction():
        retention.set_mode(Mode(mode), authority=authority, by=system(authority.id))
    click.echo(f"{slug}: {mode}. `flask retention plan --authority {slug}` says what that means now.")


@group.command("replay")
@_authority
@click.option(
    "--journal",
    "source",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of one authority's journal; otherwise the one in the storage.",
)
@plainly
def replay(slug: str | None, source: Path | None) -> None:
    """After restoring a backup: erase again whom it brought back."""
    if source is not None and slug is None:
        raise click.UsageError("--journal belongs to one authority: name it with --authority.")
    for each in _slugs(slug):
        with bound_to(each) as authority:
            again = after_restore(authority, source)
        click.echo(f"{each}: {again:,} residents' details erased again")


def after_restore(authority: Card, source: Path | None = None) -> int:
    """Erase again, batch by batch, whom a restored backup brought back into the bound authority; returns how many."""
    again = 0
    for entry in ledger.read(journal.lines(source or journal.file(ledger.journal_of(authority)))):
        with transaction():
            again += ledger.replay([entry], authority=authority, by=system(authority.id))
    return again


def _run(authority: Card) -> tuple[int, int]:
    told, erased, after = 0, 0, FIRST
    while True:
        with transaction():
            done = retention.run_batch(authority=authority, spoken=wording.spoken(), by=system(authority.id), after=after)
        told, erased = told + done.told, erased + done.erased
        if done.next_after is None:
            return told, erased
        after = done.next_after


def _told(authority: Card, forecast: Forecast) -> list[str]:
    kept = ", ".join(f"{count:,} {keeps.value}" for keeps, count in sorted(forecast.kept.items())) or "none"
    oldest = forecast.oldest.date().isoformat() if forecast.oldest else "none"
    return [
        f"{authority.slug}: rule {forecast.rule} ({forecast.mode.value})",
        f"  erase now          {forecast.erased:>9,}",
        f"  tell now           {forecast.told:>9,}",
        f"  kept beyond period {sum(forecast.kept.values()):>9,}  {kept}",
        f"  within 30 days     {forecast.soon:>9,}",
        f"  oldest engagement  {oldest:>9}",
    ]


def _slugs(slug: str | None) -> list[str]:
    return [slug] if slug else [known.slug for known in card.cards()]


def _moment(text: str) -> datetime:
    try:
        return parsing.instant(text)
    except ValueError as error:
        raise click.UsageError(f"--as-of {error}") from None

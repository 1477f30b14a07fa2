"""`flask figures`: what the analytics page counts, made anew or compared with the reports."""

import click
from flask.cli import AppGroup

from authority_portal.cli.asking import plainly
from authority_portal.domain.analytics import keeping
from authority_portal.domain.authorities import card
from authority_portal.domain.authorities.card import Card
from authority_portal.foundation.db import bind, bound, db
from authority_portal.jobs import figures as job

figures = AppGroup("figures", help="The figures behind the analytics page.")
_one = click.option("--authority", "slug", help="Only this authority, see `flask authority list`.")


@figures.command("rebuild")
@_one
@plainly
def rebuild(slug: str | None) -> None:
    """Make the figures anew from the reports. Pages show the old ones until it is done."""
    for authority in _chosen(slug):
        click.echo(f"{authority.slug}: the figures of {job.rebuild(authority.id):,} reports made anew")


@figures.command("check")
@_one
@plainly
def check(slug: str | None) -> None:
    """Compare the figures with the reports; ends with 1 if they differ. What waits for the sweeper is no difference."""
    wrong = False
    for authority in _chosen(slug):
        with bound(authority.id):
            found = keeping.check(authority)
            db.session.rollback()
        more = "+" if len(found.reports) == keeping.MOST_WRONG else ""
        click.echo(f"{authority.slug}: {len(found.reports):,}{more} reports and {len(found.periods)} counts differ")
        for period, dimension in found.periods:
            click.echo(f"  {period.first} to {period.last} by {dimension}")
        wrong = wrong or bool(found)
    if wrong:
        raise click.ClickException("`flask figures rebuild` makes them true again.")


def _chosen(slug: str | None) -> tuple[Card, ...]:
    bind(None)
    return card.cards() if slug is None else (card.by_slug(slug),)

"""`flask authority`: councils of this installation."""

from pathlib import Path
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from authority_portal.cli.asking import bound_to, plainly
from authority_portal.domain.access.actor import system
from authority_portal.domain.authorities import areas, card, commands
from authority_portal.domain.authorities.models import Area, Category, Team
from authority_portal.domain.reports.commands import setup
from authority_portal.domain.reports.models import Report
from authority_portal.domain.staff.models import StaffRole
from authority_portal.foundation import parsing
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.errors import Conflict, Invalid
from authority_portal.foundation.geo import Box

authority = AppGroup("authority", help="Authorities of this installation.")


@authority.command("add")
@click.argument("slug")
@click.option("--name", required=True)
@click.option("--prefix", required=True, help="Two to four capital letters that begin every reference.")
@click.option("--zone", required=True, help="Time zone, such as Europe/London.")
@click.option("--locale", default="en_GB", show_default=True, help="Language of pages and messages.")
@click.option("--bounds", required=True, help="west,south,east,north in degrees; reports outside are refused.")
@click.option("--contact", default="", help="How residents reach the authority otherwise; stands below every message.")
@plainly
def add(slug: str, name: str, prefix: str, zone: str, locale: str, bounds: str, contact: str) -> None:
    """Found an authority with the standard workflow."""
    box = _checked(zone, bounds)
    bind(None)
    try:
        with transaction():
            made = commands.found(slug=slug, name=name, prefix=prefix, zone=zone, locale=locale, bounds=box, contact_text=contact)
    except IntegrityError as error:
        raise Conflict(_which(str(error.orig))) from None
    bind(made.id)
    with transaction():
        setup.standard_workflow(made.id)
    click.echo(f"{made.name} is founded. Next: flask authority areas, flask staff add, flask keys new, flask import csv.")


@authority.command("areas")
@click.argument("slug")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layer", default="area", show_default=True, help="`area` counts reports, `locality` names places.")
@click.option("--code", default="code", show_default=True, help="Property that is the area's code.")
@click.option("--name", default="name", show_default=True, help="Property that is the area's name.")
@plainly
def add_areas(slug: str, file: Path, layer: str, code: str, name: str) -> None:
    """Add the polygons of a GeoJSON FILE as one layer."""
    with bound_to(slug) as known, transaction():
        added = areas.add_layer(layer, file, code=code, name=name, by=system(known.id))
    click.echo(f"{added} areas added." if added else f"The layer {layer} is there already: nothing was added.")


@authority.command("list")
@plainly
def list_all() -> None:
    """Every authority in one line."""
    for each in card.cards():
        click.echo(f"{each.slug:<20} {each.prefix:<5} {each.zone:<22} {each.locale:<6} {each.name}")


@authority.command("show")
@click.argument("slug")
@plainly
def show(slug: str) -> None:
    """One authority: its settings and how much it has."""
    with bound_to(slug) as known:
        for label, value in (
            ("name", known.name),
            ("reference prefix", known.prefix),
            ("time zone", known.zone),
            ("locale", known.locale),
            ("bounds", f"{known.west:g},{known.south:g},{known.east:g},{known.north:g}"),
            ("undo window", "as the installation" if known.undo_seconds is None else f"{known.undo_seconds} s"),
            ("sender", known.mail_from or "as the installation"),
        ):
            click.echo(f"{label:<18} {value}")
        for label, model in (("areas", Area), ("teams", Team), ("categories", Category), ("reports", Report)):
            count = db.session.scalar(select(func.count()).select_from(model).where(model.authority_id == known.id))
            click.echo(f"{label:<18} {count:,}")
        people = select(func.count(StaffRole.staff_id.distinct())).where(StaffRole.authority_id == known.id)
        click.echo(f"{'staff':<18} {db.session.scalar(people):,}")


def _checked(zone: str, bounds: str) -> Box:
    wrong = {}
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        wrong["zone"] = "must be a time zone such as Europe/London"
    try:
        box = parsing.box(bounds)
    except ValueError as error:
        wrong["bounds"] = str(error)
    if wrong:
        raise Invalid(wrong)
    return box


def _which(violated: str) -> str:
    sentences = {
        "uq_authority_slug": "There is an authority of this slug already.",
        "uq_authority_prefix": "Another authority has this prefix; references must differ.",
        "ck_authority_slug": "slug: small letters, digits and dashes, beginning with a letter.",
        "ck_authority_prefix": "prefix: two to four capital letters.",
    }
    return next((sentence for name, sentence in sentences.items() if name in violated), "The database refused these values.")

"""The two demo authorities: founded, described, filled with reports."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import func, select

from authority_portal.cli.import_ import Job, carry_out
from authority_portal.config import CHECKOUT, LOCAL, settings
from authority_portal.domain.access.actor import Actor, system
from authority_portal.domain.authorities import areas, card, commands
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.authorities.models import Category, Question
from authority_portal.domain.reports.commands import setup
from authority_portal.domain.reports.importing.runs import Run
from authority_portal.domain.reports.models import Status
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.geo import Box
from authority_portal.jobs import figures, map_cells

Echo = Callable[[str], None]
DEMO = CHECKOUT / "demo"


@dataclass(frozen=True, slots=True)
class Layer:
    """A file of areas: which properties are the code and the name."""

    layer: str
    file: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class DemoTown:
    """What the demo says about an authority. `data` files lie in the demo's data folder, the others in `demo/`."""

    slug: str
    name: str
    prefix: str
    zone: str
    locale: str
    bounds: Box
    contact_text: str
    attribution: str
    api_key: str
    file: str
    layers: tuple[Layer, ...]
    from_data: bool = False

    def path(self, name: str) -> Path:
        """Where one of its files is."""
        return (data_folder() if self.from_data else DEMO) / name


BOSTON = DemoTown(
    slug="boston",
    name="City of Boston (demo)",
    prefix="BOS",
    zone="America/New_York",
    locale="en_US",
    bounds=Box(-71.20, 42.22, -70.98, 42.40),
    contact_text="This is a demo with old data. The City of Boston has nothing to do with it.",
    attribution="City of Boston (Analyze Boston); MassGIS",
    api_key="demo-open311-key",
    file="boston_311_2011.csv.gz",
    layers=(
        Layer("area", "boston_wards.geojson", "ward", "name"),
        Layer("locality", "boston_neighborhoods.geojson", "id", "name"),
    ),
    from_data=True,
)
OTHERTON = DemoTown(
    slug="otherton",
    name="Otherton District Council (demo)",
    prefix="OTH",
    zone="Europe/London",
    locale="en_GB",
    bounds=Box(-1.35, 52.27, -1.20, 52.39),
    contact_text="This is a demo. Otherton is invented.",
    attribution="",
    api_key="demo-open311-key-otherton",
    file="otherton.csv",
    layers=(
        Layer("area", "otherton_areas.geojson", "code", "name"),
        Layer("locality", "otherton_localities.geojson", "code", "name"),
    ),
)


def data_folder() -> Path:
    """The folder with the demo's data. Ends the command in words if there is none."""
    chosen = settings().DEMO_DATA
    places = [Path(chosen)] if chosen else [DEMO / "data", CHECKOUT.parent / "shared" / "data"]
    for place in places:
        if (place / BOSTON.file).is_file():
            return place
    looked = " and ".join(str(place) for place in places)
    raise click.ClickException(
        f"{BOSTON.file} is not in {looked}: put the demo's data there or set PORTAL_DEMO_DATA to their folder."
    )


def found(town: DemoTown, echo: Echo) -> Card:
    """The authority, founded if it is not there."""
    known = next((each for each in card.cards() if each.slug == town.slug), None)
    if known is not None:
        return known
    town.path(town.file)
    bind(None)
    with transaction():
        made = commands.found(
            slug=town.slug,
            name=town.name,
            prefix=town.prefix,
            zone=town.zone,
            locale=town.locale,
            bounds=town.bounds,
            contact_text=town.contact_text,
            attribution=town.attribution,
        )
    echo(f"{town.name}: founded")
    return made


def fill(town: DemoTown, founded: Card, echo: Echo) -> None:
    """Workflow and areas; the authority is bound. What is there stays."""
    with transaction():
        if not db.session.scalar(select(func.count()).where(Status.authority_id == founded.id)):
            setup.standard_workflow(founded.id)
        for layer in town.layers:
            added = areas.add_layer(layer.layer, town.path(layer.file), code=layer.code, name=layer.name, by=system(founded.id))
            echo(f"  {added} areas of the layer {layer.layer} from {layer.file}")


def import_reports(town: DemoTown, founded: Card, echo: Echo) -> Run:
    """The town's file, by its mapping, with the report in words."""
    rejected_to = LOCAL / "imports" / f"{town.slug}.rejected.csv"
    run = carry_out(Job(town.path(town.file), DEMO / f"{town.slug}.toml", rejected_to, founded), echo=echo)
    for line in run.tally.lines():
        echo(f"  {line}")
    return run


def ask_questions(town: DemoTown, by: Actor) -> int:
    """Put the typed questions on those of their categories that are there; returns how many."""
    wanted = tomllib.loads((DEMO / "questions.toml").read_text(encoding="utf-8"))[town.slug]
    query = select(Category.name, Category.id).where(Category.authority_id == by.authority_id)
    ids = {row.name: row.id for row in db.session.execute(query)}
    rows = [
        Question(authority_id=by.authority_id, category_id=ids[name], position=position, **question)
        for name, questions in wanted.items()
        if name in ids
        for position, question in enumerate(questions)
    ]
    db.session.add_all(rows)
    db.session.flush()
    return len(rows)


def count_map(authority_id: int) -> str:
    """Count the map's cells at once, so that the first look at the map does not wait for the sweeper."""
    return f"{map_cells.rebuild(authority_id):,} cells of the map counted"


def count_figures(authority_id: int) -> str:
    """The same for the figures of the analytics page."""
    return f"the figures of {figures.catch_up(authority_id):,} reports counted"

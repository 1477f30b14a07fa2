"""Authorities with their workflow, teams and categories."""

from dataclasses import dataclass, field

from authority_portal.domain.access.actor import Actor, system
from authority_portal.domain.authorities import commands
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.authorities.models import Category, Question, Team
from authority_portal.domain.reports.commands import setup
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.geo import Box, Point

BOUNDS = Box(-71.20, 42.22, -70.98, 42.40)
INSIDE = Point(42.3297, -71.0993)
PREFIXES = {"boston": "BOS", "otherton": "OTH", "thirdville": "THI"}


@dataclass
class Town:
    """An authority as tests use it."""

    card: Card
    statuses: dict[str, int]
    teams: dict[str, int] = field(default_factory=dict)
    categories: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> int:
        return self.card.id

    @property
    def house(self) -> Actor:
        """The house itself acting in this authority."""
        return system(self.card.id)


def a_town(slug: str = "boston", *, locale: str = "en_US", zone: str = "America/New_York") -> Town:
    """The standard workflow, teams `streets` and `parks`, categories `pothole` (public, 48 h) and `noise` (private)."""
    bind(None)
    with transaction():
        made = commands.found(
            slug=slug,
            name=f"City of {slug.title()}",
            prefix=PREFIXES.get(slug, slug[:3].upper()),
            zone=zone,
            locale=locale,
            bounds=BOUNDS,
            contact_text="Call 311.",
        )
    bind(made.id)
    with transaction():
        town = Town(made, setup.standard_workflow(made.id))
        for code in ("streets", "parks"):
            team = Team(authority_id=made.id, code=code, name=code.title(), department="Public Works")
            db.session.add(team)
            db.session.flush()
            town.teams[code] = team.id
        for code, visibility, hours in (("pothole", "public", 48), ("noise", "private", None)):
            town.categories[code] = _category(town, code, visibility, hours)
        db.session.add(
            Question(
                authority_id=made.id,
                category_id=town.categories["pothole"],
                code="depth",
                datatype="singlevaluelist",
                prompt="How deep is it?",
                options=[{"key": "hand", "name": "Deeper than a hand"}, {"key": "flat", "name": "Flat"}],
            )
        )
    return town


def _category(town: Town, code: str, visibility: str, hours: int | None) -> int:
    row = Category(
        authority_id=town.id,
        code=code,
        name=code.title(),
        group="Streets",
        team_id=town.teams["streets"],
        visibility=visibility,
        response_hours=hours,
    )
    db.session.add(row)
    db.session.flush()
    return row.id

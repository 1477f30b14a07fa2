"""How an authority is set up, for those who may read all of it: categories with their questions, teams, areas."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities.models import Area, Category, Question, Team
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Denied
from authority_portal.foundation.sentences import Sentence


@dataclass(frozen=True, slots=True)
class SeenCategory:
    """A category, where its reports go, and what it asks."""

    row: Category
    team: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class SeenArea:
    """An area, a point surely inside it, in degrees, and its size in square kilometres."""

    layer: str
    code: str
    name: str
    lat: float
    lon: float
    size: float


def check_may_read(by: Actor) -> None:
    """Raises Denied."""
    if not by.holds(Permission.CONFIG_READ):
        raise Denied(Sentence("Only administrators see how the authority is set up."))


def categories(*, by: Actor) -> list[SeenCategory]:
    """Every category, by group and name, those that take no new reports last. Two statements. Raises Denied."""
    check_may_read(by)
    asked: dict[int, list[Question]] = {}
    for question in db.session.scalars(
        select(Question).where(Question.authority_id == by.authority_id).order_by(Question.position, Question.id)
    ):
        asked.setdefault(question.category_id, []).append(question)
    rows = db.session.execute(
        select(Category, Team.name)
        .outerjoin(Team, and_(Team.authority_id == Category.authority_id, Team.id == Category.team_id))
        .where(Category.authority_id == by.authority_id)
        .order_by(Category.active.desc(), Category.group, Category.name, Category.id)
    )
    return [SeenCategory(row, team or "", tuple(asked.get(row.id, ()))) for row, team in rows]


def teams(*, by: Actor) -> Sequence[Team]:
    """Every team, by department and name. Raises Denied."""
    check_may_read(by)
    return db.session.scalars(
        select(Team).where(Team.authority_id == by.authority_id).order_by(Team.department, Team.name, Team.id)
    ).all()


def areas(*, by: Actor) -> list[SeenArea]:
    """Every area, by layer and name. One statement. Raises Denied."""
    check_may_read(by)
    point = func.ST_PointOnSurface(Area.shape)
    size = func.ST_Area(func.geography(Area.shape)) / 1_000_000
    rows = db.session.execute(
        select(Area.layer, Area.code, Area.name, func.ST_Y(point), func.ST_X(point), size)
        .where(Area.authority_id == by.authority_id)
        .order_by(Area.layer, Area.position, Area.name, Area.id)
    )
    return [SeenArea(*row) for row in rows]

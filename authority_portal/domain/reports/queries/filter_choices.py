"""What the queue's filters can be set to, with the names of it all: one statement for the page and every row on it."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, Text, cast, exists, literal, or_, select, union_all

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.authorities.models import Area, Category, Team
from authority_portal.domain.reports.filters import Known, Queue
from authority_portal.domain.reports.models import Status
from authority_portal.domain.reports.routing import AREA_LAYER
from authority_portal.domain.staff.models import Staff, StaffRole, TeamMember
from authority_portal.foundation import bell
from authority_portal.foundation.db import db

KEPT_SECONDS = 10.0
MOST_KEPT = 200

_kept: dict[tuple[Actor, int], tuple[float, "FilterChoices"]] = {}


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: `code` stands in addresses, `group` is its heading in a long list (a status: its group)."""

    id: int
    code: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What one actor may filter by, in the order of the page. `statuses` serve to name them."""

    categories: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    areas: tuple[Choice, ...]
    statuses: tuple[Choice, ...]
    people: tuple[tuple[UUID, str], ...]
    known: Known
    names: dict[tuple[str, int], str]
    """The name of each thing, by its kind and id."""


def of(*, by: Actor) -> FilterChoices:
    """Everything `by` may filter by. Kept for `by` until something of the authority is saved, and for ten seconds at most."""
    global _kept  # noqa: PLW0603  # one small cache per process, replaced as a whole
    version = bell.version(by.authority_id)
    if version is None:
        return _read(by)
    found = _kept.get((by, version))
    if found is None or time.monotonic() - found[0] > KEPT_SECONDS:
        if len(_kept) >= MOST_KEPT:
            _kept = {}
        # Saved first, counted second: what is read after the count is at least as new as the count says.
        found = _kept[by, version] = (time.monotonic(), _read(by))
    return found[1]


def anew(*, by: Actor) -> FilterChoices:
    """The same read now, whatever is kept: the bell rings after the commit, and can be lost."""
    return _read(by)


def _read(by: Actor) -> FilterChoices:
    lines = union_all(
        _lines("category", Category, Category.group, literal(0)).where(Category.authority_id == by.authority_id),
        _lines("team", Team, Team.department, literal(0)).where(Team.authority_id == by.authority_id),
        _lines("area", Area, literal(""), Area.position).where(Area.authority_id == by.authority_id, Area.layer == AREA_LAYER),
        _lines("status", Status, Status.group, Status.position).where(Status.authority_id == by.authority_id),
        _people(by),
    ).subquery()
    order = (lines.c.kind, lines.c.heading, lines.c.position, lines.c.name)
    found: dict[str, list[Choice]] = {kind: [] for kind in ("category", "team", "area", "status")}
    people: list[tuple[UUID, str]] = []
    for row in db.session.execute(select(lines).order_by(*order)):
        if row.kind == "person":
            people.append((UUID(row.code), row.name))
        else:
            found[row.kind].append(Choice(row.id, row.code, row.name, row.heading))
    categories, teams, areas = found["category"], found["team"], found["area"]
    known = Known(
        categories=frozenset(each.code for each in categories),
        teams=frozenset(each.code for each in teams),
        areas=frozenset(each.code for each in areas),
        people=frozenset(person for person, _ in people),
        queues=frozenset(queues(by)),
        places=sees_places(by),
    )
    names = {(kind, choice.id): choice.name for kind, choices in found.items() for choice in choices}
    return FilterChoices(tuple(categories), tuple(teams), tuple(areas), tuple(found["status"]), tuple(people), known, names)


def queues(by: Actor) -> tuple[Queue, ...]:
    """The tabs that can hold something for `by`. Who may not know holders is not told which reports have none."""
    without = set()
    if not by.team_ids:
        without.add(Queue.TEAM)
    if not by.holds(Permission.REPORT_READ_HOLDER):
        without.add(Queue.UNASSIGNED)
    return tuple(queue for queue in Queue if queue not in without)


def sees_places(by: Actor) -> bool:
    """Whether `by` may know any place, be it coarse."""
    return by.holds(Permission.REPORT_READ_PLACE) or by.holds(Permission.REPORT_READ_PLACE_COARSE)


def _lines(
    kind: str, model: type[Category] | type[Team] | type[Area] | type[Status], heading: Any, position: Any
) -> Select[*tuple[Any, ...]]:
    return select(
        literal(kind).label("kind"),
        model.id.label("id"),
        model.code.label("code"),
        model.name.label("name"),
        cast(heading, Text).label("heading"),
        cast(position, Integer).label("position"),
    )


def _people(by: Actor) -> Select[*tuple[Any, ...]]:
    """Those whose holding `by` may know: everybody here, one's own teams, or oneself alone."""
    query = select(
        literal("person").label("kind"),
        literal(0).label("id"),
        cast(Staff.id, Text).label("code"),
        Staff.name.label("name"),
        literal("").label("heading"),
        literal(0).label("position"),
    ).where(_works_here(by), Staff.disabled_at.is_(None))
    reach = by.reach(Permission.REPORT_READ_HOLDER)
    if reach is Reach.AUTHORITY:
        return query
    beside = exists().where(
        TeamMember.staff_id == Staff.id,
        TeamMember.authority_id == by.authority_id,
        TeamMember.team_id.in_(sorted(by.team_ids)),
    )
    return query.where(or_(beside, Staff.id == by.id) if reach is Reach.HELD else Staff.id == by.id)


def _works_here(by: Actor) -> ColumnElement[bool]:
    return exists().where(StaffRole.staff_id == Staff.id, StaffRole.authority_id == by.authority_id)

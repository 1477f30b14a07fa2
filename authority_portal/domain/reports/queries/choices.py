"""What can be chosen for one report: the steps of its workflow, the teams and the people it can be given to."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, and_, cast, literal, select, union_all

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.authorities.models import Team
from authority_portal.domain.reports import assignees, policy
from authority_portal.domain.reports.models import Status, StatusStep
from authority_portal.domain.reports.queries.report import SeenReport
from authority_portal.domain.reports.workflow import Group, Step
from authority_portal.domain.staff.models import Staff
from authority_portal.foundation import statements


@dataclass(frozen=True, slots=True)
class Choices:
    """What `by` may choose; empty where they may not act."""

    steps: tuple[Step, ...] = ()
    statuses: tuple[tuple[int, str, str], ...] = ()
    """Id, name and group of every status, to put names to what a form once saw."""
    teams: tuple[tuple[int, str], ...] = ()
    people: tuple[tuple[UUID, str], ...] = ()


def of(report: SeenReport, *, by: Actor) -> Choices:
    """The choices of `by` for `report`, in one statement; none if they may neither move nor assign it."""
    progress, assign = policy.may_progress(by, report), policy.may_assign(by, report)
    if not (progress or assign):
        return Choices()

    def build() -> Select[Any]:
        parts = [_steps(report), _statuses(report)] if progress else []
        parts += [_teams(report), _people(report, by)] if assign else []
        lines = union_all(*parts).subquery()
        return select(lines).order_by(lines.c.kind, lines.c.position, lines.c.name, lines.c.id)

    here = report.authority_id, report.status.id, report.assignee_id
    rows = statements.execute(("choices", by, progress, assign, *here), build).all()

    def kind(name: str) -> list[Any]:
        return [row for row in rows if row.kind == name]

    return Choices(
        tuple(
            Step(report.status.id, int(row.id), Group(row.group_name), row.name, row.needs_outcome, row.needs_note)
            for row in kind("step")
        ),
        tuple((int(row.id), row.name, row.group_name) for row in kind("status")),
        tuple((int(row.id), row.name) for row in kind("team")),
        tuple((UUID(row.id), row.name) for row in kind("person")),
    )


def _columns(
    kind: str, number: Any, name: Any, *, position: Any = 0, group: Any = "", outcome: Any = False, note: Any = False
) -> tuple[ColumnElement[Any], ...]:
    def column(value: Any) -> Any:
        return value if hasattr(value, "label") else literal(value)

    return (
        literal(kind).label("kind"),
        cast(number, Text).label("id"),
        name.label("name"),
        column(position).label("position"),
        column(group).label("group_name"),
        column(outcome).label("needs_outcome"),
        column(note).label("needs_note"),
    )


def _steps(report: SeenReport) -> Select[Any]:
    columns = _columns(
        "step",
        StatusStep.to_status_id,
        StatusStep.label,
        position=StatusStep.position,
        group=Status.group,
        outcome=StatusStep.needs_outcome,
        note=StatusStep.needs_note,
    )
    return (
        select(*columns)
        .join(Status, and_(Status.authority_id == StatusStep.authority_id, Status.id == StatusStep.to_status_id))
        .where(StatusStep.authority_id == report.authority_id, StatusStep.from_status_id == report.status.id)
    )


def _statuses(report: SeenReport) -> Select[Any]:
    columns = _columns("status", Status.id, Status.name, position=Status.position, group=Status.group)
    return select(*columns).where(Status.authority_id == report.authority_id)


def _teams(report: SeenReport) -> Select[Any]:
    return select(*_columns("team", Team.id, Team.name)).where(Team.authority_id == report.authority_id)


def _people(report: SeenReport, by: Actor) -> Select[Any]:
    return select(*_columns("person", Staff.id, Staff.name)).where(assignees.possible(report.assignee_id, by=by))

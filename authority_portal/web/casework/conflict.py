"""Somebody saved first: what stood when the form was opened, what stands now, and what was typed, side by side.

Each line is a radio whose values are the values themselves, so the form that is sent again is the same form, made from the
version that stands now.
"""

from dataclasses import dataclass
from typing import Any

from flask import g, render_template
from flask_babel import gettext
from werkzeug.wrappers import Response

from authority_portal.domain.reports.queries.report import by_reference
from authority_portal.domain.reports.queries.timeline import Entry, Kind
from authority_portal.web import htmx
from authority_portal.web.casework import naming
from authority_portal.web.casework.forms import AssignForm, StepForm
from authority_portal.web.casework.sheet import Sheet


@dataclass(frozen=True, slots=True, repr=False)
class Line:
    """One line. `theirs` and `mine` are value and words. Without `choice` it only tells; `barred` says why mine cannot be."""

    name: str
    label: Any
    opened: str
    theirs: tuple[str, str]
    mine: tuple[str, str]
    choice: bool = True
    take_mine: bool = True
    barred: str = ""


def answer(reference: str, form: StepForm | AssignForm) -> Response:
    """The page of the two versions: 409, or 403 for who may not save any more. With htmx it takes the place of all content."""
    sheet = Sheet(by_reference(reference, by=g.actor))
    lines = _step_lines(sheet, form) if isinstance(form, StepForm) else _holder_lines(sheet, form)
    last = next((entry for entry in sheet.entries if entry.kind in (Kind.STEP, Kind.ASSIGNMENT)), None)
    endpoint = "casework.change_status" if isinstance(form, StepForm) else "casework.assign"
    may_save = sheet.may_progress if isinstance(form, StepForm) else sheet.may_assign
    to_choose = any(line.choice and line.theirs[0] != line.mine[0] for line in lines)
    template = "casework/_conflict.html" if htmx.wants_fragment() else "casework/conflict.html"
    body = render_template(
        template,
        sheet=sheet,
        report=sheet.report,
        lines=lines,
        last=last,
        endpoint=endpoint,
        form=form,
        may_save=may_save,
        to_choose=to_choose,
    )
    made = htmx.fragment(body, 409 if may_save else 403)
    made.headers["HX-Retarget"], made.headers["HX-Reswap"] = "#main", "outerHTML"
    return made


def _step_lines(sheet: Sheet, form: StepForm) -> list[Line]:
    report, step = sheet.report, _last(sheet, Kind.STEP)
    names = {str(key): name for key, name, _ in sheet.choices.statuses}
    wanted = str(form.to.data or "")
    possible = wanted in {str(choice.to_status_id) for choice in sheet.choices.steps}
    lines = [
        Line(
            "to",
            gettext("Status"),
            names.get(form.seen_status.data or "", ""),
            (str(report.status.id), report.status.name),
            (wanted, names.get(wanted, "")),
            take_mine=possible,
            barred="" if possible else gettext("not possible from the status it has now"),
        ),
        _holding(sheet),
        _text("outcome", gettext("Outcome"), report.status.outcome or "", form.outcome.data or "", naming.OUTCOMES),
        _text("note", gettext("Words for the public"), step.words if step else "", form.note.data or ""),
        _text("reason", gettext("Reason, staff only"), step.reason if step else "", form.reason.data or ""),
    ]
    return [line for line in lines if line is not None]


def _holder_lines(sheet: Sheet, form: AssignForm) -> list[Line]:
    report = sheet.report
    teams = {"": gettext("No team"), **{str(key): name for key, name in sheet.choices.teams}, str(report.team_id): report.team}
    people = {"": gettext("Nobody"), **{str(key): name for key, name in sheet.choices.people}}
    if report.assignee_id is not None:
        people[str(report.assignee_id)] = report.holder
    team, person = str(report.team_id or ""), str(report.assignee_id or "")
    lines = [
        Line("", gettext("Status"), "", ("", report.status.name), ("", gettext("stands")), choice=False),
        _pick("team", gettext("Team"), teams, opened=form.seen_team.data or "", theirs=team, mine=form.team.data or ""),
        _pick(
            "assignee",
            gettext("Person"),
            people,
            opened=form.seen_assignee.data or "",
            theirs=person,
            mine=form.assignee.data or "",
        ),
        _text("reason", gettext("Reason, staff only"), "", form.reason.data or ""),
    ]
    return [line for line in lines if line is not None]


def _pick(name: str, label: str, words: dict[str, str], *, opened: str, theirs: str, mine: str) -> Line:
    """Where only one side changed something, that side is preset."""
    unknown = gettext("somebody else")
    return Line(
        name,
        label,
        words.get(opened, unknown),
        (theirs, words.get(theirs, unknown)),
        (mine, words.get(mine, unknown)),
        take_mine=mine != opened,
    )


def _text(name: str, label: str, theirs: str, mine: str, words: Any = None) -> Line | None:
    if not (theirs or mine):
        return None
    none = gettext("None")
    return Line(
        name,
        label,
        "",
        (theirs, str(words[theirs]) if words and theirs else theirs or none),
        (mine, str(words.get(mine, mine)) if words and mine else mine or none),
        take_mine=bool(mine),
    )


def _holding(sheet: Sheet) -> Line:
    with_ = ", ".join(filter(None, (sheet.report.holder, sheet.report.team))) or gettext("Nobody")
    return Line("", gettext("With"), "", ("", with_), ("", gettext("stands")), choice=False)


def _last(sheet: Sheet, kind: Kind) -> Entry | None:
    return next((entry for entry in sheet.entries if entry.kind is kind and entry.undone_at is None), None)

"""What can be done to a report: take a step, take it back or send it now, hand it on, write a note."""

from collections.abc import Callable
from typing import Any

from flask import abort, g, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.reports import policy
from authority_portal.domain.reports.commands import assignment, notes, publication, status
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.domain.reports.queries.report import Changed, by_reference, by_reference_for_update
from authority_portal.domain.reports.workflow import StepRefused
from authority_portal.foundation import parsing, sentences
from authority_portal.foundation.db import transaction
from authority_portal.foundation.errors import Conflict, Denied, Invalid, PortalError
from authority_portal.web import htmx
from authority_portal.web.casework import conflict, page
from authority_portal.web.casework.door import casework
from authority_portal.web.casework.forms import AssignForm, NoteForm, StepForm
from authority_portal.web.guard import requires
from authority_portal.web.rendering import said


class _Stands(PortalError):
    """After a conflict somebody let the other status stand: there is nothing to save."""


@casework.post("/<reference>/status")
@requires(Permission.REPORT_PROGRESS)
def change_status(reference: str) -> Any:
    """One step of the workflow."""
    form = StepForm()

    def step(report: Report) -> None:
        policy.check_may_progress(g.actor, report)
        if report.status_id == form.to.parsed:
            raise _Stands
        status.change(report, **form.step, authority=g.authority, by=g.actor)

    try:
        return _save(reference, "step", form, step)
    except _Stands:
        words = gettext("Nothing was saved: the status stands as it is. Your words are still in the form.")
        return page.answer(by_reference(reference, by=g.actor), "step", step=form, notice=words)


@casework.post("/<reference>/preview")
@requires(Permission.REPORT_PROGRESS)
def preview(reference: str) -> Any:
    """What will be read outside, from what is in the form now. Changes nothing, and refuses nothing that is half written."""
    report = by_reference(reference, by=g.actor)
    policy.check_may_progress(g.actor, report)
    return page.answer(report, "preview", step=StepForm())


@casework.post("/<reference>/undo")
@requires(Permission.REPORT_PROGRESS)
def undo(reference: str) -> Any:
    """Take back the last step, before anybody outside sees it."""
    return _with_change(reference, status.undo)


@casework.post("/<reference>/send-now")
@requires(Permission.REPORT_PROGRESS)
def send_now(reference: str) -> Any:
    """Let the last step out before its time."""
    return _with_change(reference, publication.send_now)


@casework.post("/<reference>/assign")
@requires(Permission.REPORT_ASSIGN)
def assign(reference: str) -> Any:
    """Hand the report to a team, a person, oneself, or back to nobody."""
    form = AssignForm()
    return _save(reference, "assignment", form, lambda report: assignment.give(report, **form.holder, by=g.actor))


@casework.post("/<reference>/notes")
@requires(Permission.REPORT_NOTE)
def write_note(reference: str) -> Any:
    """An internal note, on top of the timeline."""
    form = NoteForm()
    return _save(reference, "timeline", form, lambda report: notes.write(report, **form.note, by=g.actor))


def _save(reference: str, part: str, form: StepForm | AssignForm | NoteForm, act: Callable[[Report], object]) -> Response:
    """Lock the report, act, commit; whatever is in the way is answered beside the fields, with everything typed still there."""
    posted: dict[str, Any] = {"note" if part == "timeline" else part: form}
    if not form.validate():
        return _refused(reference, part, **posted)
    try:
        with transaction():
            report = by_reference_for_update(reference, version=form.from_version, by=g.actor)
            act(report)
    except Changed:
        return conflict.answer(reference, form)
    except (Invalid, Denied, StepRefused) as error:
        form.refuse_as(error)
        return _refused(reference, part, error, **posted)
    return _saved(reference, part)


def _with_change(reference: str, act: Callable[..., StatusChange]) -> Response:
    try:
        change_id = parsing.integer(request.args.get("change", ""))
    except ValueError:
        abort(400)
    try:
        with transaction():
            report = by_reference_for_update(reference, by=g.actor)
            act(report, change_id, by=g.actor)
    except (Conflict, Denied) as error:
        return page.answer(by_reference(reference, by=g.actor), None, _status_of(error), notice=said(sentences.of(error)))
    return _saved(reference)


def _saved(reference: str, part: str = "") -> Response:
    """To the page; with htmx a note comes back as its panel, and otherwise the browser goes there: a step changes every panel."""
    to = url_for("casework.show", reference=reference, _anchor="timeline" if part == "timeline" else None)
    if not htmx.wants_fragment():
        return redirect(to, code=303)
    if part == "timeline":
        return page.answer(by_reference(reference, by=g.actor), part)
    answer = Response(status=204)
    answer.headers["HX-Redirect"] = to
    return answer


def _refused(reference: str, part: str, error: Exception | None = None, **posted: Any) -> Response:
    return page.answer(by_reference(reference, by=g.actor), part, _status_of(error), **posted)


def _status_of(error: Exception | None) -> int:
    if isinstance(error, Denied):
        return 403
    return 409 if isinstance(error, Conflict | StepRefused) else 422

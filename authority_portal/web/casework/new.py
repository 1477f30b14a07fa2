"""Writing down a report that came by phone, at the counter, by letter, by e-mail or by social media."""

from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.reports.commands import intake, photos
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.queries import public
from authority_portal.domain.reports.workflow import Channel
from authority_portal.foundation.db import transaction
from authority_portal.foundation.errors import Conflict, Invalid
from authority_portal.web import htmx, maps, uploads
from authority_portal.web.casework import new_questions
from authority_portal.web.casework.door import casework
from authority_portal.web.casework.new_form import NewReportForm
from authority_portal.web.casework.new_questions import Questions
from authority_portal.web.guard import requires
from authority_portal.web.uploads import Uploads

SOURCE = "staff"
MOST_PHOTOS = 3


@casework.get("/new")
@requires(Permission.REPORT_RECORD)
def new() -> Any:
    """The empty form."""
    return _page(NewReportForm(formdata=None))


@casework.get("/new/questions")
@requires(Permission.REPORT_RECORD)
def new_questions_of() -> Any:
    """The questions of a category for htmx; without it the form with that category chosen."""
    code = request.args.get("category", "")
    questions = new_questions.of(code)
    if htmx.wants_fragment():
        return htmx.fragment(render_template("casework/_new_questions.html", questions=questions))
    return _page(NewReportForm(formdata=None, category=code), questions)


@casework.get("/new/map.js")
@requires(Permission.REPORT_RECORD)
def new_map_script() -> Response:
    """The script that Folium wrote for the map on which the place is chosen."""
    answer = Response(_shell().script, mimetype="text/javascript", headers={"Cache-Control": "private, max-age=86400"})
    answer.add_etag()
    return answer.make_conditional(request)


@casework.post("/new")
@requires(Permission.REPORT_RECORD)
def record() -> Any:
    """Save the report, or, without JavaScript, only show the questions of the chosen category."""
    form = NewReportForm()
    if "show" in request.form:
        return _page(form, new_questions.of(form.category.data or ""))
    sent = uploads.read("photos", most=MOST_PHOTOS)
    questions = new_questions.of(form.category.data or "")
    if not form.check(questions, sent.wrong) or questions is None:
        return _page(form, questions, 422, again=bool(sent.pictures))
    try:
        report = _save(form, questions, sent)
    except (Invalid, Conflict) as error:
        return _refused(form, questions, error)
    flash(gettext("The report is saved. Its reference is %(reference)s.", reference=report))
    return redirect(url_for(".show", reference=report), code=303)


def _shell() -> maps.Shell:
    return maps.shell(g.authority, "place", "place")


def _save(form: NewReportForm, questions: Questions, sent: Uploads) -> str:
    """The reference of the report: a new one, or the one that the first of two clicks made."""
    wish = intake.NewReport(
        category=questions.category,
        channel=Channel(form.channel.data),
        source=SOURCE,
        source_id=form.source_id,
        source_digest=form.digest(sent.raws),
        description=form.description.parsed,
        answers=form.answers,
        position=form.coordinates.parsed,
        address=form.address.parsed,
        contact=form.contact,
        received_at=form.received_at,
    )
    with uploads.stored(sent, g.actor.authority_id) as files, transaction():
        report = intake.receive(wish, authority=g.authority, by=g.actor)
        if not report.photos:
            _attach(report, files)
        return report.reference


def _attach(report: Report, files: uploads.Stored) -> None:
    for name, picture in files.pictures:
        photos.came_with(report, picture, name, by=g.actor)
    files.keep()


def _refused(form: NewReportForm, questions: Questions, error: Exception) -> tuple[str, int]:
    """Beside the field where there is one. A form that was saved before with other content becomes a new one."""
    if isinstance(error, Invalid):
        form.refuse({{"position": "coordinates"}.get(name, name): sentence for name, sentence in error.fields.items()})
        return _page(form, questions, 422, again=True)
    form.renew()
    form.form_errors.append(
        gettext("This form was saved before, with other content. Save again to make a second report of what it says now.")
    )
    return _page(form, questions, 409, again=True)


def _page(form: NewReportForm, questions: Questions | None = None, status: int = 200, *, again: bool = False) -> tuple[str, int]:
    """`again`: photos came along and have to be chosen once more, because a page cannot put files back into a form."""
    body = render_template(
        "casework/new.html",
        form=form,
        questions=questions,
        services=public.services(g.authority.id),
        map=_shell(),
        again=again,
        most_photos=MOST_PHOTOS,
    )
    return body, status

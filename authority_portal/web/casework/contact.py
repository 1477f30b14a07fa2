"""Revealing a contact detail: a reason, a line in the log, and only then the value, for a while."""

from typing import Any

from flask import g, redirect, request, url_for

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.people import reading
from authority_portal.domain.people.reading import FIELDS
from authority_portal.domain.reports import policy
from authority_portal.domain.reports.queries.report import by_reference
from authority_portal.foundation.db import transaction
from authority_portal.foundation.errors import NotFound
from authority_portal.foundation.sentences import Sentence
from authority_portal.web import htmx
from authority_portal.web.casework import page
from authority_portal.web.casework.door import casework
from authority_portal.web.casework.forms import RevealForm
from authority_portal.web.guard import requires


@casework.get("/<reference>/reveal")
@requires(Permission.REPORTER_REVEAL)
def ask_to_reveal(reference: str) -> Any:
    """Which reason? The panel with its question, alone or within the page."""
    report = by_reference(reference, by=g.actor)
    form = RevealForm(request.args)
    if form.field.data not in FIELDS or not policy.may_reveal(g.actor, report):
        raise NotFound(Sentence("There is no such detail."))
    return page.answer(report, "resident", reveal=form)


@casework.post("/<reference>/reveal")
@requires(Permission.REPORTER_REVEAL)
def reveal(reference: str) -> Any:
    """Log the reading and commit it; only then the panel may open the value."""
    report, form = by_reference(reference, by=g.actor), RevealForm()
    policy.check_may_reveal(g.actor, report)
    if not form.validate():
        return page.answer(report, "resident", 422, reveal=form)
    if report.reporter is not None:
        with transaction():
            reading.reveal(report.reporter.person_id, field=form.field.data, reason=form.reason.data, by=g.actor)
    if htmx.wants_fragment():
        return page.answer(by_reference(reference, by=g.actor), "resident")
    return redirect(url_for("casework.show", reference=report.reference, _anchor="resident"), code=303)

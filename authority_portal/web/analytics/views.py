"""The figures' page, and the same as a file."""

from typing import Any

from flask import Blueprint, Response, g, render_template

from authority_portal.domain.access.permissions import Permission
from authority_portal.web import errors
from authority_portal.web.analytics import asking, file, showing
from authority_portal.web.guard import requires

analytics = Blueprint("analytics", __name__)


@analytics.get("/analytics")
@requires(Permission.FIGURES_READ)
def overview() -> Any:
    """The first page: how much, how fast, how old."""
    asked = asking.asked()
    return render_template("analytics/page.html", **showing.page(asked, asking.answered(asked))), asked.status


@analytics.get("/analytics/figures.csv")
@requires(Permission.FIGURES_READ)
def table() -> Any:
    """The figures of the page as a file for spreadsheets."""
    asked = asking.asked()
    found = asking.answered(asked)
    if found is None:
        words = "; ".join(f"{name} {sentence}" for name, sentence in asked.wrong.items())
        return errors.answer(asked.status, words) if words else errors.answer(503, showing.counting_first())
    answer = Response(file.written(found), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{file.name(found, g.authority.slug)}"'
    return answer

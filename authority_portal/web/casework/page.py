"""The report page, and its parts as fragments of their own."""

from typing import Any

from flask import g, render_template
from werkzeug.wrappers import Response

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.reports.queries.report import SeenReport, by_reference
from authority_portal.web import htmx
from authority_portal.web.casework.door import casework
from authority_portal.web.casework.sheet import Sheet
from authority_portal.web.guard import requires

FRAGMENTS = ("step", "assignment", "timeline", "resident", "preview", "photos")


@casework.get("/<reference>")
@requires(Permission.REPORT_READ)
def show(reference: str) -> Any:
    """One report."""
    return answer(by_reference(reference, by=g.actor))


@casework.get("/<reference>/status", endpoint="step_panel", defaults={"part": "step"})
@casework.get("/<reference>/assign", endpoint="assignment_panel", defaults={"part": "assignment"})
@casework.get("/<reference>/notes", endpoint="timeline_panel", defaults={"part": "timeline"})
@requires(Permission.REPORT_READ)
def show_part(reference: str, part: str) -> Any:
    """One panel alone for htmx; without it the page, which holds the panel."""
    return answer(by_reference(reference, by=g.actor), part)


def answer(report: SeenReport, part: str | None = None, status: int = 200, **posted: Any) -> Response:
    """The page, or with htmx only the part that was asked for."""
    sheet = Sheet(report, **posted)
    fragment = part if part in FRAGMENTS and htmx.wants_fragment() else None
    sheet.fragment = fragment is not None
    if fragment in (None, "resident"):
        _ = sheet.details  # the reading is logged and committed before a single byte is made
    template = f"casework/_{fragment}.html" if fragment else "casework/report.html"
    return htmx.fragment(render_template(template, sheet=sheet, report=report), status)

"""The queue's page, its list, the preview of one report, the keys, the news."""

from typing import Any

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.reports.queries import queue as queries
from authority_portal.domain.reports.queries import report as reports
from authority_portal.web import htmx, live
from authority_portal.web.guard import requires
from authority_portal.web.queue import asking, showing
from authority_portal.web.queue.asking import Asked
from authority_portal.web.queue.door import queue


@queue.get("/reports")
@requires(Permission.REPORT_READ)
def index() -> Any:
    """The whole page."""
    asked = asking.asked(beside=frozenset({"panel"}))
    jump = _jump(asked)
    if jump is not None:
        return redirect(jump, code=303)
    return render_template("queue/page.html", **showing.page(asked, full="panel" in request.args)), asked.status


@queue.get("/reports/panel")
@requires(Permission.REPORT_READ)
def panel() -> Any:
    """The fields of the filter, fetched when somebody opens them."""
    asked = asking.asked()
    if not htmx.wants_fragment():
        return redirect(f"{url_for('.index', panel=1)}&{asking.address(asked.view)}", code=303)
    return render_template("queue/_panel.html", **showing.panel(asked, full=True))


@queue.get("/reports/list", endpoint="list")
@requires(Permission.REPORT_READ)
def rows() -> Any:
    """The list, its tabs and chips, for a page that is there already. Its address becomes the page's."""
    asked = asking.asked()
    jump = _jump(asked)
    if jump is not None:
        return _elsewhere(jump)
    if not htmx.wants_fragment():
        return redirect(f"{url_for('.index')}?{request.query_string.decode('ascii', 'replace')}", code=303)
    body = render_template("queue/_answer.html", **showing.list_(asked))
    here = f"{url_for('.index')}?{asking.address(asked.view)}"
    return htmx.fragment(body, asked.status, replace_url=None if asked.wrong or asked.cursor else here)


@queue.get("/reports/<reference>/preview")
@requires(Permission.REPORT_READ)
def preview(reference: str) -> Any:
    """One report in short, beside the list."""
    report = reports.by_reference(reference, by=g.actor)
    if not htmx.wants_fragment():
        return redirect(url_for("casework.show", reference=report.reference), code=303)
    return render_template("queue/_look.html", report=report, **showing.look(report))


@queue.get("/reports/keys")
@requires(Permission.REPORT_READ)
def keys() -> str:
    """What the keyboard can do."""
    return render_template("queue/keys.html")


@queue.get("/live")
@requires(Permission.REPORT_READ)
def news() -> Any:
    """What is new in the view since the list was made. Reached only when something changed (`web/live.py`)."""
    version = live.version(g.authority.id)
    if live.unchanged(version):
        return live.marked(Response(status=304), version)
    since = live.since()
    asked = asking.asked(beside=live.PARAMETERS)
    new, changed = (0, 0) if asked.wrong else queries.news(asked.question, since)
    body = render_template("queue/_news.html", new=new, changed=changed, since=since, here=asking.address(asked.view))
    return live.marked(Response(body, mimetype="text/html"), version)


def _jump(asked: Asked) -> str | None:
    """Where a typed reference leads: straight to its report, if it is theirs to see."""
    reference = queries.jump(asked.view.text, by=g.actor) if asked.view.text else None
    return None if reference is None else url_for("casework.show", reference=reference)


def _elsewhere(address: str) -> Response:
    answer = Response(status=204)
    answer.headers["HX-Redirect"] = address
    return answer

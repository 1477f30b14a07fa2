"""Residents: one report by its secret link, and an end to its messages. No account, no cookie, no script.

Every token that opens nothing gets the same answer, byte for byte, whatever is wrong with it.
"""

from typing import Any

from flask import Blueprint, abort, g, make_response, render_template, request
from werkzeug.wrappers import Response

from authority_portal.channels.wording import OUTCOMES
from authority_portal.domain.authorities import card
from authority_portal.domain.notifications import links, stopping
from authority_portal.domain.notifications.links import Link, Purpose
from authority_portal.domain.reports.queries import resident
from authority_portal.foundation.db import bind, transaction
from authority_portal.web.guard import public
from authority_portal.web.headers import from_anywhere
from authority_portal.web.residents.wording import NEXT

residents = Blueprint("residents", __name__)

ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""The field a mail program posts (RFC 8058)."""
LARGEST_BODY = 4 * 1024
"""Bytes: one field."""


@residents.after_request
def protect(answer: Response) -> Response:
    """The address is a secret: it is named to no other page, kept by nobody and found by no search engine."""
    # Without an origin a browser's own form would be refused; the path stays secret either way.
    answer.headers["Referrer-Policy"] = "strict-origin" if request.endpoint == "residents.unsubscribe" else "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@residents.get("/r/", defaults={"token": ""})
@residents.get("/r/<path:token>")
@public
def follow(token: str) -> Any:
    """Where the report stands and what happened."""
    link = _opened(token, "follow")
    if link is None:
        return _gone()
    report = resident.followed(link.report_id, link.authority_id)
    return render_template("residents/report.html", report=report, outcomes=OUTCOMES, next=NEXT)


@residents.get("/unsubscribe/", defaults={"token": ""})
@residents.get("/unsubscribe/<path:token>")
@public
def unsubscribe(token: str) -> Any:
    """Ask. Looking at the page, or a program looking ahead, changes nothing."""
    if _opened(token, "unsubscribe") is None:
        return _gone()
    return render_template("residents/unsubscribe.html", field=ONE_CLICK)


@residents.post("/unsubscribe/", defaults={"token": ""})
@residents.post("/unsubscribe/<path:token>")
@public
@from_anywhere
def stop(token: str) -> Any:
    """Do it. The token is all it takes: a mail program posts without cookie or form token (RFC 8058)."""
    request.max_content_length = LARGEST_BODY
    link = _opened(token, "unsubscribe")
    if link is None:
        return _gone()
    if request.form.get(ONE_CLICK[0]) != ONE_CLICK[1]:
        abort(400)
    with transaction():
        stopping.stop(link)
    return render_template("residents/stopped.html")


def _opened(token: str, purpose: Purpose) -> Link | None:
    """What a token opens; from then on its authority is bound, and the page speaks its language."""
    link = links.resolve(token, purpose)
    if link is not None:
        g.authority = card.by_id(link.authority_id)
        bind(link.authority_id)
    return link


def _gone() -> Response:
    return make_response(render_template("residents/gone.html"), 404)

"""Is it alive, is it ready, how is it doing, and in which colour."""

from flask import Blueprint, abort, jsonify
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from authority_portal.foundation import bell
from authority_portal.web.accent import AccentRefused, accent_css
from authority_portal.web.guard import public
from authority_portal.web.headers import KEPT
from authority_portal.web.ops import readiness, reading

ops = Blueprint("ops", __name__)


@ops.get("/healthz")
@public
def healthz() -> Response:
    """The process answers. Asks nobody else."""
    return jsonify(status="ok")


@ops.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """The database answers and is at least as new as the code. Redis may be away: that is said, but takes no process out."""
    try:
        ready = readiness.has_what_this_code_needs(readiness.revision())
    except DBAPIError:
        return jsonify(status="waiting for the database"), 503
    if not ready:
        return jsonify(status="waiting for migrations"), 503
    return jsonify(status="ok", bell="ok" if bell.version(0) is not None else "away"), 200


@ops.get("/metrics")
@public
def metrics() -> Response:
    """Figures for Prometheus, for those whom the settings name. To everybody else the address does not exist."""
    if not reading.may_read():
        abort(404)
    return reading.answer()


@ops.get("/accent/<digits>.css")
@public
def accent(digits: str) -> Response:
    """The stylesheet of an authority's colour: no inline style is possible, and the address says all, so it is kept for good."""
    try:
        return Response(accent_css(digits), mimetype="text/css", headers={"Cache-Control": KEPT})
    except AccentRefused:
        abort(404)

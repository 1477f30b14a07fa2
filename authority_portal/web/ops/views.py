"""Is it alive, is it ready, and in which colour."""

from flask import Blueprint, abort, jsonify
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from authority_portal.foundation import bell
from authority_portal.foundation.db import db
from authority_portal.web.accent import AccentRefused, accent_css
from authority_portal.web.guard import public
from authority_portal.web.headers import KEPT

ops = Blueprint("ops", __name__)


@ops.get("/healthz")
@public
def healthz() -> Response:
    """The process answers. Asks nobody else."""
    return jsonify(status="ok")


@ops.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """The database answers; Redis may be away, that is reported but is no reason to take this process out."""
    try:
        db.session.execute(text("SELECT 1"))
    except DBAPIError:
        return jsonify(status="waiting for the database"), 503
    return jsonify(status="ok", bell="ok" if bell.version(0) is not None else "away"), 200


@ops.get("/accent/<digits>.css")
@public
def accent(digits: str) -> Response:
    """The stylesheet of an authority's colour: no inline style is possible, and the address says all, so it is kept for good."""
    try:
        return Response(accent_css(digits), mimetype="text/css", headers={"Cache-Control": KEPT})
    except AccentRefused:
        abort(404)

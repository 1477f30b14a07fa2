"""Is it alive, is it ready, and in which colour."""

from functools import lru_cache

from alembic.script import ScriptDirectory
from flask import Blueprint, abort, jsonify
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from authority_portal.config import CHECKOUT
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
    """The database answers and is as new as the code. Redis may be away: that is said, but takes no process out."""
    try:
        revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        return jsonify(status="waiting for the database"), 503
    if revision != _newest_revision():
        return jsonify(status="waiting for migrations"), 503
    return jsonify(status="ok", bell="ok" if bell.version(0) is not None else "away"), 200


@ops.get("/accent/<digits>.css")
@public
def accent(digits: str) -> Response:
    """The stylesheet of an authority's colour: no inline style is possible, and the address says all, so it is kept for good."""
    try:
        return Response(accent_css(digits), mimetype="text/css", headers={"Cache-Control": KEPT})
    except AccentRefused:
        abort(404)


@lru_cache(maxsize=1)
def _newest_revision() -> str | None:
    """The last migration that this code brings along."""
    return ScriptDirectory(str(CHECKOUT / "migrations")).get_current_head()

"""Is it alive, is it ready."""

from flask import Blueprint, jsonify
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from authority_portal.foundation import bell
from authority_portal.foundation.db import db
from authority_portal.web.guard import public

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

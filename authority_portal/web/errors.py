"""The one place where failures become answers: a page, a fragment, or JSON, with the same status and the same words."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, g, jsonify, render_template, request
from flask_babel import gettext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from authority_portal.domain.reports.workflow import StepRefused
from authority_portal.foundation import sentences
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Busy, Conflict, Denied, Invalid, NotFound, PortalError
from authority_portal.web import counting
from authority_portal.web.rendering import said

STATUS: tuple[tuple[type[PortalError], int], ...] = (
    (NotFound, 404),
    (Denied, 403),
    (Invalid, 422),
    (Conflict, 409),
    (StepRefused, 409),
    (Busy, 503),
)
RETRY = {"Retry-After": "5"}
PAGES = frozenset({400, 403, 404, 405, 409, 413, 422, 429, 500, 503})
SPEAKERS: dict[str, Callable[[int, str], Response]] = {}
"""Doors that answer failures in a form of their own, by how their addresses begin: so also where no route is."""


def init_app(app: Flask) -> None:
    """Translate every expected failure, every HTTP error, and the database being away."""
    app.register_error_handler(PortalError, _expected)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _away)
    app.register_error_handler(PoolExhausted, _away)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _unexpected)


def answer(status: int, words: str = "") -> Any:
    """An error answer in the form this request wants."""
    for beginning, speak in SPEAKERS.items():
        if request.path.startswith(beginning):
            return speak(status, words), status
    if _wants_json():
        return jsonify(error={"status": status, "title": HTTPStatus(status).phrase, "detail": words}), status
    page = status if status in PAGES else (500 if status >= 500 else 400)
    return render_template(f"errors/{page}.html", words=words, status=status), status


def _expected(error: PortalError) -> Any:
    db.session.rollback()
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 400)
    body, status = answer(status, "" if status == 404 else _sentence(error))
    return body, status, RETRY if status == 503 else {}


def _sentence(error: PortalError) -> str:
    if isinstance(error, Invalid):
        return "; ".join(f"{name}: {said(sentence)}" for name, sentence in error.fields.items())
    return said(sentences.of(error))


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    made = answer(error.code)
    if isinstance(error.get_response(), Response) and "Allow" in error.get_response().headers:
        body, status = made
        return body, status, {"Allow": error.get_response().headers["Allow"]}
    return made


def _away(error: OperationalError | PoolExhausted) -> Any:
    """The database is away or too busy: nothing was saved, say so and ask to come back."""
    db.session.rollback()
    if isinstance(error, PoolExhausted):
        counting.pool_exhausted()
    body, status = answer(503, gettext("The service is busy or restarting. Nothing was saved; please try again in a moment."))
    return body, status, RETRY


def _database(error: DBAPIError) -> Any:
    db.session.rollback()
    if error.connection_invalidated:
        return _away(OperationalError(None, None, error.orig or error))
    return _unexpected(error)


def _unexpected(error: Exception) -> Any:
    db.session.rollback()
    structlog.get_logger("web").error(
        "unexpected error", request_id=g.get("request_id"), route=str(request.url_rule), exc_info=error
    )
    return answer(500)


def _wants_json() -> bool:
    return request.path.endswith((".json", ".geojson"))

"""What goes wrong at this door is answered in Open311's own form: a list of code and description, each naming its field."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException

from authority_portal.domain.reports.workflow import StepRefused
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Conflict, Denied, Invalid, NotFound, PortalError
from authority_portal.web import errors, limits
from authority_portal.web.limits import TooMany
from authority_portal.web.open311 import answers

STATUS: tuple[tuple[type[PortalError], int], ...] = (
    (NotFound, 404),
    (Denied, 403),
    (Invalid, 400),
    (Conflict, 422),
    (StepRefused, 409),
)


class Refused(Exception):
    """A request that cannot be taken: an HTTP status, and a sentence for every field that is wrong."""

    def __init__(self, status: int, fields: Mapping[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.status = status
        self.fields = fields


def register(door: Blueprint) -> None:
    """Let every failure behind this door come out in its form."""
    door.register_error_handler(Refused, _refused)
    door.register_error_handler(PortalError, _expected)
    door.register_error_handler(TooMany, _too_many)
    door.register_error_handler(HTTPException, _http)
    door.register_error_handler(Exception, _unexpected)
    errors.SPEAKERS[f"{door.url_prefix}/"] = _astray


def _refused(error: Refused) -> Any:
    db.session.rollback()
    return _counted() or _answer(error.status, [f"{field}: {sentence}" for field, sentence in error.fields.items()])


def _expected(error: PortalError) -> Any:
    status = next((code for kind, code in STATUS if isinstance(error, kind)), 400)
    if isinstance(error, Invalid):
        return _refused(Refused(status, error.fields))
    if isinstance(error, Conflict):
        named = "Idempotency-Key" if request.headers.get("Idempotency-Key") else "external_id"
        return _refused(Refused(status, {named: str(error)}))
    db.session.rollback()
    return _answer(status, [str(error)])


def _too_many(error: TooMany) -> Any:
    made = _answer(429, [error.words])
    made.headers["Retry-After"] = str(error.wait)
    return made


def _http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    return _counted() or _answer(error.code, [HTTPStatus(error.code).phrase])


def _counted() -> Any:
    """Refusals count like everything else, also those that came before anybody was counted. An answer to who had too many."""
    try:
        limits.open311()
    except TooMany as error:
        return _too_many(error)
    return None


def _astray(status: int, words: str) -> Any:
    """Where no route of ours is: the address alone says which form is meant."""
    form = "xml" if request.path.endswith(".xml") else "json"
    return _answer(status, [words or HTTPStatus(status).phrase], form=form)


def _unexpected(error: Exception) -> Any:
    db.session.rollback()
    if isinstance(error, OperationalError | PoolExhausted):
        made = _answer(503, ["The service is busy or restarting. Nothing was saved; please try again in a moment."])
        made.headers["Retry-After"] = "5"
        return made
    current_app.logger.error("unexpected error", exc_info=error, extra={"route": str(request.url_rule)})
    return _answer(500, ["Something went wrong here. Nothing was saved."])


def _answer(status: int, descriptions: list[str], *, form: str = "") -> Any:
    form = form or (request.view_args or {}).get("form", "json")
    return answers.answer("errors", [{"code": status, "description": text} for text in descriptions], form=form, status=status)

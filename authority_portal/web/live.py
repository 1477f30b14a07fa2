"""`/live`: has anything changed since? Asked by every open screen every second, so it is answered before session and database.

The page carries a signed key that names its authority and nothing else. The doorman in front of the application compares the
version the screen knows with the counter in Redis and answers 304 by itself. Only when something changed, when Redis is away
or when the key is not good does the request go on to the queue's door, where the session decides as everywhere.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from flask import request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from authority_portal.config import settings
from authority_portal.domain.audit.models import AuditLine
from authority_portal.foundation import bell, clock, parsing, sentences
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Invalid
from authority_portal.web import ingress

PATH = "/live"
PARAMETERS = frozenset({"k", "since"})
KEY_SECONDS = 12 * 60 * 60
"""As long as a session can last."""

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]


class Doorman:
    """WSGI middleware: says 304 to screens that know the present version, and lets everything else pass."""

    def __init__(self, behind: Application) -> None:
        self.behind = behind

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != PATH or environ.get("REQUEST_METHOD") != "GET":
            return self.behind(environ, start)
        known = environ.get("HTTP_IF_NONE_MATCH", "")
        if not known or known != _tag_by_redis(environ.get("QUERY_STRING", "")):
            return self.behind(environ, start)
        start("304 Not Modified", [("ETag", known), ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")])
        return ()


def key(authority_id: int) -> str:
    """The key a page carries. It opens nothing but the question whether something changed."""
    return str(_signer().dumps(authority_id))


def version(authority_id: int) -> str:
    """The version of an authority's reports: Redis's counter, or the newest line of its log while Redis is away."""
    counted = bell.version(authority_id)
    if counted is not None:
        return f"r{counted}"
    newest = db.session.scalar(select(func.max(AuditLine.id)).where(AuditLine.authority_id == authority_id))
    return f"d{newest or 0}"


def unchanged(now: str) -> bool:
    """Whether this request knows the version `now` already."""
    return request.headers.get("If-None-Match") == _tag(now)


def marked(answer: Response, now: str) -> Response:
    """The answer with the version it belongs to, read before its content."""
    answer.headers["ETag"] = _tag(now)
    return answer


def since() -> datetime:
    """From when the screen wants the news. Raises Invalid."""
    try:
        at = parsing.instant(request.args.get("since", ""))
    except ValueError as error:
        raise Invalid({"since": sentences.of(error)}) from error
    return min(at, clock.now())


def _tag(version_text: str) -> str:
    return f'"{version_text}"'


def _tag_by_redis(query: str) -> str | None:
    try:
        keys = parse_qs(query[: ingress.LONGEST_QUERY], max_num_fields=ingress.MOST_FIELDS).get("k", [])
        authority_id = _signer().loads(keys[0][:200], max_age=KEY_SECONDS) if len(keys) == 1 else None
    except (BadSignature, ValueError):  # a key that is not ours, or more fields than any view has
        return None
    counted = bell.version(authority_id) if isinstance(authority_id, int) else None
    return None if counted is None else _tag(f"r{counted}")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().SECRET_KEY, salt="live")

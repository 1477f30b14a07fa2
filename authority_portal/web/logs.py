"""Structured logs: one JSON line per event, with the request's id and never with personal data.

What is logged is a list, not a filter: route, method, status, time, authority. Never query strings, bodies, addresses, link
tokens or names.
"""

import re
import time
from uuid import uuid4

import structlog
from flask import Flask, g, request
from werkzeug.wrappers import Response

from authority_portal.config import settings
from authority_portal.domain.audit import trail
from authority_portal.foundation import logs

QUIET = ("static", "ops.healthz", "ops.readyz", "ops.metrics")
"""What machines ask for every few seconds."""

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")


def init_app(app: Flask) -> None:
    """Send this process's logs to standard error as JSON, and log every request once."""
    if not structlog.is_configured():
        logs.configure()
    log = structlog.get_logger("web")

    @app.before_request
    def begin() -> None:
        # Only a proxy of ours may name a request; what a stranger writes there could be the name of somebody else's.
        given = request.headers.get("X-Request-Id", "") if settings().TRUSTED_PROXIES else ""
        g.request_id = given if _ID.match(given) else uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=g.request_id)
        g.began = time.perf_counter()
        trail.request_id.set(g.request_id)

    @app.after_request
    def end(answer: Response) -> Response:
        answer.headers["X-Request-Id"] = g.get("request_id", "")
        if request.endpoint not in QUIET:
            log.info(
                "request",
                request_id=g.get("request_id"),
                route=str(request.url_rule or "none"),
                method=request.method,
                status=answer.status_code,
                ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
                authority=getattr(g.get("authority"), "slug", None),
            )
        return answer

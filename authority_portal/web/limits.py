"""How often somebody may come in a minute: counted in Redis, or in this process alone while Redis is away.

A minute begins with somebody's first request, so whoever is sent away learns when it ends. Redis sees keyed digests only,
neither addresses nor names nor tokens. Sign-in counts more strictly, in the database (`domain/staff/throttle.py`).
"""

import functools
import hashlib
import hmac
import math
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, make_response, render_template, request
from flask_babel import gettext
from flask_limiter import Limiter, RateLimitExceeded
from redis import RedisError

from authority_portal.config import settings
from authority_portal.foundation import clock
from authority_portal.web import addresses, errors, guard, htmx

WINDOW = 60
"""Seconds."""

PATIENCE = 0.1
"""Seconds that Redis gets to answer. One request at most pays them: then this process counts alone, and asks again later."""

COUNT_THEMSELVES = frozenset({"open311", "sign_in", "ops"})
"""Public doors that are not counted by network here: the first knows its clients, the second is throttled in the database,
and the third is asked by the machines of the house."""

STATIC = frozenset({"queue.basemap"})
"""A file like those below static/, for which no database is asked: a map wants dozens of its parts whenever it is moved."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class TooMany(Exception):
    """Somebody came too often. `wait`: seconds until they are let in again."""

    def __init__(self, wait: int) -> None:
        super().__init__("too many requests")
        self.wait = wait

    @property
    def words(self) -> str:
        """What the person or program that asked is told, in their language."""
        return gettext("Too many requests in a short time. It works again in %(wait)s s.", wait=self.wait)


def _network() -> str:
    return _digest("network", addresses.network())


def _actor() -> str:
    return _digest(g.actor.kind, str(g.actor.id))


def _digest(kind: str, value: str) -> str:
    return hmac.new(settings().SECRET_KEY.encode(), f"limits|{kind}|{value}".encode(), hashlib.sha256).hexdigest()[:32]


_limiter = Limiter(_network, strategy="fixed-window", in_memory_fallback_enabled=True, swallow_errors=True)


def _at_most(allowed: Callable[[], int], scope: str | Callable[[str], str], key: Callable[[], str]) -> Any:
    """Decorator of a function that counts one request each time it is called. An `allowed` of 0 counts nothing."""
    limit = _limiter.shared_limit(
        lambda: f"{allowed()}/minute", scope, key_func=lambda: g.counted_as, exempt_when=lambda: allowed() == 0
    )

    def of(nothing: Callable[[], None]) -> Callable[[], None]:
        hit = limit(nothing)

        @functools.wraps(nothing)
        def count() -> None:
            # Before the library, which takes every error for Redis being away and would let everybody pass.
            g.counted_as = key()
            hit()

        return count

    return of


@_at_most(lambda: settings().LIMIT_STRANGERS, lambda _: f"door-{request.blueprint}", _network)
def _by_network() -> None:
    """Each public door has a count of its own, so that a busy one closes no other."""


@_at_most(lambda: g.get("per_minute") or settings().LIMIT_CLIENT, "client", _actor)
def _by_client() -> None:
    """All that one API client does, with whichever of its keys and from wherever."""


@_at_most(lambda: settings().LIMIT_STAFF, "staff", _actor)
def _by_staff() -> None:
    """All that one member of staff changes. Their council may share one address, so that is not asked."""


@_at_most(lambda: settings().LIMIT_UPLOADS, "uploads", _actor)
def _uploads_by_staff() -> None:
    """Files cost seconds to decode."""


def init_app(app: Flask) -> None:
    """Count after the guard, which knows who comes, and before any view."""
    address = settings().REDIS_URL
    app.config["RATELIMIT_STORAGE_URI"] = f"redis+{address}" if address.startswith("unix:") else address
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {
        "retry": None,
        "socket_connect_timeout": PATIENCE,
        "socket_timeout": PATIENCE,
        "key_prefix": "limits",
    }
    # Taken as registered, the library adds no hook that would look at every request for limits which no route declares.
    app.extensions["limiter"] = {_limiter}
    _limiter.init_app(app)
    app.before_request(_count_visit)
    app.register_error_handler(TooMany, _sent_away)


def open311() -> None:
    """One request at the Open311 door: of the client whose key was good, or else of its network. Raises TooMany.

    Whoever asks again within the request counts nothing, unless the client got known in between.
    """
    one = _by_network if g.get("actor") is None else _by_client
    if g.get("counted_at_open311") is not one:
        g.counted_at_open311 = one
        _count(one)


def _count_visit() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    entry = view and guard.entry_of(view)
    if not entry:
        return
    if entry[0] != "staff":
        if request.blueprint not in COUNT_THEMSELVES and request.endpoint not in STATIC:
            _count(_by_network)
    elif request.method not in SAFE:
        _count(_by_staff)
        if request.files:
            _count(_uploads_by_staff)


def _count(one: Callable[[], None]) -> None:
    try:
        one()
    except RateLimitExceeded:
        raise TooMany(_wait()) from None


def _wait() -> int:
    """Seconds until the window of the limit that was just reached ends."""
    reached = _limiter.current_limit
    try:
        ends = reached.reset_at if reached else 0
    except RedisError:  # it went away between two questions
        ends = 0
    return min(WINDOW, max(1, math.ceil(ends - clock.now().timestamp()))) if ends else WINDOW


def _sent_away(error: TooMany) -> Any:
    """A page; for htmx a sentence above what the person typed, which stays."""
    if htmx.wants_fragment():
        answer = htmx.fragment(render_template("errors/_too_many.html", words=error.words), 429)
        answer.headers["HX-Reswap"] = "afterbegin"
        answer.headers["HX-Reselect"] = "unset"  # who asked wants a part of an answer that this is not
    else:
        answer = make_response(errors.answer(429, error.words))
    answer.headers["Retry-After"] = str(error.wait)
    return answer

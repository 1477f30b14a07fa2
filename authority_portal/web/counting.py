"""Counting requests in each web process: how many, how fast, and how often the database's pool was exhausted.

Labels are few and known: endpoints of our own, six methods, five classes of status. Nothing of a request's content is in them.
"""

import time
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from authority_portal import config

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds. Pages are meant to take less than 0.1; a statement is ended after 15."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
_NAME = "metrics"


class Counters:
    """The counters of one process. Made at its first request, because a forked worker must not share its parent's."""

    def __init__(self) -> None:
        """Without METRICS_FOLDER the process counts by itself, and `/metrics` tells of that process alone."""
        self._lock = Lock()

    @cached_property
    def folder(self) -> Path | None:
        """Where all web workers of this host count, or None."""
        return config.count_together()

    @cached_property
    def own(self) -> Any:
        """The registry of this process."""
        assert self.folder is None or self.folder.is_dir()
        from prometheus_client import CollectorRegistry

        return CollectorRegistry()

    @cached_property
    def requests(self) -> Any:
        """Counter by endpoint, method and class of status."""
        from prometheus_client import Counter

        labels = ("endpoint", "method", "status")
        return Counter("portal_requests", "Requests answered, by route.", labels, registry=self.own)

    @cached_property
    def seconds(self) -> Any:
        """Histogram by endpoint."""
        from prometheus_client import Histogram

        return Histogram("portal_request_seconds", "Time to an answer.", ("endpoint",), registry=self.own, buckets=BUCKETS)

    @cached_property
    def pool_timeouts(self) -> Any:
        """Counter of requests that got no connection in time."""
        from prometheus_client import Counter

        return Counter("portal_database_pool_timeouts", "Requests that got no database connection in time.", registry=self.own)

    def ready(self) -> "Counters":
        """Made once, also when the first requests come side by side."""
        with self._lock:
            _ = self.own, self.requests, self.seconds, self.pool_timeouts
        return self


def init_app(app: Flask) -> None:
    """Count every request of this application."""
    app.extensions[_NAME] = Counters()
    app.before_request(_begin)
    app.after_request(_count)


def counters() -> Counters:
    """Those of this process."""
    made = current_app.extensions[_NAME]
    assert isinstance(made, Counters)
    return made.ready()


def pool_exhausted() -> None:
    """A request got no connection in time."""
    counters().pool_timeouts.inc()


def _begin() -> None:
    g.counted_from = time.perf_counter()


def _count(answer: Response) -> Response:
    here = counters()
    # Whatever a stranger asks for that is not a route of ours is one endpoint: labels must not grow with what is typed.
    endpoint = request.endpoint or "none"
    method = request.method if request.method in METHODS else "other"
    here.requests.labels(endpoint, method, f"{answer.status_code // 100}xx").inc()
    here.seconds.labels(endpoint).observe(time.perf_counter() - g.get("counted_from", time.perf_counter()))
    return answer

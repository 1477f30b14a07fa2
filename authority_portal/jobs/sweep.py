"""The sweeper's loop: one leader per installation, found by an advisory lock, woken by the bell, never stopped by a failure.

Others wait for the lock, so a second host takes over within seconds. The lock lives on a connection of its own; when
PostgreSQL restarts, it is gone and everybody starts over. Two leaders for a moment would do no harm: rows are taken one by one.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import redis
import structlog
from flask import Flask
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from authority_portal.config import settings
from authority_portal.foundation import bell
from authority_portal.foundation.db import bind, db
from authority_portal.foundation.pulse import SWEEPER_LOCK
from authority_portal.jobs import each
from authority_portal.jobs.schedule import SCHEDULE, Periodic

log = structlog.get_logger("sweeper")

LOCK = SWEEPER_LOCK
"""Key of the advisory lock that the leader holds."""

LONGEST_WAIT = 1.0
"""Seconds between two looks when the bell is silent."""

SHORTEST_WAIT = 0.05
"""Seconds between two looks when the bell never stops."""

COMPLAIN_EVERY = 30.0
"""Seconds between two log lines about the same work failing in the same way."""


class Sweeper:
    """One sweeping process: waits for leadership, then works off the schedule until `stop` is set."""

    def __init__(self, app: Flask, stop: Event, schedule: tuple[Periodic, ...] = SCHEDULE) -> None:
        """`stop` ends the loop within about a second."""
        self._app, self._stop, self._schedule = app, stop, schedule
        self._due = {work.name: 0.0 for work in schedule}
        self._complained: dict[tuple[str, str, str], float] = {}
        self._bell = redis.Redis.from_url(
            settings().REDIS_URL, retry=None, socket_connect_timeout=0.3, socket_timeout=LONGEST_WAIT + 1
        )

    def run(self) -> None:
        """Until `stop` is set. Survives the database and Redis being away."""
        while not self._stop.is_set():
            try:
                with self._app.app_context(), self._lock_connection() as connection:
                    self._wait_for_leadership(connection)
                    self._lead(connection)
            except DBAPIError as error:
                self._complain("lead", error)
                self._stop.wait(LONGEST_WAIT)

    def _wait_for_leadership(self, connection: Connection) -> None:
        while not self._stop.is_set():
            if connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK}):
                log.info("leads")
                return
            self._stop.wait(LONGEST_WAIT)

    def _lead(self, connection: Connection) -> None:
        rung = True
        while not self._stop.is_set():
            connection.execute(text("SELECT 1"))  # fails when the lock is gone with its connection
            self.sweep(rung=rung)
            rung = self._wait()

    def sweep(self, *, rung: bool) -> None:
        """Do what is due, and what the bell is for if it `rung`. One failing work does not keep the others from running."""
        for work in self._schedule:
            began = time.monotonic()
            if began < self._due[work.name] and not (rung and work.at_the_bell):
                continue
            self._due[work.name] = began + work.every.total_seconds()
            with self._app.app_context():
                bind(None)
                try:
                    work.run()
                except each.SomeFailed as some:
                    for slug, error in some.failed.items():
                        self._complain(work.name, error, authority=slug)
                except Exception as error:
                    self._complain(work.name, error)

    def _wait(self) -> bool:
        """Until the bell rings (True) or the next work is due."""
        self._stop.wait(SHORTEST_WAIT)
        patience = max(0.01, min(LONGEST_WAIT, min(self._due.values()) - time.monotonic()))
        try:
            if self._bell.blpop([bell.SWEEPER], timeout=patience) is None:
                return False
            self._bell.delete(bell.SWEEPER)
        except redis.RedisError:
            self._stop.wait(patience)
            return False
        return True

    def _complain(self, work: str, error: Exception, *, authority: str = "") -> None:
        key, now = (work, type(error).__name__, authority), time.monotonic()
        if now - self._complained.get(key, -COMPLAIN_EVERY) >= COMPLAIN_EVERY:
            self._complained[key] = now
            of = {"authority": authority} if authority else {}
            log.warning("work failed", work=work, error=type(error).__name__, exc_info=error, **of)

    @contextmanager
    def _lock_connection(self) -> Iterator[Connection]:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            try:
                yield connection
            finally:
                connection.invalidate()  # the lock must not go back into the pool with its connection

"""The figures of the whole house for `/metrics`: asked of the database and the bell at each reading, by one collector.

Workers and the sweeper count nothing themselves: what waits, what failed and who sweeps stands in the database, and stays right
when a process dies. Each group is asked for by itself, so that one that cannot answer does not hide the others.
"""

from collections.abc import Callable, Iterator
from typing import Any

import redis
import structlog
from prometheus_client.core import GaugeMetricFamily
from rq import Queue
from sqlalchemy.exc import SQLAlchemyError

from authority_portal.domain.notifications import pulse as messages
from authority_portal.domain.reports.events import PhotoWanted
from authority_portal.foundation import bell, pulse
from authority_portal.foundation.db import db
from authority_portal.web.ops import readiness

QUEUES = ("messages", "errands")
"""Names of the queues on Redis; `tests/web/ops` compares them with those of the jobs, which the web does not see."""

log = structlog.get_logger("metrics")


class House:
    """A collector of prometheus-client, used inside an application context with no authority bound."""

    def collect(self) -> Iterator[Any]:
        """Every figure that can be had now. `portal_database_up` and `portal_bell_up` are always among them."""
        answered = True
        for group in (_schema, _processes, _events, _messages):
            try:
                yield from list(group())
            except SQLAlchemyError as error:
                answered = False
                log.warning("figures missing", group=group.__name__.strip("_"), error=type(error).__name__)
            db.session.rollback()
        yield _gauge("portal_database_up", "Whether the database answered all of this.", int(answered))
        yield from _bell()


def _schema() -> Iterator[Any]:
    ready = readiness.has_what_this_code_needs(readiness.revision())
    yield _gauge("portal_schema_ready", "Whether the database has every migration of this code.", int(ready))


def _processes() -> Iterator[Any]:
    age = pulse.sweeper_age()
    yield _gauge("portal_sweeper_leads", "Whether a sweeper leads.", int(age is not None))
    if age is not None:
        yield _gauge("portal_sweeper_age_seconds", "Since the leading sweeper last gave a sign of life.", age.total_seconds())
    family = GaugeMetricFamily(
        "portal_database_connections", "Connections of our processes to the database.", labels=("process", "state")
    )
    for row in pulse.connections():
        family.add_metric((row.process, row.state), row.n)
    yield family
    size, overflow = readiness.pool_size()
    yield _gauge("portal_database_pool_limit", "Connections that each process may hold.", size + overflow)


def _events() -> Iterator[Any]:
    rows = pulse.events()
    columns: tuple[tuple[str, str, Callable[[pulse.Waiting], float]], ...] = (
        ("portal_events_due", "Events of the outbox that are due and not acted upon.", lambda row: row.due),
        (
            "portal_events_later",
            "Events whose time has not come: undo window, or waiting after a failure.",
            lambda row: row.later,
        ),
        ("portal_events_failing", "Waiting events that failed at least once.", lambda row: row.failing),
        ("portal_events_oldest_seconds", "Age of the oldest event that is due.", lambda row: row.oldest),
    )
    for name, words, value in columns:
        family = GaugeMetricFamily(name, words, labels=("kind",))
        for row in rows:
            family.add_metric((row.kind,), value(row))
        yield family
    causes = GaugeMetricFamily("portal_event_failures", "Waiting events by kind of error.", labels=("kind", "cause"))
    for failing in pulse.failing_events():
        causes.add_metric((failing.kind, failing.cause), failing.n)
    yield causes
    photos = sum(row.due + row.later for row in rows if row.kind == PhotoWanted.__name__)
    yield _gauge("portal_photos_waiting", "Photos that were sent as an address and are not fetched yet.", photos)


def _messages() -> Iterator[Any]:
    rows = messages.waiting()
    columns: tuple[tuple[str, str, Callable[[messages.Waiting], float]], ...] = (
        ("portal_messages_due", "Messages that are due and have not left.", lambda row: row.due),
        ("portal_messages_later", "Messages that wait for their next attempt or are being sent.", lambda row: row.later),
        ("portal_messages_refused", "Messages on their way that were refused at least once.", lambda row: row.refused),
        ("portal_messages_oldest_seconds", "Age of the oldest message that is due.", lambda row: row.oldest),
    )
    for name, words, value in columns:
        family = GaugeMetricFamily(name, words, labels=("channel",))
        for row in rows:
            family.add_metric((row.channel,), value(row))
        yield family
    causes = GaugeMetricFamily(
        "portal_message_failures",
        "Messages that did not leave: waiting, or ended within a day.",
        labels=("channel", "state", "cause"),
    )
    for trouble in messages.troubles():
        causes.add_metric((trouble.channel, trouble.state, trouble.cause), trouble.n)
    yield causes


def _bell() -> Iterator[Any]:
    depth = GaugeMetricFamily("portal_queue_jobs", "Jobs on Redis that no worker took yet.", labels=("queue",))
    answers = True
    try:
        for name in QUEUES:
            depth.add_metric((name,), len(Queue(name, connection=bell.connection(), serializer="json")))
    except redis.RedisError:
        answers = False
    if answers:
        yield depth
    yield _gauge("portal_bell_up", "Whether Redis answers.", int(answers))


def _gauge(name: str, words: str, value: float) -> Any:
    return GaugeMetricFamily(name, words, value=value)

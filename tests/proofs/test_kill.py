"""Nothing lost, nothing stuck, every copy marked: real processes while workers are killed, Redis vanishes and SMTP refuses.

Small size in `make test`; `PORTAL_PROOF=full` runs 200 messages.
"""

import os
import random
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from sqlalchemy import text

from authority_portal.config import LOCAL
from authority_portal.domain.people.contact import Contact
from authority_portal.foundation.db import bind, db
from authority_portal.servers import Redis, give_to_account
from authority_portal.services import known_place
from tests.builders.authorities import a_town
from tests.builders.processes import children, workers
from tests.builders.reports import a_report
from tests.builders.smtp import Sink, a_sink

pytestmark = pytest.mark.usefixtures("committed")

LEASE = 4
KILL_EVERY = 0.5
WORKERS = 3


@dataclass(frozen=True)
class Size:
    """How much is sent, and for how many seconds it is disturbed. Half of the messages are news after an acknowledgement."""

    reports: int
    disturbed: float
    patience: float


SIZE = Size(100, 30.0, 120.0) if os.environ.get("PORTAL_PROOF") == "full" else Size(20, 10.0, 60.0)


@pytest.fixture
def own_redis(servers: object) -> Iterator[Redis]:
    """A Redis that nobody else uses: it is killed in this test."""
    folder = (known_place() or LOCAL) / "test" / "services" / f"kill-{os.getpid()}"
    folder.mkdir(mode=0o700)
    give_to_account(folder)
    made = Redis(folder, "test")
    made.start()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Disturber:
    """Kills a child every half second; meanwhile empties Redis, kills and restarts it, and lets SMTP refuse for a while."""

    def __init__(self, supervisor: int, own_redis: Redis, sink: Sink) -> None:
        self.supervisor, self.redis, self.sink = supervisor, own_redis, sink
        self.kills = 0
        self.chance = random.Random(7)
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.kill, self.take_away)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join()

    def kill(self) -> None:
        for _ in range(int(SIZE.disturbed / KILL_EVERY)):
            self.kill_one()
            time.sleep(KILL_EVERY)

    def take_away(self) -> None:
        for work in (
            self.flush,
            self.restart_redis,
            lambda: self.refuse(yes=True),
            lambda: self.refuse(yes=False),
        ):
            time.sleep(SIZE.disturbed / 5)
            work()

    def kill_one(self) -> None:
        alive = children(self.supervisor)
        if alive:
            with suppress(ProcessLookupError):
                os.kill(self.chance.choice(alive), signal.SIGKILL)
                self.kills += 1

    def flush(self) -> None:
        redis.Redis(unix_socket_path=str(self.redis.socket)).flushall()

    def restart_redis(self) -> None:
        for pid in self.redis._processes():
            os.kill(pid, signal.SIGKILL)
        time.sleep(1)
        self.redis.start()

    def refuse(self, *, yes: bool) -> None:
        self.sink.at_data = (lambda _address: "451 4.3.2 not now") if yes else (lambda _address: None)


def counts() -> dict[str, int]:
    """How many messages are in which state, and how many events wait."""
    bind(None)
    rows = dict(db.session.execute(text("SELECT state, count(*) FROM message_dispatch GROUP BY state")).all())
    rows["events"] = db.session.scalar(text("SELECT count(*) FROM outbox_event WHERE state = 'pending'")) or 0
    db.session.rollback()
    return rows


def test_nothing_is_lost_nothing_is_stuck_and_every_copy_is_marked(
    environment: dict[str, str], own_redis: Redis, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    town = a_town()
    everybody = [f"r{number}@example.org" for number in range(SIZE.reports)]
    with a_sink(takes_ms=10) as sink:
        env = environment | {
            "PORTAL_REDIS_URL": f"unix://{own_redis.socket}",
            "PORTAL_SMTP_URL": sink.url,
            "PORTAL_WORKERS": str(WORKERS),
            "PORTAL_LEASE_SECONDS": str(LEASE),
        }
        with workers(env, log) as supervisor:
            disturber = Disturber(supervisor.pid, own_redis, sink)
            disturber.start()
            began = time.monotonic()
            for number, address in enumerate(everybody):
                a_report(town, contact=Contact(email=address, channel="email"), to="in_progress")
                # Spread over the time of disturbance, so that something is on its way at every moment.
                time.sleep(max(0.0, began + SIZE.disturbed * 0.9 * (number + 1) / SIZE.reports - time.monotonic()))
            disturber.join()
            until = time.monotonic() + SIZE.patience
            while counts() != {"sent": 2 * SIZE.reports, "events": 0} and time.monotonic() < until:
                time.sleep(0.2)
            took = time.monotonic() - began

    assert counts() == {"sent": 2 * SIZE.reports, "events": 0}, log.read_text()[-3000:]
    copies = Counter((address, str(mail["Message-ID"])) for address, mail in sink.took)
    per_person = Counter(address for address, _ in copies)
    assert per_person == Counter(dict.fromkeys(everybody, 2))  # 0 lost
    for address in everybody:
        firsts = list(dict.fromkeys(str(mail["Subject"]).partition(" ")[0] for mail in sink.to(address)))
        assert firsts == ["We", "Your"]  # none overtook
    duplicates = sum(copies.values()) - len(copies)
    ambiguous = db.session.scalar(text("SELECT coalesce(sum(ambiguous), 0) FROM message_dispatch")) or 0
    figures = f"{2 * SIZE.reports} messages, {disturber.kills} kills, {duplicates} duplicates, {ambiguous} marked, {took:.1f} s"
    print(f"kill test: {figures}")
    assert duplicates <= disturber.kills
    assert duplicates <= ambiguous

"""What goes wrong, and when: kills at an even pace, and everything else once each, spread over the same time in random order."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import redis

from tests.builders.processes import children
from tests.builders.smtp import HangUp
from tests.proofs.kill.stage import Portal, restart


@dataclass(frozen=True)
class Plan:
    """How much is disturbed. `seconds`: how long it takes altogether."""

    seconds: float
    kills: int
    flushes: int
    redis_kills: int
    restarts: int


class Disturber:
    """Kills web workers, delivery workers and the sweeper; empties and kills Redis; pulls PostgreSQL's plug; upsets SMTP."""

    def __init__(self, portal: Portal, plan: Plan) -> None:
        self.portal, self.plan = portal, plan
        self.kills = self.cuts = 0
        self.broken: list[BaseException] = []
        self.chance = random.Random(7)
        self.threads = [threading.Thread(target=self._guarded, args=(work,), daemon=True) for work in (self._kill, self._upset)]

    def start(self) -> None:
        """Begin."""
        for thread in self.threads:
            thread.start()

    def join(self) -> None:
        """Wait until it is over. What broke in the disturber itself breaks the test."""
        for thread in self.threads:
            thread.join()
        self._smtp_is_kind()
        assert not self.broken, self.broken
        assert self.kills == self.plan.kills, "there was nobody to kill"

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # a thread's failure must reach the test
            self.broken.append(error)

    def _kill(self) -> None:
        pause = self.plan.seconds / self.plan.kills
        ends = time.monotonic() + 3 * self.plan.seconds
        while self.kills < self.plan.kills and time.monotonic() < ends:
            # The masters are left alone: systemd or a container's supervisor brings them back, which is not ours to prove.
            alive = children(self.portal.web.pid) + children(self.portal.supervisor.pid)
            if alive:
                with suppress(ProcessLookupError):
                    os.kill(self.chance.choice(alive), signal.SIGKILL)
                    self.kills += 1
            time.sleep(pause)

    def _upset(self) -> None:
        works = [
            *[self._flush] * self.plan.flushes,
            *[self._kill_redis] * self.plan.redis_kills,
            *[lambda: restart(self.portal.postgres)] * self.plan.restarts,
            self._smtp_refuses,
            self._smtp_hangs_up,
        ]
        self.chance.shuffle(works)
        for work in works:
            time.sleep(self.plan.seconds / (len(works) + 1))
            work()

    def _flush(self) -> None:
        with suppress(redis.ConnectionError):
            redis.Redis(unix_socket_path=str(self.portal.redis.socket)).flushall()

    def _kill_redis(self) -> None:
        for pid in self.portal.redis._processes():
            os.kill(pid, signal.SIGKILL)
        time.sleep(1)
        self.portal.redis.start()

    def _smtp_refuses(self) -> None:
        self.portal.sink.at_data = lambda _address: "451 4.3.2 not now"
        time.sleep(2)
        self._smtp_is_kind()

    def _smtp_hangs_up(self) -> None:
        """Every third message is cut off, half of these after the server took it: the cases that nobody can tell apart."""
        chance = random.Random(11)

        def cut(_address: str) -> None:
            if chance.random() < 1 / 3:
                self.cuts += 1
                raise HangUp(keeps=chance.random() < 0.5)

        self.portal.sink.at_data = cut
        time.sleep(2)
        self._smtp_is_kind()

    def _smtp_is_kind(self) -> None:
        self.portal.sink.at_data = lambda _address: None

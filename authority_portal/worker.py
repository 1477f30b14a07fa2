"""`python -m authority_portal.worker`: the sweeper and the workers of one host, kept alive until SIGTERM or Ctrl-C.

The supervisor has no connections and no threads; it only imports, so that a child is forked within milliseconds and shares the
memory of the code. Each child makes its own application. A child that dies is replaced, the sooner the longer it had lived.
"""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from types import FrameType
from typing import NoReturn

import structlog

from authority_portal.app import create_app
from authority_portal.config import settings
from authority_portal.foundation import logs
from authority_portal.jobs import listening, queues
from authority_portal.jobs.sweep import Sweeper

log = structlog.get_logger("supervisor")

PATIENCE = 10.0
"""Seconds that children get to end by themselves."""

LONG_LIFE = 10.0
"""Seconds after which a death is not counted as one of a series."""

FIRST_WAIT, WAIT_AFTER_SIGNAL, LONGEST_WAIT = 0.1, 1.0, 30.0
"""Seconds before a replacement: doubled with every death of a series. Who was killed comes back sooner than who broke."""

_PR_SET_PDEATHSIG = 1


def sweep() -> None:
    """A child's life as the sweeper."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: stop.set())
    Sweeper(create_app(process="portal-sweeper"), stop).run()


def listen_to(queue: str) -> Callable[[], None]:
    """A child's life as a worker of one queue."""

    def work() -> None:
        listening.listen(create_app(process=f"portal-worker-{queue}"), queue)

    return work


@dataclass
class Place:
    """A place that is always filled by one child."""

    name: str
    life: Callable[[], None]
    pid: int = 0
    began: float = 0.0
    deaths: int = 0
    next_at: float = field(default=0.0)


class Supervisor:
    """Fills every place, and fills it again."""

    def __init__(self, places: list[Place]) -> None:
        """`run` starts them."""
        self._places = places
        self._asked = False

    def run(self) -> None:
        """Until SIGTERM or SIGINT. Then the children are asked to end, and made to after PATIENCE."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)
        while not self._asked:
            for place in self._places:
                if not place.pid and time.monotonic() >= place.next_at:
                    self._fill(place)
            self._bury()
            time.sleep(0.05)
        self._end()

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True

    def _fill(self, place: Place) -> None:
        pid = os.fork()
        if pid == 0:
            _live(place)
        place.pid, place.began = pid, time.monotonic()
        log.info("started", place=place.name, child=pid)

    def _bury(self) -> None:
        for place in self._places:
            if not place.pid:
                continue
            pid, status = os.waitpid(place.pid, os.WNOHANG)
            if pid:
                self._plan_replacement(place, os.waitstatus_to_exitcode(status))

    def _plan_replacement(self, place: Place, code: int) -> None:
        lived = time.monotonic() - place.began
        place.deaths = 1 if lived > LONG_LIFE else place.deaths + 1
        longest = WAIT_AFTER_SIGNAL if code < 0 else LONGEST_WAIT
        # An orderly end is the worker's renewal.
        wait = 0.0 if code == 0 and lived > 1 else min(longest, FIRST_WAIT * 2 ** (place.deaths - 1))
        log.warning("ended", place=place.name, child=place.pid, code=code, lived=round(lived, 1), replaced_in=wait)
        place.pid, place.next_at = 0, time.monotonic() + wait

    def _end(self) -> None:
        log.info("ending")
        self._send(signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        while any(place.pid for place in self._places) and time.monotonic() < deadline:
            for place in self._places:
                if place.pid and os.waitpid(place.pid, os.WNOHANG)[0]:
                    place.pid = 0
            time.sleep(0.02)
        self._send(signal.SIGKILL)
        for place in self._places:
            if place.pid:
                os.waitpid(place.pid, 0)
        log.info("ended")

    def _send(self, number: signal.Signals) -> None:
        for place in self._places:
            if place.pid:
                with suppress(ProcessLookupError):
                    os.kill(place.pid, number)


def _live(place: Place) -> NoReturn:
    """What a child does after the fork. It leaves without the supervisor's own goodbyes."""
    code = 1
    try:
        os.setpgrp()  # Ctrl-C reaches the supervisor alone, which ends its children in order
        _die_with_the_supervisor()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        structlog.contextvars.bind_contextvars(place=place.name)
        place.life()
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException:
        log.exception("broke")
    finally:
        sys.stderr.flush()
        os._exit(code)


def _die_with_the_supervisor() -> None:
    """A killed supervisor leaves no orphans, where the kernel can promise that."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def main() -> None:
    """Run the places of this host: one sweeper, the delivery workers, one worker for errands."""
    logs.configure()
    workers = [Place(f"messages-{number}", listen_to(queues.MESSAGES)) for number in range(1, settings().WORKERS + 1)]
    Supervisor([Place("sweeper", sweep), *workers, Place("errands", listen_to(queues.ERRANDS))]).run()


if __name__ == "__main__":
    main()

"""Running other programs: their words go to a log, a sign of life to the screen, and none survives us by accident."""

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

from deploy.checkout import diagnosis, say
from deploy.checkout.places import CHECKOUT, LOGS
from deploy.checkout.say import Refused

SIGN_OF_LIFE = 10.0

_running: dict[int, "subprocess.Popen[bytes]"] = {}
_ending = threading.Event()


def run(name: str, command: list[str], *, env: dict[str, str] | None = None, cwd: Path = CHECKOUT, killable: bool = True) -> None:
    """Run a program to its end. What it prints stands in `.local/log/`.

    Raises Refused with one line if it fails. A program that is not `killable`, like one that changes the machine, is waited for.
    """
    if _ending.is_set():
        raise Refused("Stopped.")
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"setup-{name.replace(' ', '-')}.log"
    with log.open("wb") as out:
        # Its own session: Ctrl-C reaches us alone, and we decide what ends when.
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=env, cwd=cwd, start_new_session=True
        )
        if killable:
            _running[process.pid] = process
        _wait(name, process, log)
        _running.pop(process.pid, None)
    if process.returncode != 0 and _ending.is_set():
        raise Refused("Stopped.")
    if process.returncode != 0:
        raise Refused(diagnosis.cause(name, log.read_text(errors="replace"), str(log.relative_to(CHECKOUT))))


def end_all() -> None:
    """End every program that may be ended, with what it started."""
    _ending.set()
    for pid in list(_running):
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGTERM)


def _wait(name: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    began = time.monotonic()
    while True:
        try:
            process.wait(SIGN_OF_LIFE)
        except subprocess.TimeoutExpired:
            said = [text for text in log.read_text(errors="replace").splitlines() if text.strip()]
            say.line(f"     {name}, {time.monotonic() - began:.0f} s: {said[-1].strip()[:100] if said else 'working'}")
        else:
            return

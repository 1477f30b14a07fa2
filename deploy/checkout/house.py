"""The processes of a running portal: started in order, watched, and ended in the opposite order."""

import fcntl
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import IO

from deploy.checkout.places import CHECKOUT, LOCAL, LOGS, PYTHON
from deploy.checkout.processes import Processes
from deploy.checkout.say import Refused

PATIENCE = 60.0
LAST_LINES = 12


ALREADY = {
    "run": "The portal of this checkout is running already (`make stop` ends it): see .local/env for its address.",
    "bench": "Another `make bench` of this checkout is measuring: wait for it, or end it with Ctrl-C.",
}


class AlreadyRunning(Refused):
    """Another `make run` (or another command of this name) holds this checkout."""


def lock(command: str = "run") -> IO[str]:
    """Hold the checkout for one `make run` (or one of another command). The kernel lets go when the process ends."""
    LOCAL.mkdir(exist_ok=True)
    held = (LOCAL / f"{command}.lock").open("a")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.close()
        raise AlreadyRunning(ALREADY[command]) from error
    return held


def clear(processes: Processes) -> None:
    """End what a killed `make run` left behind."""
    for name in processes.noted():
        processes.end(name)


class House:
    """The child processes of one `make run`."""

    def __init__(self, processes: Processes, logs: Path = LOGS) -> None:
        """Empty. Whoever starts is noted in `processes` and writes to a file of its own in `logs`."""
        self._processes = processes
        self._logs = logs
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: list[str], env: dict[str, str]) -> None:
        """Start one. Its words go to `.local/log/<name>.log`; the log of the time before is kept beside it."""
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{name}.log"
        if log.is_file():
            log.replace(log.with_suffix(".log.1"))
        with log.open("wb") as out:
            # Its own session: Ctrl-C reaches the supervisor alone, which ends its children in order.
            child = subprocess.Popen(
                [str(PYTHON), *command],
                env=env,
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._children[name] = child
        self._processes.note(name, child.pid)

    def check(self) -> None:
        """Refuse with its last words if one has ended by itself."""
        for name, child in self._children.items():
            if child.poll() is not None:
                raise Refused(f"{name} ended by itself (code {child.returncode}); the rest is stopped. {self._last_words(name)}")

    def wait_until_ready(self, address: str, path: str = "/readyz") -> None:
        """Wait for the portal to say that it is ready, or for another server to answer on `path`."""
        deadline = time.monotonic() + PATIENCE
        said = "nothing"
        # A proxy of the environment must not stand between us and our own machine.
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < deadline:
            self.check()
            try:
                with direct.open(f"{address}{path}", timeout=5):
                    return
            except urllib.error.HTTPError as answer:
                said = answer.read(300).decode(errors="replace")
            except OSError as error:
                said = str(error)
            time.sleep(0.1)
        raise Refused(f"The portal was not ready within {PATIENCE:.0f} s. /readyz said: {said}. {self._last_words('web')}")

    def end(self) -> None:
        """End the children, the last started first."""
        for name in reversed(list(self._children)):
            self._processes.end(name)
            with suppress(subprocess.TimeoutExpired):
                self._children[name].wait(1)
        self._children.clear()

    def _last_words(self, name: str) -> str:
        log = self._logs / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:] if log.is_file() else []
        return f"Its last words ({log}): {' | '.join(filter(None, map(str.strip, lines))) or 'none'}"


def wait_for_port(file: Path, house: House) -> int:
    """The port that a child wrote down once it listened."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if file.is_file():
            return int(file.read_text())
        house.check()
        time.sleep(0.02)
    raise Refused(f"{file.name} was not written within {PATIENCE:.0f} s.")


def web_command(port: int) -> list[str]:
    """The command of the web server: loopback only, because everybody knows the demo's passwords."""
    config = str(CHECKOUT / "deploy/gunicorn_conf.py")
    return ["-m", "gunicorn", "--config", config, "--bind", f"127.0.0.1:{port}", "--graceful-timeout", "5", "wsgi:app"]

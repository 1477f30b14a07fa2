"""Real processes, as they run in production."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from authority_portal.config import CHECKOUT
from authority_portal.servers import wait_until


@contextmanager
def workers(environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m authority_portal.worker` with all its children; it must end kindly."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "authority_portal.worker"],
            cwd=CHECKOUT,
            env={**os.environ, **environment},
            stdout=out,
            stderr=out,
        )
    try:
        places = int(environment.get("PORTAL_WORKERS", "2")) + 2  # the sweeper and the worker for errands
        wait_until(lambda: len(children(process.pid)) == places or process.poll() is not None)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(20) == 0
        finally:
            process.kill()


@contextmanager
def the_mail_sink(folder: Path) -> Iterator[str]:
    """The demo's mailbox; gives its SMTP address."""
    port_file = folder.with_suffix(".port")
    process = subprocess.Popen(
        [sys.executable, "demo/mail_sink.py", "--folder", str(folder), "--port", "0", "--port-file", str(port_file)], cwd=CHECKOUT
    )
    try:
        wait_until(port_file.is_file)
        yield f"smtp://127.0.0.1:{port_file.read_text()}"
    finally:
        process.terminate()
        process.wait(10)


def children(pid: int) -> list[int]:
    """The processes that a process started and has not buried."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def eventually(condition: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait until `condition` holds. Fails after `seconds`."""
    wait_until(condition, patience=seconds)

"""Processes that outlive one command: noted in files, recognised for sure, ended with everything they started."""

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from deploy.checkout.places import LOCAL, RUNNING

PATIENCE = 15.0


def note(name: str, pid: int) -> None:
    """Remember a process. With the moment it started, a number that the kernel gave to a stranger since is not mistaken."""
    RUNNING.mkdir(parents=True, exist_ok=True)
    draft = RUNNING / f"{name}.new"
    draft.write_text(json.dumps({"pid": pid, "started": _started(pid)}))
    draft.replace(RUNNING / f"{name}.json")


def forget(name: str) -> None:
    """The process has ended."""
    (RUNNING / f"{name}.json").unlink(missing_ok=True)


def noted() -> list[str]:
    """The names of processes that nobody has forgotten yet."""
    return sorted(file.stem for file in RUNNING.glob("*.json"))


def pid_of(name: str) -> int | None:
    """The number of a noted process that is alive and the very same."""
    pid, started = _read(name)
    return pid if pid and started and _started(pid) == started else None


def ask_to_end(name: str) -> None:
    """Ask a noted process to end, if it is alive and the very same."""
    if pid := pid_of(name):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def end(name: str) -> None:
    """End a noted process and everything in its session, first kindly."""
    # Kindly to the leader alone: it ends its own children in the right order.
    ask_to_end(name)
    if pid_of(name):
        _wait_for_end(name)
    for pid in family(name):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _wait_for_end(name)
    forget(name)


def family(name: str) -> list[int]:
    """A noted process and what it started, as far as these are programs of this checkout."""
    leader, started = _read(name)
    if not leader or not started:
        return []
    ours = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError, IndexError):
            pid, fields = int(entry.name), _stat(entry)
            itself = pid == leader and int(fields[19]) == started
            descends = int(fields[3]) == leader and int(fields[19]) >= started
            if fields[0] != "Z" and (itself or (descends and _is_of_this_checkout(entry))):
                ours.append(pid)
    return ours


def _wait_for_end(name: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while family(name) and time.monotonic() < deadline:
        time.sleep(0.05)


def _is_of_this_checkout(entry: Path) -> bool:
    return (entry / "cmdline").read_bytes().startswith(os.fsencode(LOCAL))


def _read(name: str) -> tuple[int, int]:
    try:
        kept = json.loads((RUNNING / f"{name}.json").read_text())
        return int(kept["pid"]), int(kept["started"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0


def _started(pid: int) -> int:
    """When the process started, in ticks since the machine did; 0 if it is gone or only waits to be forgotten."""
    try:
        fields = _stat(Path(f"/proc/{pid}"))
    except (OSError, IndexError):
        return 0
    return 0 if fields[0] == "Z" else int(fields[19])


def _stat(entry: Path) -> list[str]:
    """The fields of /proc/…/stat from the third on: state, parent, group, session, … ; the name before may hold anything."""
    return (entry / "stat").read_text().rpartition(")")[2].split()

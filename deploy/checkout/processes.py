"""Processes that outlive one command: noted in files, recognised for sure, ended with everything they started."""

import json
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from deploy.checkout.places import LOCAL, RUNNING


class Processes:
    """The noted processes of one checkout."""

    def __init__(self, folder: Path = RUNNING, *, programs: Path = LOCAL, patience: float = 15.0) -> None:
        """Notes lie in `folder`; programs of this checkout lie below `programs`. Kindness ends after `patience` seconds."""
        self._folder = folder
        self._programs = os.fsencode(programs)
        self._patience = patience

    def note(self, name: str, pid: int) -> None:
        """Remember a process. With the moment it started, a stranger who got its number since is not mistaken for it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        draft = self._folder / f"{name}.new"
        draft.write_text(json.dumps({"pid": pid, "started": _started(pid)}))
        draft.replace(self._folder / f"{name}.json")

    def forget(self, name: str) -> None:
        """The process has ended."""
        (self._folder / f"{name}.json").unlink(missing_ok=True)

    def noted(self) -> list[str]:
        """The names of processes that nobody has forgotten yet."""
        return sorted(file.stem for file in self._folder.glob("*.json"))

    def pid_of(self, name: str) -> int | None:
        """The number of a noted process that is alive and the very same."""
        pid, started = self._read(name)
        return pid if started and _started(pid) == started else None

    def ask_to_end(self, name: str) -> None:
        """Ask a noted process to end, if it is alive and the very same."""
        if pid := self.pid_of(name):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def end(self, name: str) -> None:
        """End a noted process and everything it started, first kindly, and forget it."""
        # Kindly to the leader alone: it ends its own children in the right order.
        self.ask_to_end(name)
        if self.pid_of(name):
            self._wait_for_end(name)
        for pid in self.family(name):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._wait_for_end(name)
        self.forget(name)

    def family(self, name: str) -> list[int]:
        """A noted process and what runs in its session, as far as these are programs of this checkout."""
        leader, started = self._read(name)
        if not started:
            return []
        ours = []
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError):
                pid, fields = int(entry.name), _stat(entry)
                itself = pid == leader and int(fields[19]) == started
                descends = int(fields[3]) == leader and int(fields[19]) >= started
                if fields[0] != "Z" and (itself or (descends and self._is_ours(entry))):
                    ours.append(pid)
        return ours

    def _is_ours(self, entry: Path) -> bool:
        return (entry / "cmdline").read_bytes().startswith(self._programs)

    def _wait_for_end(self, name: str) -> None:
        deadline = time.monotonic() + self._patience
        while self.family(name) and time.monotonic() < deadline:
            time.sleep(0.05)

    def _read(self, name: str) -> tuple[int, int]:
        try:
            kept = json.loads((self._folder / f"{name}.json").read_text())
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

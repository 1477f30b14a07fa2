"""How much CPU processes have used, and how much memory they hold, as the kernel counts it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

TICK = 1000.0 / os.sysconf("SC_CLK_TCK")
"""Milliseconds."""


def of_family(leader: int) -> float:
    """Milliseconds used by a process, its children, and theirs that have ended."""
    return sum(_used(pid, ended=True) for pid in family(leader))


def of_backends(database: str, role: str) -> float:
    """Milliseconds used by PostgreSQL's processes that serve `role` in `database`."""
    return sum(_used(pid, ended=False) for pid in _titled(f": {role} {database} "))


def family(leader: int) -> list[int]:
    """A process and its children."""
    return [leader, *(pid for pid in _pids() if _parent(pid) == leader)]


def memory_mb(pid: int) -> float:
    """Resident memory of a process, shared pages counted in full."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1000
    return 0.0


def _used(pid: int, *, ended: bool) -> float:
    with suppress(OSError, IndexError):
        fields = _stat(pid)
        return sum(map(int, fields[11 : 15 if ended else 13])) * TICK
    return 0.0


def _parent(pid: int) -> int:
    with suppress(OSError, IndexError):
        return int(_stat(pid)[1])
    return 0


def _titled(part: str) -> Iterator[int]:
    for pid in _pids():
        with suppress(OSError):
            title = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            if title.startswith("postgres: ") and part in title:
                yield pid


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))


def _stat(pid: int) -> list[str]:
    """The fields from the third on; the name before may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()

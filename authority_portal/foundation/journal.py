"""Lines that must outlive the database: appended to a file beside it and on the disk before the caller goes on."""

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from authority_portal.config import settings
from authority_portal.foundation import disk


def file(name: str) -> Path:
    """Where a journal lies: in the storage, apart from the photos."""
    return settings().storage_folder / "journal" / f"{name}.jsonl"


def append(name: str, line: str) -> None:
    """Add one line. When this returns it survives a crash of the machine. Several processes may write.

    Raises OSError if it could not be written whole: then the caller must not commit.
    """
    target = file(name)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    is_new = not target.exists()
    handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        # A process that died while writing left half a line: what follows begins a new one.
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        left = (b"\n" if torn else b"") + line.encode() + b"\n"
        while left:  # a disk that fills up takes a part, and says so at the next attempt only
            left = left[os.write(handle, left) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:
        # A new file is a name in its folder, and a new folder one in the folder above.
        for folder in (target.parent, target.parent.parent):
            disk.settle(folder)


def lines(source: Path) -> Iterator[str]:
    """The lines of a journal, or nothing if it was never written."""
    if source.is_file():
        with source.open(encoding="utf-8") as opened:
            yield from opened

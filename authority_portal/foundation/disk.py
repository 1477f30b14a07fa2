"""Names on the disk: a file's bytes are safe when it is synced, its name only when its folder is."""

import os
from pathlib import Path


def settle(folder: Path) -> None:
    """Return when the folder's names survive a crash of the machine."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

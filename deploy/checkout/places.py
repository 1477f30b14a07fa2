"""Where things lie in the checkout, and whether it can be written."""

import os
import shutil
from pathlib import Path

from deploy.checkout.say import Refused

CHECKOUT = Path(__file__).resolve().parents[2]
LOCAL = CHECKOUT / ".local"
LOGS = LOCAL / "log"
RUNNING = LOCAL / "running"
PYTHON = LOCAL / "venv/bin/python"
VENDOR = CHECKOUT / "static/vendor"
MODULES = CHECKOUT / "node_modules"
# The virtual environment, the servers' data and the demo need about this much.
ROOM = 1_500_000_000


def check_writable(folder: Path = CHECKOUT) -> None:
    """Refuse a folder that cannot be written: later it would fail in the middle, in the words of some other program."""
    try:
        (folder / ".local").mkdir(exist_ok=True)
        probe = folder / ".local" / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Refused(
            f"The folder {folder} cannot be written ({error.strerror}): "
            "clone into a folder of your own, or run as the user it belongs to."
        ) from error


def check_room(folder: Path = CHECKOUT, need: int = ROOM) -> None:
    """Refuse to begin a set-up that the disk has no room for."""
    free = shutil.disk_usage(folder).free
    if free < need:
        raise Refused(
            f"Only {free // 1_000_000} MB are free below {folder}, {need // 1_000_000} MB are needed: make room, then run again."
        )

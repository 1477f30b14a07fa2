"""What the commands print: one line per step with its seconds, and one line when something cannot be done."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_pen = threading.Lock()


class Refused(Exception):
    """It cannot go on. The text is one line: what is wrong and what to do."""


def line(text: str) -> None:
    """One line for the person at the keyboard, whole even if two steps speak at once."""
    with _pen:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()


def refusal(text: str) -> int:
    """Say why it ends, and give the exit code."""
    sys.stdout.flush()
    sys.stderr.write(f"\n{' '.join(text.split())}\n")
    return 1


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say what is being done, and how many seconds it took."""
    line(f"  …  {name}")
    began = time.monotonic()
    yield
    line(f"  ok {name} ({time.monotonic() - began:.1f} s)")

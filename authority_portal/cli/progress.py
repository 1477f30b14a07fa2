"""How far a long command is: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

EVERY = 5.0
"""Seconds between plain lines."""


class Progress:
    """Reports bytes read of a file and rows done."""

    def __init__(self, size: int, bar: Bar | None = None, task: TaskID | None = None) -> None:
        self._size = max(size, 1)
        self._bar, self._task = bar, task
        self._said = time.monotonic()

    def at(self, read: int, rows: int) -> None:
        """Bytes of the file read so far, and the rows they held."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=min(read, self._size), rows=f"{rows:,} rows")
        elif time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            click.echo(f"  {rows:,} rows, {100 * min(read, self._size) // self._size} %")


@contextmanager
def shown(name: str, size: int) -> Iterator[Progress]:
    """Progress through a file of `size` bytes."""
    if not sys.stderr.isatty():
        yield Progress(size)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]}"), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        yield Progress(size, bar, bar.add_task(name, total=size, rows=""))

"""The file of rejected rows: row number, source id, field, reason. A killed run's surplus is cut off at the next start."""

import csv
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from authority_portal.domain.reports.importing.oddities import RULES
from authority_portal.domain.reports.importing.records import Rejected

HEADER = ("row", "source_id", "field", "reason", "value")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Rejects:
    """An open file of rejected rows."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    @classmethod
    @contextmanager
    def kept(cls, file: Path, length: int) -> Iterator["Rejects"]:
        """Go on after `length` bytes. If somebody took the file away, it begins anew with the rows from here on."""
        with file.open("r+b" if file.exists() else "w+b") as stream:
            stands = stream.seek(0, os.SEEK_END)
            stream.truncate(length if stands >= length else 0)
            stream.seek(0, os.SEEK_END)
            yield cls(stream)

    def write(self, rows: Iterable[Rejected]) -> int:
        """Add rows, on disk when this returns; the file's length in bytes."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        if self._stream.tell() == 0:
            writer.writerow(HEADER)
        for row in rows:
            rule = RULES[row.oddity]
            writer.writerow((row.number, _plain(row.source_id), rule.field, rule.sentence, _plain(row.detail)))
        if text.tell():
            self._stream.write(text.getvalue().encode("utf-8", "replace"))
            self._stream.flush()
            os.fsync(self._stream.fileno())
        return self._stream.tell()


def _plain(cell: str) -> str:
    """A spreadsheet must not take somebody's text for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell

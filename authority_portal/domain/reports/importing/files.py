"""The file itself: plain or gzipped CSV, read as a stream, known by its digest."""

import csv
import gzip
import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from authority_portal.domain.reports.importing.mapping import Mapping
from authority_portal.domain.reports.importing.times import Clockwork
from authority_portal.foundation.errors import Invalid

LARGEST_CELL = 1_000_000
"""Characters. A quote that is never closed would otherwise swallow the rest of the file into memory."""
_GZIP = b"\x1f\x8b"


@dataclass
class Table:
    """An open file: its header, its rows as they come, and how far in its bytes the reading is."""

    header: list[str]
    _lines: Iterator[list[str]]
    _raw: IO[bytes]

    def rows(self) -> Iterator[tuple[int, list[str] | None]]:
        """Row numbers from 1 (the header is none) with their cells; None where the row is not CSV. Empty lines are skipped."""
        number = 0
        while True:
            try:
                cells = next(self._lines)
            except StopIteration:
                return
            except csv.Error:
                number += 1
                yield number, None
                continue
            if cells:
                number += 1
                yield number, cells

    def at(self) -> int:
        """Bytes of the stored file read so far."""
        return self._raw.tell()


@contextmanager
def opened(file: Path, mapping: Mapping) -> Iterator[Table]:
    """Open a file by its mapping. Raises Invalid if it cannot be read or lacks a column that the mapping names."""
    csv.field_size_limit(LARGEST_CELL)
    try:
        raw = file.open("rb")
    except OSError as error:
        raise Invalid({file.name: f"cannot be read: {error.strerror}"}) from None
    with raw:
        zipped = raw.read(2) == _GZIP
        raw.seek(0)
        plain = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if zipped else raw
        # Broken bytes come through as surrogates; the row's reader finds and names them.
        text = io.TextIOWrapper(plain, encoding=mapping.encoding, errors="surrogateescape", newline="")
        try:
            lines = csv.reader(text, delimiter=mapping.delimiter)
            yield Table(_header(file, lines, mapping), lines, raw)
        except (gzip.BadGzipFile, EOFError) as error:
            raise Invalid({file.name: f"is a damaged gzip file: {error}"}) from None
        finally:
            text.detach()


def digest(file: Path, mapping_file: Path) -> bytes:
    """SHA-256 of the file and its mapping together: the same pair goes on, another one begins anew."""
    total = hashlib.sha256()
    for part in (file, mapping_file):
        with part.open("rb") as stream:
            total.update(hashlib.file_digest(stream, "sha256").digest())
    return total.digest()


def newest_opening(file: Path, mapping: Mapping, clockwork: Clockwork) -> datetime | None:
    """The newest wall time of an opening in the file; None if none can be read."""
    newest: datetime | None = None
    with opened(file, mapping) as table:
        column = table.header.index(mapping.columns.opened)
        for _, cells in table.rows():
            if cells is None or len(cells) <= column:
                continue
            try:
                wall = clockwork.wall(cells[column].strip())
            except ValueError:
                continue
            if newest is None or wall > newest:
                newest = wall
    return newest


def _header(file: Path, lines: Iterator[list[str]], mapping: Mapping) -> list[str]:
    try:
        header = [cell.strip() for cell in next(lines, [])]
    except csv.Error as error:
        raise Invalid({file.name: f"has no readable header: {error}"}) from None
    missing = [name for name in mapping.named() if name not in header]
    if missing:
        there = ", ".join(header[:60]) or "none"
        raise Invalid({file.name: f"has no column {', '.join(missing)}. Its columns: {there}"})
    twice = [name for name in mapping.named() if header.count(name) > 1]
    if twice:
        raise Invalid({file.name: f"has more than one column {', '.join(twice)}"})
    return header

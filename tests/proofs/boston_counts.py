"""Boston's file counted by nothing but the csv module and a calendar: what the figures' page has to say, by the printed rules.

Knows nothing of the product. `python tests/proofs/boston_counts.py demo/data/boston_311_2011.csv.gz 2026-11-22T12:00:00-05:00`
prints the totals of every month.
"""

import csv
import gzip
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

BOSTON = ZoneInfo("America/New_York")
CHANNELS = {
    "Constituent Call": "phone",
    "Employee Generated": "staff",
    "Self Service": "web",
    "Citizens Connect App": "app",
    "Maximo Integration": "system",
    "Twitter": "social",
}


@dataclass(frozen=True)
class Case:
    """One row by the rules: moved by whole weeks in wall time; what lies after the moment of loading has not happened."""

    opened: datetime
    closed: datetime | None
    due: datetime | None
    category: str
    team: str
    channel: str


def cases(file: Path, moment: datetime) -> list[Case]:
    """Every row of the file as it stands at `moment`."""
    with gzip.open(file, "rt", encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    newest = max(datetime.fromisoformat(row["open_dt"]) for row in rows)
    yesterday = moment.astimezone(BOSTON).date() - timedelta(days=1)
    shift = timedelta(weeks=(yesterday - newest.date()).days // 7)
    return [_case(row, shift, moment) for row in rows]


def counted(cases: Iterable[Case], first: date, last: date) -> dict[str, int]:
    """The figures of the days `first` to `last`, both included. Times are whole seconds; 0 where nothing was closed."""
    there = list(cases)
    closed = [case for case in there if case.closed is not None and first <= _day(case.closed) <= last]
    took = sorted(int((case.closed - case.opened).total_seconds()) for case in closed if case.closed)
    timely = [case for case in closed if case.due is not None]
    return {
        "received": sum(first <= _day(case.opened) <= last for case in there),
        "closed": len(closed),
        "open_at_end": sum(_day(case.opened) <= last and (case.closed is None or _day(case.closed) > last) for case in there),
        "close_half_seconds": took[(len(took) + 1) // 2 - 1] if took else 0,
        "close_nine_of_ten_seconds": took[(9 * len(took) + 9) // 10 - 1] if took else 0,
        "closed_with_deadline": len(timely),
        "kept": sum(case.closed <= case.due for case in timely if case.closed and case.due),
    }


def _case(row: dict[str, str], shift: timedelta, moment: datetime) -> Case:
    opened = _instant(row["open_dt"], shift)
    closed = _instant(row["closed_dt"], shift) if row["closed_dt"] else None
    if closed is not None and closed < opened:
        # The hour that came twice: the second of the two, if that mends it; else closed at once.
        closed = max(opened, _instant(row["closed_dt"], shift, fold=1))
    if closed is not None and closed > moment:
        closed = None
    due = _instant(row["target_dt"], shift) if row["target_dt"] else None
    if due is not None and due <= opened:
        due = None
    return Case(opened, closed, due, row["type"], row["queue"], CHANNELS[row["source"]])


def _instant(text: str, shift: timedelta, fold: int = 0) -> datetime:
    return (datetime.fromisoformat(text) + shift).replace(tzinfo=BOSTON, fold=fold).astimezone(ZoneInfo("UTC"))


def _day(at: datetime) -> date:
    return at.astimezone(BOSTON).date()


if __name__ == "__main__":
    found = cases(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
    for month, number in sorted(Counter(f"{_day(case.opened):%Y-%m}" for case in found).items()):
        start = date.fromisoformat(f"{month}-01")
        end = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        print(month, number, counted(found, start, end))

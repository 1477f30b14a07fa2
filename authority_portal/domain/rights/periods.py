"""Periods of the calendar, counted in an authority's zone. Pure."""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Period:
    """Months and days, as ISO 8601 has them (`P12M`, `P60D`)."""

    days: int = 0
    months: int = 0

    def __str__(self) -> str:
        return "P" + (f"{self.months}M" if self.months else "") + (f"{self.days}D" if self.days or not self.months else "")


def after(moment: datetime, period: Period, zone: str) -> datetime:
    """The same time of day on the clocks of `zone`, one `period` later, in UTC.

    A month that has no such day ends with its last one. An hour that the clocks skip, or show twice, is read so that it is
    never earlier than the clocks say: nothing is erased too soon.
    """
    there = ZoneInfo(zone)
    wall = moment.astimezone(there).replace(tzinfo=None)
    year, month = divmod(wall.year * 12 + wall.month - 1 + period.months, 12)
    day = min(wall.day, calendar.monthrange(year, month + 1)[1])
    wall = wall.replace(year=year, month=month + 1, day=day) + timedelta(days=period.days)
    return max(wall.replace(tzinfo=there, fold=fold).astimezone(UTC) for fold in (0, 1))

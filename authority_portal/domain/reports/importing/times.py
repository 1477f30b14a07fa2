"""Times of a file: wall time first, whole weeks moved in wall time, then the zone.

A time that the clocks skipped in spring is moved on by what they skipped; one that came twice in autumn is the first, unless
its caller knows better. Both are said, so that the import can count them.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_PLAIN_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
_PLAIN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}\Z")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?\Z"
)
FIRST_YEAR, LAST_YEAR = 1900, 2200


@dataclass(frozen=True, slots=True)
class Instant:
    """An instant in UTC. `gap`: its wall time was skipped. `again`: the second of the two it could be, else None."""

    at: datetime
    gap: bool = False
    again: datetime | None = None


@dataclass(slots=True)
class Clockwork:
    """Reads the times of one file: their format, the zone of wall times, and by how many whole weeks they are moved."""

    format: str
    zone: ZoneInfo
    shift: timedelta = timedelta(0)
    _days: dict[date, timedelta | None] = field(default_factory=dict, repr=False)

    def read(self, text: str) -> Instant:
        """The instant a cell means. Raises ValueError for anything that is not one, or outside the years 1900 … 2200."""
        return self.placed(self.wall(text))

    def wall(self, text: str) -> datetime:
        """The wall time in the zone, without one and not yet moved; a time with an offset is brought into the zone."""
        if self.format in _PLAIN_FORMATS:
            if not _PLAIN.match(text):
                raise ValueError("not a time in this format")
            parsed = datetime.fromisoformat(text)
        elif self.format == "iso":
            if not _ISO.match(text):
                raise ValueError("not an ISO time")
            parsed = datetime.fromisoformat(text)
        else:
            if not text.isascii():
                raise ValueError("not a time in this format")
            parsed = datetime.strptime(text, self.format)  # noqa: DTZ007  # a wall time has no zone yet
        if not FIRST_YEAR <= parsed.year <= LAST_YEAR:
            raise ValueError("outside the years 1900 to 2200")
        if parsed.tzinfo is not None:
            local = parsed.astimezone(self.zone)
            return local.replace(tzinfo=None, fold=local.fold)
        return parsed

    def placed(self, wall: datetime) -> Instant:
        """The instant of a wall time, moved by the shift. Raises ValueError if it leaves the calendar."""
        try:
            moved = wall + self.shift
        except OverflowError:
            raise ValueError("outside the calendar") from None
        if not FIRST_YEAR <= moved.year <= LAST_YEAR:
            raise ValueError("outside the years 1900 to 2200")
        offset = self._offset(moved.date())
        if offset is not None:
            return Instant((moved - offset).replace(tzinfo=UTC))
        first, second = (moved.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        if wall.fold and first < second and not self.shift:
            return Instant(second)  # the file gave an offset, so nothing is ambiguous
        # Later than the second reading means that the clocks were put forward over this wall time.
        return Instant(first, gap=first > second, again=second if first < second else None)

    def _offset(self, day: date) -> timedelta | None:
        """The zone's offset if it is the same all day, else None. Nearly every day is such a day: this is the fast way."""
        if day not in self._days:
            start = datetime(day.year, day.month, day.day, tzinfo=self.zone)
            hours = {(start + timedelta(hours=hour)).replace(fold=fold).utcoffset() for hour in range(25) for fold in (0, 1)}
            self._days[day] = next(iter(hours)) if len(hours) == 1 else None
        return self._days[day]


def whole_weeks(newest: datetime, moment: datetime, zone: ZoneInfo) -> timedelta:
    """By how much to move so that the wall time `newest` lies 1 to 7 days before the aware `moment`, counted in days."""
    today = moment.astimezone(zone).date()
    return timedelta(weeks=((today - timedelta(days=1)) - newest.date()).days // 7)

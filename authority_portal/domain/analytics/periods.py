"""Periods of whole days: the usual ones, the one before, and the steps of a chart. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from authority_portal.foundation import parsing

LONGEST = 1_096
"""Days: three years, one of them with a 29 February."""
MONTHS_KEPT = 12
MONTHS_OFFERED = 24
SHORT, MIDDLE = 10, 100
"""Up to so many days a chart's steps are days or weeks; beyond, four weeks."""
DAYS_SHOWN, WEEKS_SHOWN, FOURTHS_SHOWN = 28, 16, 26
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From the beginning of `first` to the end of `last`, in the authority's zone."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def is_month(self) -> bool:
        """Whether it is one calendar month, all of it."""
        return self.first.day == 1 and self == month_of(self.first)

    @property
    def before(self) -> "Period":
        """What it is compared with: the month before a month, else as many days right before it."""
        eve = self.first - _DAY
        return month_of(eve) if self.is_month else Period(eve - (self.last - self.first), eve)

    @property
    def steps(self) -> tuple["Period", ...]:
        """The steps of its chart, oldest first, the last ending with it. Each is as long as the others, or each is a month."""
        if self.is_month:
            months = [self]
            while len(months) < MONTHS_KEPT:
                months.append(months[-1].before)
            return tuple(reversed(months))
        if self.days <= SHORT:
            length, shown = 1, DAYS_SHOWN
        elif self.days <= MIDDLE:
            length, shown = 7, WEEKS_SHOWN
        else:
            length, shown = 28, max(FOURTHS_SHOWN, -(-self.days // 28))
        steps = [Period(self.last - timedelta(days=length - 1), self.last)]
        while len(steps) < shown:
            steps.append(steps[-1].before_of(length))
        return tuple(reversed(steps))

    def before_of(self, days: int) -> "Period":
        """The `days` right before it."""
        return Period(self.first - timedelta(days=days), self.first - _DAY)


def month_of(day: date) -> Period:
    """The calendar month of a day."""
    following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return Period(day.replace(day=1), following - _DAY)


def named_month(text: str) -> Period:
    """A month such as 2026-10. Raises ValueError."""
    if len(text) != 7:
        raise ValueError("must be a month such as 2026-10")
    return month_of(parsing.day(f"{text}-01"))


def _ending_yesterday(days: int) -> Callable[[date], Period]:
    return lambda today: Period(today - timedelta(days=days), today - _DAY)


PRESETS: dict[str, Callable[[date], Period]] = {
    "7d": _ending_yesterday(7),
    "28d": _ending_yesterday(28),
    "90d": _ending_yesterday(90),
    "month": lambda today: Period(today.replace(day=1), today),
    "last-month": lambda today: month_of(today.replace(day=1) - _DAY),
    "year": lambda today: Period(today.replace(month=1, day=1), today),
    "365d": _ending_yesterday(365),
}
"""The usual periods by their code. Those of days end yesterday: a day that is not over tells nothing about the others."""
USUAL = "28d"


def finished_months(today: date, count: int = MONTHS_OFFERED) -> tuple[Period, ...]:
    """The months that are over, the newest first."""
    months = [PRESETS["last-month"](today)]
    while len(months) < count:
        months.append(months[-1].before)
    return tuple(months)


def kept(today: date) -> tuple[Period, ...]:
    """The periods whose figures the jobs keep ready: the usual ones and the last months, each with the one before."""
    usual = [make(today) for make in PRESETS.values()]
    usual += finished_months(today, MONTHS_KEPT)
    return tuple(sorted({*usual, *(period.before for period in usual)}, key=lambda period: (period.days, period)))

"""What somebody asks of the figures: read strictly from a query string, and written back. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar
from urllib.parse import urlencode

from authority_portal.domain.analytics import periods
from authority_portal.domain.analytics.counting import BROKEN_DOWN, Dimension
from authority_portal.domain.analytics.periods import Period
from authority_portal.foundation import parsing
from authority_portal.foundation.sentences import Sentence, of

OWN = "own"
PARAMETERS = ("period", "from", "to", "by", "rows")
EVERY_ROW = "all"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """A period by its name (a preset, a month, OWN), what it is broken down by, and whether every row is wanted."""

    name: str
    period: Period
    by: Dimension = Dimension.CATEGORY
    every_row: bool = False

    @property
    def query_string(self) -> str:
        """The parameters that ask the same again."""
        pairs = [("period", self.name)]
        if self.name == OWN:
            pairs += [("from", self.period.first.isoformat()), ("to", self.period.last.isoformat())]
        pairs.append(("by", self.by))
        return urlencode(pairs + ([("rows", EVERY_ROW)] if self.every_row else []))


@dataclass(slots=True)
class Reading:
    """What was understood, what was wrong with its sentence, and what was typed into the fields that are wrong."""

    question: Question
    wrong: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)


def read(args: Mapping[str, Sequence[str]], *, today: date, coarse: bool) -> Reading:
    """The question a query string asks on the day `today`.

    `coarse` readers choose among months that are over: from overlapping periods, or the same one an hour later, they could work
    out what is hidden in each.
    """
    reading = Reading(usual(today, coarse=coarse))
    for name in args:
        if name not in PARAMETERS:
            reading.wrong[name[:40]] = Sentence("is not a parameter of this page")
    by = _one(reading, args, "by", _dimension, Dimension.CATEGORY)
    every_row = _one(reading, args, "rows", _every_row, False)
    name = _one(reading, args, "period", lambda text: _name(text, today, coarse=coarse), "")
    if not name and not coarse and "period" not in reading.wrong and (_given(args, "from") or _given(args, "to")):
        name = OWN
    name = name or reading.question.name
    if name == OWN:
        period = _own(reading, args, today)
    else:
        period = periods.PRESETS[name](today) if name in periods.PRESETS else periods.named_month(name)
    reading.question = Question(name, period, by, every_row)
    return reading


def usual(today: date, *, coarse: bool) -> Question:
    """What somebody is shown who asks for nothing in particular."""
    if coarse:
        month = periods.finished_months(today, 1)[0]
        return Question(f"{month.first:%Y-%m}", month)
    return Question(periods.USUAL, periods.PRESETS[periods.USUAL](today))


def _given(args: Mapping[str, Sequence[str]], name: str) -> list[str]:
    return [value for value in args.get(name, ()) if value.strip()]


def _one(reading: Reading, args: Mapping[str, Sequence[str]], name: str, parse: Callable[[str], T], otherwise: T) -> T:
    values = _given(args, name)
    if len(values) > 1:
        reading.wrong[name] = Sentence("can be given only once")
    if len(values) != 1:
        return otherwise
    try:
        return parse(values[0])
    except ValueError as error:
        reading.wrong[name], reading.given[name] = of(error), values[0][:40]
        return otherwise


def _dimension(text: str) -> Dimension:
    if text not in BROKEN_DOWN:
        raise ValueError(Sentence("must be one of %(values)s", values=", ".join(BROKEN_DOWN)))
    return Dimension(text)


def _every_row(text: str) -> bool:
    if text != EVERY_ROW:
        raise ValueError(Sentence("must be one of %(values)s", values=EVERY_ROW))
    return True


def _name(text: str, today: date, *, coarse: bool) -> str:
    if not coarse and (text in periods.PRESETS or text == OWN):
        return text
    month = periods.named_month(text)
    if coarse and month.last >= today:
        raise ValueError(Sentence("must be a month that is over"))
    if month.first > today:
        raise ValueError(Sentence("must not lie in the future"))
    return text


def _own(reading: Reading, args: Mapping[str, Sequence[str]], today: date) -> Period:
    """Both days are needed. A period that cannot be leaves the usual one in place."""
    days = {name: _one(reading, args, name, parsing.day, None) for name in ("from", "to")}
    for name, day in days.items():
        if day is None and name not in reading.wrong:
            reading.wrong[name] = Sentence("choose a day")
        elif day is not None and day > today:
            reading.wrong[name], reading.given[name] = Sentence("must not lie in the future"), day.isoformat()
    first, last = days["from"], days["to"]
    if first is not None and last is not None and not reading.wrong:
        period = Period(first, last)
        if period.days < 1:
            reading.wrong["to"] = Sentence("must not be before the first day")
        elif period.days > periods.LONGEST:
            reading.wrong["to"] = Sentence("must be at most %(days)s days after the first day", days=periods.LONGEST)
        else:
            return period
    reading.given |= {name: day.isoformat() for name, day in days.items() if day is not None}
    return reading.question.period

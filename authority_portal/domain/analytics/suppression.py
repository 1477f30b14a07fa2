"""Hiding small counts from those who may know only coarse figures. Pure.

The 10-5 rule of official statistics: a count under 10 is hidden, every other one is rounded to the nearest 5. A hidden
count must not be told by what stands around it either: where the total and the other counts would rule out one of its ten values,
all counts are hidden with it. Times are told to the minute below a day and to the hour above: to the second it is one report's.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from authority_portal.domain.analytics.counting import Line

LEAST = 10
STEP = 5
_OFF = STEP // 2
"""How far a rounded count may be from the true one."""


class Shown(NamedTuple):
    """The figures of one key as a reader may see them: None is hidden. `kept` is the share of `due` that met its deadline, 0 … 1;
    None also where nothing was due. Times are seconds; None also where nothing was done."""

    key: str | None
    received: int | None = None
    closed: int | None = None
    open: int | None = None
    responded: int | None = None
    response_half: int | None = None
    response_nine: int | None = None
    close_half: int | None = None
    close_nine: int | None = None
    due: int | None = None
    kept: float | None = None


def exact(line: Line) -> Shown:
    """Everything as it is."""
    return Shown(
        key=line.key,
        received=line.received,
        closed=line.closed,
        open=line.open,
        responded=line.responded,
        response_half=line.response_half if line.responded else None,
        response_nine=line.response_nine if line.responded else None,
        close_half=line.close_half if line.closed else None,
        close_nine=line.close_nine if line.closed else None,
        due=line.due,
        kept=line.met / line.due if line.due else None,
    )


def rounded(count: int) -> int | None:
    """The count as it may be told: hidden under LEAST, else to the nearest STEP."""
    return None if count < LEAST else (count + _OFF) // STEP * STEP


def whole(line: Line) -> Shown:
    """The figures of everything together.

    What was open before, came in, went out and is open now hang together: one small number among them hides them all.
    """
    seen = _seen(line, hidden=frozenset(name for name in _COUNTS if _COUNTS[name](line) < LEAST))
    before = line.open - line.received + line.closed
    if min(before, line.received, line.closed, line.open) < LEAST:
        return seen._replace(received=None, closed=None, open=None, close_half=None, close_nine=None)
    return seen


def parts(lines: Sequence[Line], together: Shown) -> list[Shown]:
    """The figures by one dimension; nothing of a measure where its total, in `together`, is hidden.

    `lines` hold every key there can be, those without any report too. How many of each were open is not told: with what came in
    and went out it would tell of both, month by month.
    """
    hidden: list[set[str]] = [set() for _ in lines]
    for name, count_of in _COUNTS.items():
        untold = getattr(together, _TOTALS[name]) is None
        for at in range(len(lines)) if untold else to_hide([count_of(line) for line in lines]):
            hidden[at].add(name)
    return [_seen(line, hidden=frozenset(names))._replace(open=None) for line, names in zip(lines, hidden, strict=True)]


def ages(lines: Sequence[Line], together: Shown) -> list[Shown]:
    """The open ones by age; nothing where their total is hidden."""
    small = set(range(len(lines))) if together.open is None else to_hide([line.open for line in lines])
    return [Shown(line.key, open=None if at in small else rounded(line.open)) for at, line in enumerate(lines)]


def steps(lines: Sequence[Line]) -> list[Shown]:
    """What came in and went out in each step, as the whole of that step."""
    seen = [whole(line) for line in lines]
    return [Shown(each.key, received=each.received, closed=each.closed, open=each.open) for each in seen]


def to_hide(counts: Sequence[int]) -> set[int]:
    """Which of the counts to hide, by position, if their sum may be known exactly.

    Those under LEAST; and all, if whoever knows the rule, the sum and what is shown could rule out one of their ten values. This
    is decided by what is shown alone, so the decision itself tells nothing.
    """
    small = {at for at, count in enumerate(counts) if count < LEAST}
    if not small or _is_safe(counts, small):
        return small
    return set(range(len(counts)))


def _is_safe(counts: Sequence[int], small: set[int]) -> bool:
    shown = [rounded(count) or 0 for at, count in enumerate(counts) if at not in small]
    # What the small ones are together lies between these; each can be 0 and each can be 9 if the others can make up for it.
    most = sum(counts) - sum(max(LEAST, value - _OFF) for value in shown)
    least = sum(counts) - sum(value + _OFF for value in shown)
    largest = LEAST - 1
    return most >= largest and least <= largest * (len(small) - 1)


_COUNTS: dict[str, Callable[[Line], int]] = {
    "received": lambda line: line.received,
    "closed": lambda line: line.closed,
    "responded": lambda line: line.responded,
    "due": lambda line: line.due,
    "met": lambda line: line.met,
    "missed": lambda line: line.due - line.met,
}
_TOTALS = {"received": "received", "closed": "closed", "responded": "responded", "due": "due", "met": "kept", "missed": "kept"}
"""What of the whole says whether a count's total is told."""
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def _coarse(seconds: int) -> int:
    unit = _MINUTE if seconds < _DAY else _HOUR
    return (seconds + unit // 2) // unit * unit


def _seen(line: Line, *, hidden: frozenset[str]) -> Shown:
    responded, closed = "responded" not in hidden, "closed" not in hidden
    due = None if "due" in hidden else rounded(line.due)
    kept = None if due is None or {"met", "missed"} & hidden else (rounded(line.met) or 0) / due
    return Shown(
        key=line.key,
        received=None if "received" in hidden else rounded(line.received),
        closed=rounded(line.closed) if closed else None,
        open=rounded(line.open),
        responded=rounded(line.responded) if responded else None,
        response_half=_coarse(line.response_half) if responded else None,
        response_nine=_coarse(line.response_nine) if responded else None,
        close_half=_coarse(line.close_half) if closed else None,
        close_nine=_coarse(line.close_nine) if closed else None,
        due=due,
        kept=None if kept is None else min(1.0, kept),
    )

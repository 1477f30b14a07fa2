"""Where the lines, points and words of the charts go. Pure: from figures to coordinates; the template draws them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEFT, RIGHT = 44.0, 660.0
TOP, MIDDLE = 14.0, 176.0
STOCK_TOP, BOTTOM = 204.0, 282.0
HOUR = 3600
MARKS = ((HOUR, "1 h"), (24 * HOUR, "1 d"), (7 * 24 * HOUR, "1 wk"), (28 * 24 * HOUR, "4 wk"))
SCALE_FROM, SCALE_TO = 4.0, 296.0
# One hour at 34 and four weeks at 278 of 300.
_PER_E = 37.44

Values = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Line:
    """One curve: its path, and its last point if that one is known."""

    path: str
    end: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Flow:
    """What came in, went out and stayed open. `grid`: height and number of each line; `ticks`: place and number of a step."""

    received: Line
    closed: Line
    area: str
    open: Line
    grid: tuple[tuple[float, int], ...]
    band: tuple[float, float]
    ticks: tuple[tuple[float, int], ...]
    ends: tuple[float, float]
    """Heights of the words behind the two upper lines, far enough apart to be read."""


def flow(received: Values, closed: Values, stock: Values, *, inside: int) -> Flow:
    """The chart of as many steps as there are values; the last `inside` of them are the period itself."""
    xs = [LEFT + (RIGHT - LEFT) * at / max(1, len(received) - 1) for at in range(len(received))]
    above, below = _step_of([*received, *closed]), _step_of(stock)
    into = _line(xs, received, TOP + 20, MIDDLE, above * 3)
    out = _line(xs, closed, TOP + 20, MIDDLE, above * 3)
    held = _line(xs, stock, STOCK_TOP, BOTTOM, below * 2)
    grid = [(MIDDLE - (MIDDLE - TOP - 20) * at / 3, above * at) for at in range(4)]
    grid += [(BOTTOM - (BOTTOM - STOCK_TOP) * at / 2, below * at) for at in range(3)]
    half = (RIGHT - LEFT) / max(1, len(received) - 1) / 2
    start = max(LEFT, xs[-inside] - half)
    every = max(1, len(xs) // 5)
    return Flow(
        into,
        out,
        _filled(xs, stock, below * 2),
        held,
        tuple(grid),
        (start, RIGHT - start),
        tuple((xs[at], at) for at in range(len(xs) - 1, -1, -every)),
        _apart(into.end, out.end),
    )


def place(seconds: int) -> float:
    """Where a length of time stands on the logarithmic scale, 0 … 300."""
    return max(SCALE_FROM, min(SCALE_TO, 34 + _PER_E * math.log(max(seconds, 60) / HOUR)))


def share(count: int | None, most: int) -> float:
    """The width of a bar, 0 … 300."""
    return 300 * (count or 0) / most if most else 0.0


def _step_of(values: Values) -> int:
    """A round number three of which reach over every value."""
    third = max([value or 0 for value in values] or [0]) / 3
    if third <= 1:
        return 1
    size = 10 ** int(math.log10(third))
    return int(next(step * size for step in (1, 2, 5, 10) if step * size >= third))


def _height(value: int, top: float, bottom: float, most: int) -> float:
    return bottom - (bottom - top) * value / most


def _line(xs: Sequence[float], values: Values, top: float, bottom: float, most: int) -> Line:
    """A curve that is broken where a value is not known."""
    parts, pen = [], "M"
    for x, value in zip(xs, values, strict=True):
        if value is None:
            pen = "M"
            continue
        parts.append(f"{pen}{x:.0f} {_height(value, top, bottom, most):.1f}")
        pen = "L"
    last = values[-1]
    return Line(" ".join(parts), None if last is None else (xs[-1], _height(last, top, bottom, most)))


def _filled(xs: Sequence[float], values: Values, most: int) -> str:
    if not values or any(value is None for value in values):
        return ""
    points = " ".join(f"L{x:.0f} {_height(value or 0, STOCK_TOP, BOTTOM, most):.1f}" for x, value in zip(xs, values, strict=True))
    return f"M{xs[0]:.0f} {BOTTOM} {points} L{xs[-1]:.0f} {BOTTOM}Z"


def _apart(one: tuple[float, float] | None, other: tuple[float, float] | None) -> tuple[float, float]:
    first, second = one[1] if one else MIDDLE, other[1] if other else MIDDLE
    if abs(first - second) < 16:
        middle = (first + second) / 2
        first, second = (middle - 8, middle + 8) if first <= second else (middle + 8, middle - 8)
    return first + 4, second + 4

"""Places: WGS84 points, boxes, and the tile code that lets a plain btree answer box queries.

A tile code is the Morton (Z-order) number of a point's Web Mercator cell at level 24 (2.4 m at the equator). Shifting it
right by two bits per level gives the enclosing cell of any coarser level, so one `int8` column serves boxes (a few ranges),
live grids (`tile >> n`) and the rollup. It is compared with `<` and `=` only, which row-level security may push into the
index; PostGIS's `&&` may not be.
"""

import math
from dataclasses import dataclass

LEVEL = 24
MAX_LATITUDE = 85.05112878
_SPREAD = (
    (16, 0x0000FFFF0000FFFF),
    (8, 0x00FF00FF00FF00FF),
    (4, 0x0F0F0F0F0F0F0F0F),
    (2, 0x3333333333333333),
    (1, 0x5555555555555555),
)


@dataclass(frozen=True, slots=True)
class Point:
    """A WGS84 position in degrees. Latitude within ±90, longitude within ±180, both finite."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.lat) and math.isfinite(self.lon) and abs(self.lat) <= 90 and abs(self.lon) <= 180):
            raise ValueError("a point needs a latitude within ±90 and a longitude within ±180")

    def wkt(self) -> str:
        """Extended WKT, as PostGIS reads it."""
        return f"SRID=4326;POINT({self.lon!r} {self.lat!r})"


@dataclass(frozen=True, slots=True)
class Box:
    """A box in degrees: west ≤ east, south ≤ north. Boxes over the date line are not supported."""

    west: float
    south: float
    east: float
    north: float

    def __post_init__(self) -> None:
        Point(self.south, self.west)
        Point(self.north, self.east)
        if self.west > self.east or self.south > self.north:
            raise ValueError("a box needs west ≤ east and south ≤ north")

    def holds(self, point: Point) -> bool:
        """True if the point lies inside or on the edge."""
        return self.west <= point.lon <= self.east and self.south <= point.lat <= self.north


def _spread(value: int) -> int:
    for shift, mask in _SPREAD:
        value = (value | (value << shift)) & mask
    return value


def _squeeze(value: int) -> int:
    value &= 0x5555555555555555
    for shift, mask in ((1, 0x3333333333333333), (2, 0x0F0F0F0F0F0F0F0F), (4, 0x00FF00FF00FF00FF), (8, 0x0000FFFF0000FFFF)):
        value = (value | (value >> shift)) & mask
    return (value | (value >> 16)) & 0x00000000FFFFFFFF


def column_and_row(point: Point, level: int = LEVEL) -> tuple[int, int]:
    """The Web Mercator cell of a point: column from the west, row from the north, both in 0 … 2^level - 1."""
    side = 1 << level
    lat = math.radians(max(-MAX_LATITUDE, min(MAX_LATITUDE, point.lat)))
    x = (point.lon + 180.0) / 360.0
    y = (1.0 - math.asinh(math.tan(lat)) / math.pi) / 2.0
    return min(side - 1, max(0, int(x * side))), min(side - 1, max(0, int(y * side)))


def tile(point: Point) -> int:
    """The tile code of a point, 0 … 2^48 - 1."""
    column, row = column_and_row(point)
    return _spread(column) | (_spread(row) << 1)


def cell(tile_code: int, level: int) -> int:
    """The cell of `level` that holds a tile code."""
    return tile_code >> (2 * (LEVEL - level))


def cell_box(cell_code: int, level: int) -> Box:
    """The outline of a cell in degrees."""
    side = 1 << level
    column, row = _squeeze(cell_code), _squeeze(cell_code >> 1)

    def lat(at: int) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * at / side))))

    return Box(column / side * 360 - 180, lat(row + 1), (column + 1) / side * 360 - 180, lat(row))


def cells_of(box: Box, level: int) -> list[int]:
    """Every cell of `level` that a box touches, ascending."""
    left, top = column_and_row(Point(box.north, box.west), level)
    right, bottom = column_and_row(Point(box.south, box.east), level)
    return sorted(_spread(x) | (_spread(y) << 1) for x in range(left, right + 1) for y in range(top, bottom + 1))


def tile_ranges(box: Box, *, most_cells: int = 64) -> list[tuple[int, int]]:
    """Inclusive ranges of tile codes that cover a box, merged where they touch.

    The cover is a little larger than the box (cells of the finest level at which no more than `most_cells` are touched), so a
    caller that needs the exact box compares coordinates as well.
    """
    level = LEVEL
    while level > 0:
        left, top = column_and_row(Point(box.north, box.west), level)
        right, bottom = column_and_row(Point(box.south, box.east), level)
        if (right - left + 1) * (bottom - top + 1) <= most_cells:
            break
        level -= 1
    shift = 2 * (LEVEL - level)
    ranges: list[tuple[int, int]] = []
    for code in cells_of(box, level):
        low, high = code << shift, ((code + 1) << shift) - 1
        if ranges and ranges[-1][1] + 1 == low:
            ranges[-1] = (ranges[-1][0], high)
        else:
            ranges.append((low, high))
    return ranges

"""Tile codes: order, boxes, cells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.foundation import geo
from authority_portal.foundation.geo import LEVEL, Box, Point

points = st.builds(Point, lat=st.floats(-85, 85), lon=st.floats(-180, 180))


@given(points, st.integers(0, LEVEL))
def test_a_point_lies_in_its_cell_at_every_level(point: Point, level: int) -> None:
    box = geo.cell_box(geo.cell(geo.tile(point), level), level)
    slack = 1e-9
    assert box.west - slack <= point.lon <= box.east + slack
    assert box.south - slack <= point.lat <= box.north + slack


@given(points, st.floats(0.0001, 3), st.floats(0.0001, 3), st.floats(0, 1), st.floats(0, 1))
def test_the_ranges_of_a_box_hold_every_point_in_it(corner: Point, width: float, height: float, x: float, y: float) -> None:
    box = Box(corner.lon, corner.lat, min(180, corner.lon + width), min(85.05, corner.lat + height))
    inside = Point(box.south + (box.north - box.south) * y, box.west + (box.east - box.west) * x)
    ranges = geo.tile_ranges(box)
    assert len(ranges) <= 64
    assert ranges == sorted(ranges)
    code = geo.tile(inside)
    assert any(low <= code <= high for low, high in ranges)


@given(st.builds(Point, lat=st.floats(-60, 60), lon=st.floats(-180, 178)), st.floats(0.01, 1))
def test_the_cover_of_a_box_is_not_much_larger_than_the_box(corner: Point, side: float) -> None:
    box = Box(corner.lon, corner.lat, min(180, corner.lon + side), min(85.05, corner.lat + side))
    shares = sum(high - low + 1 for low, high in geo.tile_ranges(box)) / 4**LEVEL
    left, top = geo.column_and_row(Point(box.north, box.west))
    right, bottom = geo.column_and_row(Point(box.south, box.east))
    exact = (right - left + 1) * (bottom - top + 1) / 4**LEVEL
    assert shares <= exact * 8


@pytest.mark.parametrize(("lat", "lon"), [(float("nan"), 0), (0, float("inf")), (91, 0), (0, 181)])
def test_impossible_points_are_refused(lat: float, lon: float) -> None:
    with pytest.raises(ValueError):
        Point(lat, lon)

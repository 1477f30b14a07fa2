"""5.3: attacks on boxes, marks and tiles."""

import json

import pytest

from authority_portal.domain.access.roles import Role
from tests.proofs.attacks.staging import Stage

BOXES = [
    ("M01", "170,-10,-170,10"),
    ("M01", "180,0,-180,1"),
    ("M02", "NaN,1,2,3"),
    ("M02", "1,2,inf,3"),
    ("M02", "-1e308,-90,1e308,90"),
    ("M02", "1,2,3"),
    ("M02", "1,2,3,4,5"),
    ("M02", "3,2,1,4"),
    ("M02", "1,4,3,2"),
    ("M02", "-71.2;42.2;-70.9;42.4"),
    ("M02", "１,2,3,4"),
    ("M02", "-181,0,0,1"),
    ("M02", "0,-91,1,1"),
    ("M02", "0x1,0,1,1"),
    ("M02", "'; DROP TABLE report; --"),
    ("M02", ",,,"),
]


@pytest.mark.parametrize("box", [pytest.param(box, id=f"{row} {box}") for row, box in BOXES])
def test_m01_m02_a_box_that_is_none_is_refused_by_list_and_map(stage: Stage, box: str) -> None:
    listed = stage.strike("/reports", query_string={"queue": "all", "bbox": box}, typed=[box])
    drawn = stage.strike("/reports/map.geojson", query_string={"queue": "all", "view": box, "z": "12"}, typed=[box])
    filtered = stage.strike(
        "/reports/map.geojson",
        query_string={"queue": "all", "view": "-71.2,42.2,-70.9,42.4", "z": "12", "bbox": box},
        typed=[box],
    )

    assert (listed.status_code, drawn.status_code, filtered.status_code) == (422, 400, 400)
    assert 'data-reference="' not in listed.text


@pytest.mark.parametrize("box", [pytest.param(box, id=f"M02 {box}") for box in ("-180,-90,180,90", "-71.1,42.3,-71.1,42.3")])
def test_m02_the_whole_world_and_a_point_are_answered_within_bounds(stage: Stage, box: str) -> None:
    for zoom in ("0", "20"):
        answer = stage.strike("/reports/map.geojson", query_string={"queue": "all", "view": box, "z": zoom})
        assert answer.status_code == 200
        assert len(answer.json["features"]) < 5_000


POLYGONS = [
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
    {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [["a", 1]]},
    {"type": "Polygon", "coordinates": [[None, 1]]},
    {"type": "GeometryCollection", "geometries": []},
]


@pytest.mark.parametrize("polygon", [pytest.param(json.dumps(one), id=f"M04 {number}") for number, one in enumerate(POLYGONS)])
@pytest.mark.parametrize("name", ["polygon", "within", "geometry"])
def test_m04_a_polygon_is_no_filter_and_reaches_no_database(stage: Stage, name: str, polygon: str) -> None:
    for path in ("/reports", "/reports/map.geojson"):
        query = {"queue": "all", "view": "-71.2,42.2,-70.9,42.4", "z": "12"} if path.endswith("geojson") else {"queue": "all"}
        assert stage.strike(path, query_string={**query, name: polygon}, typed=[polygon]).status_code == 400


TILES = ["-1/0/0", "32/0/0", "40/0/0", "3/8/0", "3/0/-1", "1.5/0/0", "3/٣/0", "3/../0", "3/0/0.mvt.php", "3/0/0.mvt"]


@pytest.mark.parametrize("tile", [pytest.param(tile, id=f"M05 {tile}") for tile in TILES])
def test_m05_there_are_no_tiles_of_reports(stage: Stage, tile: str) -> None:
    for beginning in ("/tiles/", "/reports/tiles/", "/basemap/"):
        assert stage.strike(f"{beginning}{tile}", typed=[tile]).status_code == 404


@pytest.mark.parametrize(
    "role", [pytest.param(role, id=f"M08 {role.value}") for role in (Role.SUPERVISOR, Role.CREW, Role.ADMINISTRATOR)]
)
def test_m08_a_mark_carries_no_more_than_the_list_shows(stage: Stage, role: Role) -> None:
    answer = stage.strike("/reports/map.geojson?queue=all&status=all&view=-71.2,42.2,-70.9,42.4&z=18", role=role)

    assert answer.status_code == 200
    assert answer.json["features"]
    allowed = {"n", "late", "reference", "state", "group"}
    assert all(set(mark) == {"type", "geometry", "properties"} for mark in answer.json["features"])
    assert all(set(mark["properties"]) <= allowed for mark in answer.json["features"])


TYPED = [
    "<script>alert(1)</script>",
    "x" * 10_000,
    "Rosa Example, 822 Parker St",
    "42.3297, -71.0993<img src=x onerror=alert(1)>",
]


@pytest.mark.parametrize("text", [pytest.param(text, id=f"M12 {text[:24]}") for text in TYPED])
def test_m12_what_is_typed_as_a_place_stays_here_and_is_text(stage: Stage, text: str) -> None:
    form = {"category": "pothole", "description": "A hole.", "address": text, "position": text}

    answer = stage.strike("/reports/new", method="POST", data=form, refused=True)

    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text

"""The map's answers: marks, cells, refusals, the script without any report in it, the base map's file."""

import json

import pytest
from sqlalchemy import text

from authority_portal.config import settings
from authority_portal.domain.reports.queries import map_points
from authority_portal.foundation.db import db
from authority_portal.foundation.geo import Box, Point
from authority_portal.web import maps
from tests.builders.reports import a_report

HERE = "view=-71.10,42.32,-71.09,42.34&z=16"


def marks(desk, query: str) -> dict:
    answer = desk.get(f"/reports/map.geojson?{query}")
    assert answer.status_code == 200
    return json.loads(answer.text)


def test_one_report_is_a_mark_that_names_it_and_two_are_a_number(desk, town):
    alone = a_report(town, position=Point(42.3301, -71.0951))
    for _ in range(2):
        a_report(town, position=Point(42.3251, -71.0981))

    drawn = {each["properties"]["n"]: each for each in marks(desk, f"queue=all&{HERE}")["features"]}

    assert drawn[1]["properties"] == {"n": 1, "late": 0, "reference": alone.reference, "state": "on_time", "group": "new"}
    assert drawn[1]["geometry"]["coordinates"] == [-71.0951, 42.3301]
    assert drawn[2]["properties"] == {"n": 2, "late": 0}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "z=12",
        "view=-71.1,42.3,-71.0,42.4",
        "view=-71.1,42.3,-71.0,42.4&z=21",
        "view=-71.1,42.3,-71.0,42.4&z=-1",
        "view=-71.1,42.3,-71.0,42.4&z=1.5",
        "view=-71.1,42.3,-71.0,42.4&z=٣",
        "view=170,-10,-170,10&z=3",
        "view=1,2,3&z=3",
        "view=1,2,3,4,5&z=3",
        "view=NaN,1,2,3&z=3",
        "view=-1e308,1,2,3&z=3",
        f"{HERE}&team=nowhere",
        f"{HERE}&polygon=x",
    ],
)
def test_what_cannot_be_drawn_is_refused_as_json(desk, query):
    answer = desk.get(f"/reports/map.geojson?{query}")

    assert answer.status_code == 400
    assert answer.json["error"]["detail"]


@pytest.mark.parametrize("zoom", [0, 12, 20])
def test_the_whole_world_is_answered_in_few_cells(desk, town, zoom):
    a_report(town)
    level, around = map_points.frame(Box(-180, -90, 180, 90), zoom)

    assert level <= 6
    assert around.west == -180
    assert marks(desk, f"queue=all&view=-180,-90,180,90&z={zoom}")["shown"] == 1


def test_a_box_of_no_size_and_one_at_the_pole_are_answered(desk):
    assert marks(desk, "view=0,0,0,0&z=20")["features"] == []
    assert marks(desk, "view=10,86,20,90&z=5")["features"] == []


def test_counting_that_takes_too_long_ends_with_words(desk, town, monkeypatch):
    def slow(*_):
        db.session.execute(text("SELECT pg_sleep(5)"))

    monkeypatch.setattr(map_points, "PATIENCE", "20ms")
    monkeypatch.setattr(map_points, "_totals", slow)

    answer = desk.get(f"/reports/map.geojson?{HERE}")

    assert answer.status_code == 503
    assert "narrow the area" in answer.json["error"]["detail"]


def test_the_script_is_folium_without_foreign_hosts_and_without_reports(desk, town):
    report = a_report(town, description="${window.x=1}", address="`${alert(1)}`")

    script = desk.get("/reports/map.js")

    assert script.mimetype == "text/javascript"
    assert "L.map(" in script.text
    assert "http" not in script.text
    assert report.reference not in script.text
    assert "${" not in script.text
    assert script.headers["Cache-Control"].startswith("private")
    assert desk.get("/reports/map.js", headers={"If-None-Match": script.headers["ETag"]}).status_code == 304


def test_without_a_base_map_the_map_is_there_alike(desk):
    assert settings().BASEMAP == "none"
    assert "portal.basemap" not in desk.get("/reports/map.js").text
    assert "protomaps" not in desk.get("/reports").text
    assert desk.get("/basemap.pmtiles").status_code == 404


def test_the_base_map_is_served_in_parts(client, tmp_path, monkeypatch):
    file = tmp_path / "base.pmtiles"
    file.write_bytes(bytes(range(100)))
    monkeypatch.setattr(maps, "basemap_file", lambda: file)

    whole = client.get("/basemap.pmtiles")
    part = client.get("/basemap.pmtiles", headers={"Range": "bytes=10-19"})

    assert (part.status_code, part.data) == (206, bytes(range(10, 20)))
    assert client.get("/basemap.pmtiles", headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304

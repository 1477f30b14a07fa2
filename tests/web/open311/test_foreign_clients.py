"""Clients that others wrote, unchanged, against a served door: georeport (reads, both formats) and three (reads and posts)."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from georeport import GeoReport
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import undefer

from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation.db import bind, db
from tests.builders.browsing import served
from tests.builders.reports import a_report
from tests.web.open311.conftest import Door

SPEAKER = Path(__file__).with_name("three_speaks.py")


@dataclass
class Endpoint:
    """A served door of one of two towns, so that the jurisdiction has to be named."""

    url: str
    door: Door


@pytest.fixture
def endpoint(committed: Flask, make_door: Callable[..., Door]) -> Iterator[Endpoint]:
    make_door(committed, "otherton")
    door = make_door(committed)
    bind(None)
    with served(committed) as address:
        yield Endpoint(f"{address}/open311/v2", door)


@pytest.mark.parametrize("form", ["json", "xml"])
def test_georeport_reads_services_definitions_and_requests(endpoint: Endpoint, form: str) -> None:
    first = a_report(endpoint.door.town, description="Größer & tiefer <als> sonst", to="in_progress").reference
    second = a_report(endpoint.door.town, to="closed", outcome=Outcome.FIXED).reference
    bind(None)
    city = GeoReport(endpoint.url, jurisdiction="boston", output_format=form)

    assert [service["service_code"] for service in city.get_service_list()] == ["noise", "pothole"]
    attributes = city.get_service_definition("pothole")["attributes"]
    attribute = attributes[0] if form == "json" else attributes["attribute"]
    assert (attribute["code"], attribute["datatype"]) == ("depth", "singlevaluelist")
    assert {seen["service_request_id"] for seen in city.get_service_requests(service_code="pothole")} == {first, second}
    one = city.get_service_request(first)
    assert (one["service_request_id"], one["status"], one["description"]) == (first, "open", "Größer & tiefer <als> sonst")
    assert (float(one["lat"]), float(one["long"])) == (42.3297, -71.0993)
    chosen = city.get_service_requests(service_request_id=f"{first},{second}", status="nonsense")
    assert [seen["status"] for seen in chosen] == ["closed", "open"]


@pytest.fixture
def spoken(endpoint: Endpoint, tmp_path: Path) -> dict[str, Any]:
    """What three said at the door."""
    photo = tmp_path / "photo.jpg"
    Image.new("RGB", (60, 40), (90, 120, 90)).save(photo)
    run = subprocess.run(
        [sys.executable, str(SPEAKER), endpoint.url, "boston", endpoint.door.key, str(photo)],
        capture_output=True,
        check=False,
        env={"PATH": "/usr/bin:/bin"},
    )
    assert run.returncode == 0, run.stderr.decode()
    said: dict[str, Any] = json.loads(run.stdout)
    return said


def test_three_reads_and_posts_with_and_without_a_photo(endpoint: Endpoint, spoken: dict[str, Any]) -> None:
    assert spoken["discovery"]["endpoints"][0]["formats"] == ["text/xml", "application/json"]
    assert [service["service_code"] for service in spoken["services"]] == ["noise", "pothole"]
    assert spoken["definition"]["attributes"][0]["code"] == "depth"

    posted, with_photo = (spoken[name][0]["service_request_id"] for name in ("posted", "with_photo"))
    assert (spoken["request"][0]["description"], spoken["request"][0]["status"]) == ("Größer als eine Hand & tief", "open")
    assert spoken["token"] == [{"service_request_id": posted, "token": posted}]
    assert [seen["service_request_id"] for seen in spoken["requests"]] == [with_photo]
    assert [seen["service_request_id"] for seen in spoken["by_code"]] == [with_photo, posted]
    assert {error["code"] for error in spoken["refused"]} == {400}
    assert [error["code"] for error in spoken["by_other_key"]] == [403]
    shown = ET.fromstring(spoken["requests_xml"])
    assert [seen.findtext("service_request_id") for seen in shown] == [with_photo, posted]

    bind(endpoint.door.town.id)
    report = db.session.scalars(select(Report).options(undefer(Report.description)).where(Report.reference == with_photo)).one()
    assert (report.description, report.address, report.photos) == ("With a photo.", "822 Parker St", 1)
    assert [photo.state for photo in db.session.scalars(select(Photo))] == ["ready"]

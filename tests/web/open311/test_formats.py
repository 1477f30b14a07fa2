"""Both formats say the same, whatever the text; and the documents stand as the specification draws them."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from authority_portal.domain.authorities.models import Category, Question
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.web.open311 import answers
from tests.builders.reports import a_report
from tests.web.open311.conftest import Door, same

NASTY = "<b>&amp;&lt; \"'\t]]> line\r\nnext\rlast\x0b \u2028 ﷺ 👩‍🔧 \uffff ${x} <!--"


def _both(door: Door, path: str, **query: str) -> tuple[Any, ET.Element]:
    json_answer, xml_answer = door.get(f"{path}.json", **query), door.get(f"{path}.xml", **query)
    assert json_answer.status_code == xml_answer.status_code == 200
    assert json_answer.content_type == "application/json; charset=utf-8"
    assert xml_answer.content_type == "text/xml; charset=utf-8"
    root = ET.fromstring(xml_answer.data)
    assert same(root, json_answer.json)
    return json_answer.json, root


def test_requests_say_the_same_in_both_formats(door: Door) -> None:
    a_report(door.town, position=None, address="")
    a_report(door.town, to="closed", outcome=Outcome.NOT_OURS)
    report = a_report(door.town)
    bind(door.town.id)
    with transaction():
        # An import may have brought what intake refuses.
        report.cleared_description = NASTY
        db.session.execute(update(Category).where(Category.code == "pothole").values(name="Holes & <dips>"))

    shown, root = _both(door, "requests", extensions="true")
    assert root.tag == "service_requests"
    assert {child.tag for child in root} == {"request"}
    assert shown[0]["description"] == "<b>&amp;&lt; \"'\t]]> line\nnext\nlast \u2028 ﷺ 👩‍🔧  ${x} <!--"
    one, root = _both(door, f"requests/{report.reference}", extensions="true")
    assert one == shown[:1]
    assert root.tag == "service_requests"


def test_services_keep_their_codes_letter_by_letter(door: Door) -> None:
    with transaction():
        db.session.execute(update(Category).where(Category.code == "pothole").values(code="001", keywords="hole, road"))
        db.session.execute(update(Category).where(Category.code == "noise").values(code="Noise & dogs/cats"))
    services, root = _both(door, "services")
    assert root.tag == "services"
    assert [service["service_code"] for service in services] == ["Noise & dogs/cats", "001"]
    assert services[1] == {
        "service_code": "001",
        "service_name": "Pothole",
        "description": None,
        "metadata": True,
        "type": "realtime",
        "keywords": "hole, road",
        "group": "Streets",
    }
    definition, _ = _both(door, "services/001")
    assert definition["service_code"] == "001"
    assert _both(door, "services/Noise %26 dogs%2Fcats")[0] == {"service_code": "Noise & dogs/cats", "attributes": []}
    assert door.post({"service_code": "Noise & dogs/cats", "address_id": "1"}).status_code == 201


def test_a_definition_shows_the_typed_questions(door: Door) -> None:
    with transaction():
        db.session.add(
            Question(
                authority_id=door.town.id,
                category_id=door.town.categories["pothole"],
                code="note",
                datatype="string",
                prompt="Mind the traffic.",
                hint="Just so you know",
                variable=False,
                position=1,
            )
        )
    definition, root = _both(door, "services/pothole")
    assert root.tag == "service_definition"
    assert [value.tag for value in root.iter() if value.tag == "value"] == ["value", "value"]
    assert definition["attributes"] == [
        {
            "variable": True,
            "code": "depth",
            "datatype": "singlevaluelist",
            "required": False,
            "datatype_description": None,
            "order": 1,
            "description": "How deep is it?",
            "values": [{"key": "hand", "name": "Deeper than a hand"}, {"key": "flat", "name": "Flat"}],
        },
        {
            "variable": False,
            "code": "note",
            "datatype": "string",
            "required": False,
            "datatype_description": "Just so you know",
            "order": 2,
            "description": "Mind the traffic.",
            "values": [],
        },
    ]


@pytest.mark.parametrize("code", ["nope", "%01", "x" * 300, "pothole/", "POTHOLE"])
def test_a_service_that_is_not_there_is_404_in_both_formats(door: Door, code: str) -> None:
    for form in ("json", "xml"):
        answer = door.get(f"services/{code}.{form}")
        assert answer.status_code == 404
        assert answer.content_type == answers.TYPES[form]


def test_an_inactive_service_is_not_offered(door: Door) -> None:
    with transaction():
        db.session.execute(update(Category).where(Category.code == "noise").values(active=False))
    assert [service["service_code"] for service in door.get("services.json").json] == ["pothole"]
    assert door.get("services/noise.json").status_code == 404


def test_discovery_needs_no_jurisdiction_and_names_both_formats(door: Door) -> None:
    found, root = _both(door, "discovery")
    assert root.tag == "discovery"
    assert [child.tag for child in root] == ["changeset", "contact", "key_service", "endpoints"]
    assert found["endpoints"] == [
        {
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": "http://127.0.0.1:8000/open311/v2",
            "changeset": found["changeset"],
            "type": "test",
            "formats": ["text/xml", "application/json"],
        }
    ]
    assert door.get("discovery.json", jurisdiction_id="nowhere").status_code == 404


@given(st.text())
def test_any_text_comes_back_the_same_from_both_formats(text: str) -> None:
    value = [{"code": 400, "description": text}]
    from_json = json.loads(answers.answer("errors", value, form="json").data)
    root = ET.fromstring(answers.answer("errors", value, form="xml").data)
    assert same(root, from_json)

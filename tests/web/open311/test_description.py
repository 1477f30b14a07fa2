"""`openapi.json` says what the door does: every route, every field that is read, and the form of every answer."""

import json
import re
from io import BytesIO
from typing import Any
from urllib.parse import quote, quote_from_bytes
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from sqlalchemy import update

from authority_portal.domain.authorities.models import Authority, Category
from authority_portal.domain.people import contact
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.errors import Invalid
from authority_portal.web.open311 import fields, openapi, shapes, wire
from authority_portal.web.open311.fields import Field
from tests.builders.reports import a_report
from tests.web.open311.conftest import GOOD, Door, same

PATIENT = effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fits(shape: str, value: Any) -> None:
    """Raises ValidationError unless the value has the described form, formats included."""
    schema = {"$ref": f"#/components/schemas/{shape}", "components": {"schemas": shapes.SCHEMAS}}
    jsonschema_rs.Draft202012Validator(schema, validate_formats=True).validate(value)


def test_every_route_is_described_and_nothing_else(door: Door) -> None:
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", "{}", rule.rule.replace("<any(json,xml):form>", form)).removeprefix("/open311/v2"), method)
        for rule in door.browser.application.url_map.iter_rules()
        for form in ("json", "xml")
        for method in rule.methods & {"GET", "POST"}
        if rule.endpoint.startswith("open311.")
    }
    described = {
        (re.sub(r"{\w+}", "{}", path), method.upper())
        for path, document in openapi.document()["paths"].items()
        for method in document
    }
    assert served - described == {("/openapi.json", "GET"), ("/media/{}.jpg", "GET")}
    assert described <= served


def test_the_description_is_served_to_everybody(door: Door) -> None:
    answer = door.get("openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.json == json.loads(json.dumps(openapi.document()))
    assert answer.json["openapi"] == "3.1.0"


def test_every_answer_has_its_described_form(door: Door) -> None:
    bind(door.town.id)
    a_report(door.town, to="in_progress")
    for outcome in Outcome:
        a_report(door.town, to="closed", outcome=outcome)
    a_report(door.town, position=None, address="")
    receipt = door.post({**GOOD, "external_id": "x-1"}).json
    with transaction():
        db.session.execute(update(Authority).values(contact_text=""))
        db.session.execute(update(Category).values(description="", group=""))

    for shape, path, query in (
        ("discovery", "discovery", {}),
        ("services", "services", {}),
        ("service_definition", "services/pothole", {}),
        ("service_definition", "services/noise", {}),
        ("requests", "requests", {}),
        ("requests", "requests", {"extensions": "true"}),
        ("requests", f"requests/{receipt[0]['service_request_id']}", {}),
        ("tokens", "tokens/x-1", {}),
        ("updates", "servicerequestupdates", {}),
        ("errors", "requests/nothing", {}),
        ("errors", "nowhere", {}),
        ("errors", "requests", {"page": "0", "status": "?"}),
    ):
        fits(shape, door.get(f"{path}.json", as_client=True, **query).json)
    fits("receipts", receipt)
    fits("errors", door.post({}).json)
    with pytest.raises(jsonschema_rs.ValidationError):
        fits("requests", [{"service_request_id": "x"}])


def longest(each: Field) -> str:
    """A text as long as the field takes."""
    return "x" * each.most


@pytest.mark.parametrize(
    "each", [each for each in fields.POST if not each.kind and each.name != "jurisdiction_id"], ids=lambda each: each.name
)
def test_a_field_takes_as_much_as_is_described_and_no_more(door: Door, each: Field) -> None:
    text = "1" * each.most if each.name == "phone" else longest(each)
    answers = [door.post({**GOOD, each.name: words}).json for words in (text, f"{text}x")]
    too_long = [any(f"{each.name}: must have at most" in str(error.get("description")) for error in answer) for answer in answers]
    if each.name == "api_key":  # another key beside the one in the header: refused whatever its length
        assert too_long == [False, False]
    else:
        assert too_long == [False, True]


def test_what_people_give_is_as_long_as_their_contact_takes() -> None:
    for name, text in (("email", "a" * 250 + "@x.example"), ("phone", "1" * 60)):
        with pytest.raises(Invalid, match="must have at most"):
            contact.read(region="US", **{name: text})
        assert fields.LONGEST[name] == int(re.findall(r"at most ([0-9]+)", _refusal(name, text))[0])


def _refusal(name: str, text: str) -> str:
    try:
        contact.read(region="US", **{name: text})
    except Invalid as invalid:
        return invalid.fields[name]
    return ""


RAW = st.binary(max_size=120)
KINDS = st.sampled_from(
    [wire.URLENCODED, f"{wire.MULTIPART}; boundary=x", wire.MULTIPART, f"{wire.URLENCODED}; charset=latin-1", "text/plain", ""]
) | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


def parts(raws: list[bytes]) -> bytes:
    """A multipart form whose parts have these headers and bytes."""
    names = (
        b'name="media"; filename="a.jpg"',
        b'name="media[]"; filename="%s"',
        b'name="lat"',
        b'name="attribute[depth][]"',
        b"",
    )
    made = [
        b"--x\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n" % (name, raw) for name, raw in zip(names, raws, strict=False)
    ]
    return b"".join(made) + b"--x--\r\n"


@PATIENT
@given(raws=st.lists(RAW, max_size=5), kind=KINDS, whole=st.booleans())
def test_any_bytes_in_any_notation_are_taken_or_a_described_failure(
    door: Door, raws: list[bytes], kind: str, whole: bool
) -> None:
    body = parts(raws) if whole else b"&".join(raws)
    in_json, in_xml = (
        door.browser.post(
            f"/open311/v2/requests.{form}",
            input_stream=BytesIO(body),
            content_length=len(body),
            content_type=kind,
            headers={"X-Api-Key": door.key},
        )
        for form in ("json", "xml")
    )
    assert in_json.status_code == in_xml.status_code
    assert in_json.status_code in (201, 400, 413, 415)
    fits("receipts" if in_json.status_code == 201 else "errors", in_json.json)
    assert in_json.status_code == 201 or same(ET.fromstring(in_xml.data), in_json.json)


@PATIENT
@given(path=st.text(max_size=30), query=RAW)
@example(path="/", query=b"")
def test_any_address_is_answered_in_the_form_its_ending_names(door: Door, path: str, query: bytes) -> None:
    for name in ("services", "requests", "tokens", "anything"):
        where = f"/open311/v2/{name}/{quote(path, safe='')}"
        in_json, in_xml = (door.browser.get(f"{where}.{form}?{quote_from_bytes(query)}") for form in ("json", "xml"))
        assert in_json.status_code == in_xml.status_code
        assert in_json.status_code in (200, 400, 404)
        assert same(ET.fromstring(in_xml.data), in_json.json)

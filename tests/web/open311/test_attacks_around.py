"""Attacks on what surrounds a report: times, searches, notations, floods, suffixes (O25 to O32)."""

from io import BytesIO
from typing import Any

import pytest

from tests.web.open311.conftest import GOOD, Door, said, written


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00Z",
        "9999-12-31T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "0000-00-00T00:00:00Z",
        "infinity",
        "now",
        "2026-03-29T01:30:00",
        "2026-10-25T01:30:00+25:00",
        "2026-06-30T23:59:60Z",
        "1767225600000",
        "２０２６-01-01T00:00:00Z",
        "2026-01-01",
    ],
)
def test_o25_a_time_that_is_none_is_refused(door: Door, text: str) -> None:
    answer = door.get("requests.json", start_date=text)
    assert answer.status_code == 400
    assert said(answer).startswith("start_date: ")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"service_request_id": ",".join(str(number) for number in range(51))}, "service_request_id"),
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-01T00:00:01Z"}, "start_date"),
        ({"start_date": "2026-04-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"}, "end_date"),
        ({"status": "fixed"}, "status"),
        ({"page": "0"}, "page"),
        ({"page_size": "1001"}, "page_size"),
        ({"page": "1e3"}, "page"),
        ({"extensions": "maybe"}, "extensions"),
        ({"service_code": "a\x07b"}, "service_code"),
        ({"service_code": ",".join(str(number) for number in range(200))}, "service_code"),
    ],
)
def test_o27_a_wrong_search_is_refused_and_named(door: Door, query: dict[str, str], named: str) -> None:
    answer = door.get("requests.json", **query)
    assert answer.status_code == 400
    assert said(answer).startswith(f"{named}: ")


def test_o27_an_id_that_is_none_finds_nothing(door: Door) -> None:
    assert door.get("requests.json", service_request_id="1 UNION SELECT 1").json == []
    assert door.get("requests/1 UNION SELECT 1.json").status_code == 404


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("text/plain", 415),
        ("", 415),
        ("application/json", 415),
        ("application/json; charset=utf-7", 415),
        ("application/xml", 415),
        ("text/xml; charset=utf-16", 415),
        ("application/x-www-form-urlencoded; charset=utf-7", 415),
        ("multipart/form-data", 415),
    ],
)
def test_o28_o30_other_notations_are_not_read(door: Door, kind: str, status: int) -> None:
    answer = door.post(b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>', kind=kind)
    assert answer.status_code == status
    assert said(answer).startswith("Content-Type: ")


def test_o30_floods_and_files_are_refused(door: Door) -> None:
    flood = b"&".join(b"a%d=1" % number for number in range(200_000))
    assert door.post(flood).status_code == 413
    assert door.post(b"&".join([b"a=1"] * 301)).status_code == 400
    parts: dict[str, Any] = {f"f{number}": "1" for number in range(20_000)}
    sent = {"headers": {"X-Api-Key": door.key}, "content_type": "multipart/form-data"}
    assert door.browser.post("/open311/v2/requests.json", data=parts, **sent).status_code == 413
    file = (BytesIO(b"GIF89a"), "a.gif")
    refused = door.browser.post("/open311/v2/requests.json", data={**GOOD, "media": file}, **sent)
    assert (refused.status_code, said(refused)[:6]) == (400, "media:")
    assert written(door) == (0, 0, 0)


@pytest.mark.parametrize(
    "path", ["requests.jsonp?callback=alert(1)", "requests.rss", "requests", "services/.json/../.xml", "x.json"]
)
def test_o32_other_suffixes_are_not_there(door: Door, path: str) -> None:
    assert door.browser.get(f"/open311/v2/{path}").status_code == 404


def test_an_error_in_xml_says_the_same(door: Door) -> None:
    json_answer, xml_answer = door.post({}), door.post({}, form="xml")
    assert xml_answer.content_type == "text/xml; charset=utf-8"
    assert xml_answer.status_code == json_answer.status_code == 400
    for error in json_answer.json:
        assert f"<code>400</code><description>{error['description']}</description>" in xml_answer.text

"""The table of attacks on POST and GET requests: the status, the field that is named, and that nothing is written."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from authority_portal.domain.authorities.models import ApiKey, Category
from authority_portal.domain.people import sealed
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.web.open311.conftest import GOOD, Door, said


def _written(door: Door) -> tuple[int, ...]:
    bind(door.town.id)
    return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Report, Person, Photo))


def _without(*names: str) -> dict[str, str]:
    return {name: text for name, text in GOOD.items() if name not in names}


WRONG: list[tuple[str, dict[str, str], str]] = [
    *[(f"O01 lat={text}", {"lat": text}, "lat") for text in ("NaN", "nan", "-NaN")],
    *[(f"O02 lat={text}", {"lat": text, "long": f"-{text}"}, "long") for text in ("1e999", "Infinity", "inf")],
    ("O04 null island", {"lat": "0", "long": "0"}, "lat"),
    ("O04 next town", {"lat": "40.71", "long": "-74.0"}, "long"),
    ("out of range", {"lat": "91", "long": "-181"}, "long"),
    *[
        (f"O07 lat={text}", {"lat": text}, "lat")
        for text in ("42,3", "42°30'N", "0x2a", "42.3e0", "４２.3", "4_2", "+42.3", ".5")
    ],
    ("O10 unknown", {"service_code": "1 OR 1=1"}, "service_code"),
    ("O10 path", {"service_code": "../1"}, "service_code"),
    ("O10 empty", {"service_code": ""}, "service_code"),
    ("O10 long", {"service_code": "x" * 10_000}, "service_code"),
    ("O14 control", {"description": "a\x1bb"}, "description"),
    ("O15 noncharacter", {"description": "a\uffffb"}, "description"),
    ("too long", {"description": "x" * 4_001}, "description"),
    *[
        (f"O17 {text!r}", {"email": text}, "email")
        for text in ("a@b", "a@[127.0.0.1]", "a@x.test\r\nBcc: v@y", f"{'a' * 320}@x.test", "plain", "a b@x.test", "<a@x.test>")
    ],
    *[(f"O18 {text!r}", {"email": text}, "email") for text in ("a@x.test,b@x.test", "a@x.test;b@y", "a@x.test b@x.test")],
    *[
        (f"O21 {text!r}", {"media_url": text}, "media_url")
        for text in (
            "gopher://x.test/",
            "file:///etc/passwd",
            "http://a@127.0.0.1",
            "javascript:alert(1)",
            "//x.test/a.jpg",
            "http://",
            "http://[::1",
            "http://x.test:99999/",
            "http://x.test/a b.jpg",
            "http://x.test/a\r\nHost: y",
            f"http://x.test/{'a' * 3_000}",
            "https://x.test/1.jpg https://x.test/2.jpg",
        )
    ],
    ("phone", {"phone": "call me"}, "phone"),
    ("name", {"first_name": "Rosa\nExample"}, "first_name"),
    ("device", {"device_id": "x" * 141}, "device_id"),
    ("locale", {"locale": "en; drop"}, "locale"),
    ("answer", {"attribute[depth]": "deep"}, "attribute[depth]"),
    ("unknown question", {"attribute[nope]": "1"}, "attribute[nope]"),
]


@pytest.mark.parametrize(("fields", "named"), [row[1:] for row in WRONG], ids=[row[0][:40] for row in WRONG])
def test_a_wrong_value_is_refused_and_named(door: Door, fields: dict[str, str], named: str) -> None:
    answer = door.post({**GOOD, **fields})
    assert answer.status_code == 400
    assert any(line.startswith(f"{named}: ") for line in said(answer).splitlines())
    assert _written(door) == (0, 0, 0)


def test_everything_wrong_is_named_at_once(door: Door) -> None:
    answer = door.post(
        {"service_code": "x", "lat": "north", "email": "nobody", "phone": "-", "media_url": "ftp://x", "locale": "?"}
    )
    named = {line.partition(":")[0] for line in said(answer).splitlines()}
    assert named == {"service_code", "lat", "long", "email", "phone", "media_url", "locale"}


@pytest.mark.parametrize("missing", [("service_code",), ("lat",), ("long",), ("lat", "long")])
def test_a_missing_field_is_named(door: Door, missing: tuple[str, ...]) -> None:
    answer = door.post(_without(*missing))
    assert answer.status_code == 400
    assert said(answer).startswith(f"{missing[0]}: ")


@pytest.mark.parametrize(("lat", "long"), [("-71.0993", "42.3297"), ("-71.1", "42.3")])
def test_o05_a_swapped_position_gets_a_hint(door: Door, lat: str, long: str) -> None:
    answer = door.post({**GOOD, "lat": lat, "long": long})
    assert answer.status_code == 400
    assert "look swapped" in said(answer)


@pytest.mark.parametrize("name", ["lat", "service_code", "description", "email", "external_id", "api_key", "attribute[depth]"])
def test_o08_a_field_that_stands_twice_is_refused(door: Door, name: str) -> None:
    answer = door.post([*GOOD.items(), (name, "1"), (name, "2")])
    assert answer.status_code == 400
    assert f"{name}: was given more than once" in said(answer)
    assert _written(door) == (0, 0, 0)


def test_o10_the_services_of_another_town_and_inactive_ones_are_unknown(house: Flask, make_door: Callable[..., Door]) -> None:
    otherton, door = make_door(house, "otherton"), make_door(house)
    bind(otherton.town.id)
    with transaction():
        db.session.execute(update(Category).where(Category.code == "noise").values(code="only-there"))
    bind(door.town.id)
    with transaction():
        db.session.execute(update(Category).where(Category.code == "noise").values(active=False))
    answers = [
        door.post({**GOOD, "jurisdiction_id": "boston", "service_code": code}) for code in ("only-there", "noise", "nowhere")
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.data for answer in answers}) == 1


def test_o11_a_key_opens_its_own_town_only(house: Flask, make_door: Callable[..., Door]) -> None:
    door, _ = make_door(house), make_door(house, "otherton")
    foreign = door.post({**GOOD, "jurisdiction_id": "otherton"})
    unknown = door.post({**GOOD, "jurisdiction_id": "nowhere"})
    assert foreign.status_code == 404
    assert foreign.data == unknown.data
    for empty in ({}, {"jurisdiction_id": ""}):
        missing = door.post({**GOOD, **empty})
        assert missing.status_code == 400
        assert said(missing).startswith("jurisdiction_id: ")
    assert door.post(GOOD, query="?jurisdiction_id=boston").status_code == 201
    doubled = door.post({**GOOD, "jurisdiction_id": "boston"}, query="?jurisdiction_id=otherton")
    assert said(doubled).startswith("jurisdiction_id: was given")


def test_o12_whoever_has_no_good_key_gets_one_answer(door: Door) -> None:
    bind(None)
    with transaction():
        db.session.execute(update(ApiKey).where(ApiKey.id == door.key_id).values(revoked_at=clock.now()))
    revoked = door.post(GOOD)
    bind(None)
    with transaction():
        db.session.execute(update(ApiKey).where(ApiKey.id == door.key_id).values(revoked_at=None))
    answers = [
        revoked,
        door.post(GOOD, headers={"X-Api-Key": ""}),
        *(
            door.post({**GOOD, "api_key": key}, headers={"X-Api-Key": ""})
            for key in ("wrong-key", f"{door.key}\n", "x" * 8_192, "ключ")
        ),
        door.post({**GOOD, "api_key": "another-key"}),
        door.post(GOOD, headers={"X-Api-Key": "", "Authorization": "Basic a2V5LW9mLWJvc3Rvbjo="}),
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.data for answer in answers}) == 1
    assert _written(door) == (0, 0, 0)


@pytest.mark.parametrize("path", ["requests.json", "services.json", "discovery.json"])
def test_o12_a_key_in_the_address_is_refused_though_it_is_good(door: Door, path: str) -> None:
    answer = door.get(path, api_key=door.key)
    assert answer.status_code == 400
    assert said(answer).startswith("api_key: ")
    assert door.post(GOOD, query=f"?api_key={door.key}").status_code == 400


@pytest.mark.parametrize("broken", [b"%00abc", b"%ed%a0%80", b"%ff", b"\xff", b"\xff\xfe\xe9\x00"], ids=str)
def test_o14_what_is_no_text_is_refused(door: Door, broken: bytes) -> None:
    answer = door.post(urlencode(GOOD).encode() + broken)
    assert answer.status_code == 400
    assert said(answer).startswith("description: ")
    assert _written(door) == (0, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "e" + "\u0301" * 3_999,
        "\u200d",
        "\ue000",
        "ﷺ" * 500,
        '=HYPERLINK("http://e","x")',
        "{{7*7}}",
        "<img src=x onerror=alert(1)>",
        "${x}",
    ],
)
def test_o15_o20_odd_but_lawful_text_is_kept_letter_by_letter(door: Door, text: str) -> None:
    answer = door.post({**GOOD, "description": text, "first_name": text[:90]})
    assert answer.status_code == 201
    bind(door.town.id)
    assert db.session.scalar(select(Report.description)) == text
    assert sealed.unseal(db.session.scalars(select(Person)).one(), "name") == text[:90]


def test_text_that_a_client_forgot_to_encode_is_read_as_utf_8(door: Door) -> None:
    assert door.post(urlencode(GOOD).encode() + " — größer".encode()).status_code == 201
    bind(door.town.id)
    assert db.session.scalar(select(Report.description)) == "A deep hole. — größer"


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/", "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://127.1:6379/", "https://x.test:22"],
)
def test_o21_an_address_is_not_visited_here(door: Door, url: str) -> None:
    # Whether it may be fetched is the fetcher's to decide; the answer is the same, so a client learns nothing about our network.
    assert door.post({**GOOD, "media_url": url}).status_code == 201


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
    assert _written(door) == (0, 0, 0)


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

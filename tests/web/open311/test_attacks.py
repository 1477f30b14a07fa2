"""The table of attacks on POST and GET requests: the status, the field that is named, and that nothing is written."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select, update

from authority_portal.domain.authorities.models import ApiKey, Category
from authority_portal.domain.people import sealed
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.models import Report
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.web.open311.conftest import GOOD, Door, said, written


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
    assert written(door) == (0, 0, 0)


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
    assert written(door) == (0, 0, 0)


def test_o08_an_empty_field_acts_like_an_absent_one_also_beside_a_full_one(door: Door) -> None:
    assert door.post([*GOOD.items(), ("lat", ""), ("jurisdiction_id", "")], query="?jurisdiction_id=boston").status_code == 201
    assert door.browser.get("/open311/v2/requests.json?page=&page=1&jurisdiction_id=").status_code == 200


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
        db.session.execute(update(ApiKey).where(ApiKey.client_id == door.client_id).values(revoked_at=clock.now()))
    revoked = door.post(GOOD)
    bind(None)
    with transaction():
        db.session.execute(update(ApiKey).where(ApiKey.client_id == door.client_id).values(revoked_at=None))
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
    assert written(door) == (0, 0, 0)


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
    assert written(door) == (0, 0, 0)


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

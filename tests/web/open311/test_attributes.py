"""Questions of every datatype: as they are defined, answered and kept, in both formats."""

from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select
from sqlalchemy.orm import undefer
from werkzeug.test import TestResponse

from authority_portal.domain.authorities.models import Question
from authority_portal.domain.reports.models import Report
from authority_portal.foundation.db import bind, db, transaction
from tests.web.open311.conftest import Door, said, written

CHOICES = [{"key": "001", "name": "Left & right"}, {"key": "b", "name": "Größer"}, {"key": "c", "name": "C"}]
QUESTIONS: list[dict[str, Any]] = [
    {"code": "where exactly", "datatype": "string", "prompt": "Where exactly?", "hint": "One line", "required": True},
    {"code": "more", "datatype": "text", "prompt": "More?"},
    {"code": "width", "datatype": "number", "prompt": "How wide in cm?"},
    {"code": "since", "datatype": "datetime", "prompt": "Since when?"},
    {"code": "side", "datatype": "singlevaluelist", "prompt": "Which side?", "options": CHOICES},
    {"code": "seen", "datatype": "multivaluelist", "prompt": "What do you see?", "options": CHOICES},
    {"code": "mind", "datatype": "string", "prompt": "Mind the traffic.", "variable": False},
]
PLACE = {"service_code": "noise", "lat": "42.3297", "long": "-71.0993"}
NEEDED = ("attribute[where exactly]", "Beside the tram")


@pytest.fixture
def asking(door: Door) -> Door:
    """A town whose service `noise` asks a question of every datatype."""
    with transaction():
        for place, question in enumerate(QUESTIONS):
            of = {"authority_id": door.town.id, "category_id": door.town.categories["noise"], "position": place}
            db.session.add(Question(**of, **question))
    return door


def post(
    door: Door, *answers: tuple[str, str], needed: Iterable[tuple[str, str]] = (NEEDED,), form: str = "json"
) -> TestResponse:
    return door.post([*PLACE.items(), *needed, *answers], form=form)


def kept(door: Door) -> dict[str, list[tuple[str, str]]]:
    """What the only report keeps: key and words of each answer."""
    bind(door.town.id)
    report = db.session.scalars(select(Report).options(undefer(Report.answers))).one()
    return {answer["code"]: [(value["key"], value["name"]) for value in answer["values"]] for answer in report.answers}


def test_the_definition_shows_every_datatype_in_both_formats(asking: Door) -> None:
    shown = asking.get("services/noise.json").json["attributes"]
    root = ET.fromstring(asking.get("services/noise.xml").data)

    assert [attribute["datatype"] for attribute in shown] == [question["datatype"] for question in QUESTIONS]
    assert [attribute["order"] for attribute in shown] == [1, 2, 3, 4, 5, 6, 7]
    assert [attribute["variable"] for attribute in shown] == [True] * 6 + [False]
    assert shown[5]["values"] == CHOICES
    assert [attribute.findtext("datatype") for attribute in root.iter("attribute")] == [asked["datatype"] for asked in QUESTIONS]
    lists = [[value.findtext("key") for value in attribute.iter("value")] for attribute in root.iter("attribute")]
    assert lists == [[], [], [], [], ["001", "b", "c"], ["001", "b", "c"], []]
    assert [service["metadata"] for service in asking.get("services.json").json] == [True, True]


@pytest.mark.parametrize("form", ["json", "xml"])
def test_every_datatype_is_answered_and_kept(asking: Door, form: str) -> None:
    answer = post(
        asking,
        ("attribute[more]", "Two\r\nlines & more"),
        ("attribute[width]", "12.50"),
        ("attribute[since]", "2026-11-22T10:24:00+01:00"),
        ("attribute[side]", "001"),
        ("attribute[seen][]", "c"),
        ("attribute[seen][]", "001"),
        form=form,
    )

    assert answer.status_code == 201, answer.text
    assert kept(asking) == {
        "where exactly": [("", "Beside the tram")],
        "more": [("", "Two\nlines & more")],
        "width": [("", "12.5")],
        "since": [("", "2026-11-22T09:24:00Z")],
        "side": [("001", "Left & right")],
        "seen": [("c", "C"), ("001", "Left & right")],
    }


def test_one_of_several_may_come_under_the_plain_name(asking: Door) -> None:
    assert post(asking, ("attribute[seen]", "b")).status_code == 201
    assert kept(asking)["seen"] == [("b", "Größer")]


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("width", ["wide"]),
        ("width", ["NaN"]),
        ("width", ["1e3"]),
        ("since", ["yesterday"]),
        ("since", ["2026-11-22T10:24:00"]),
        ("side", ["Left & right"]),
        ("side", ["1"]),
        ("side", ["001", "b"]),
        ("seen", ["001", "nothing"]),
        ("where exactly", ["two\nlines"]),
        ("more", ["\x1b"]),
        ("mind", ["I do"]),
        ("unknown", ["x"]),
    ],
)
def test_a_wrong_answer_is_refused_and_named(asking: Door, code: str, texts: list[str]) -> None:
    needed = () if code == "where exactly" else (NEEDED,)
    answer = post(
        asking, *((f"attribute[{code}][]" if len(texts) > 1 else f"attribute[{code}]", text) for text in texts), needed=needed
    )
    assert answer.status_code == 400
    assert said(answer).startswith(f"attribute[{code}]: ")
    assert written(asking) == (0, 0, 0)


def test_a_missing_answer_is_named_and_an_empty_one_is_missing(asking: Door) -> None:
    for needed in ((), ((NEEDED[0], ""),), ((NEEDED[0], "  "),)):
        answer = post(asking, needed=needed)
        assert (answer.status_code, said(answer)) == (400, "attribute[where exactly]: is required")


def test_an_empty_answer_acts_like_an_absent_one(asking: Door) -> None:
    empty = [(f"attribute[{code}]", "") for code in ("width", "since", "side", "mind")]
    several = [("attribute[seen][]", text) for text in ("", "b", "")]
    twice = [("attribute[more]", ""), ("attribute[more]", "Dark."), ("attribute[more]", "")]

    assert post(asking, *empty, *several, *twice).status_code == 201
    assert kept(asking) == {
        "where exactly": [("", "Beside the tram")], "seen": [("b", "Größer")], "more": [("", "Dark.")],
    }  # fmt: skip

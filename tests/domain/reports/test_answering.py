"""Answers to typed questions: what is accepted, how it is kept, and that nothing else ever comes out than Invalid."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.reports.answering import answered
from authority_portal.foundation.errors import Invalid

BOSTON = ZoneInfo("America/New_York")


@dataclass
class Ask:
    code: str = "q"
    datatype: str = "string"
    prompt: str = "Prompt?"
    required: bool = False
    variable: bool = True
    options: list[dict[str, Any]] = field(default_factory=lambda: [{"key": "a", "name": "First"}, {"key": 2, "name": "Second"}])


def _kept(question: Ask, *texts: str, zone: ZoneInfo | None = None) -> list[dict[str, str]]:
    made = answered([question], {question.code: texts}, zone=zone)
    return made[0]["values"] if made else []


@pytest.mark.parametrize(
    ("datatype", "text", "name"),
    [
        ("string", "  two words ", "two words"),
        ("text", "one\r\ntwo", "one\ntwo"),
        ("number", "12.50", "12.5"),
        ("number", "-3", "-3"),
        ("number", "123456789.125", "123456789.125"),
        ("datetime", "2026-11-22T10:24:00-05:00", "2026-11-22T15:24:00Z"),
    ],
)
def test_what_is_typed_is_kept_in_one_form_and_without_a_key(datatype: str, text: str, name: str) -> None:
    assert _kept(Ask(datatype=datatype), text) == [{"key": "", "name": name}]


@pytest.mark.parametrize("datatype", ["string", "text", "number", "datetime", "singlevaluelist", "multivaluelist"])
def test_a_blank_answer_is_none_and_none_is_wrong_only_where_one_is_required(datatype: str) -> None:
    assert answered([Ask(datatype=datatype)], {"q": ["  "]}) == []
    with pytest.raises(Invalid) as refused:
        answered([Ask(datatype=datatype, required=True)], {})
    assert refused.value.fields == {"q": "is required"}


@pytest.mark.parametrize(
    ("datatype", "texts"),
    [
        ("string", ["one\ntwo"]),
        ("string", ["x" * 501]),
        ("string", ["a\x00b"]),
        ("text", ["x" * 4_001]),
        ("number", ["12,5"]),
        ("number", ["NaN"]),
        ("number", ["1e3"]),
        ("number", ["٣"]),
        ("datetime", ["2026-11-22T10:24:00"]),
        ("datetime", ["2026-02-30T10:24:00Z"]),
        ("datetime", ["now"]),
        ("singlevaluelist", ["First"]),
        ("singlevaluelist", ["a", "2"]),
        ("multivaluelist", ["a", "z"]),
        ("string", ["one", "two"]),
    ],
)
def test_a_wrong_answer_names_its_question(datatype: str, texts: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        _kept(Ask(datatype=datatype), *texts)
    assert list(refused.value.fields) == ["q"]


def test_chosen_options_keep_key_and_name_and_count_once() -> None:
    assert _kept(Ask(datatype="singlevaluelist"), "2") == [{"key": "2", "name": "Second"}]
    assert _kept(Ask(datatype="multivaluelist"), "2", "a", "2") == [
        {"key": "2", "name": "Second"},
        {"key": "a", "name": "First"},
    ]


def test_answers_stand_in_the_order_of_the_questions() -> None:
    made = answered([Ask("b"), Ask("a")], {"a": ["1"], "b": ["2"]})
    assert [answer["code"] for answer in made] == ["b", "a"]
    assert made[0] == {"code": "b", "prompt": "Prompt?", "values": [{"key": "", "name": "2"}]}


def test_every_wrong_missing_and_unknown_answer_is_named_at_once() -> None:
    questions = [Ask("n", "number"), Ask("needed", required=True), Ask("shown", variable=False)]
    with pytest.raises(Invalid) as refused:
        answered(questions, {"n": ["x"], "shown": ["y"], "other": ["z"]})
    assert set(refused.value.fields) == {"n", "needed", "shown", "other"}


def test_a_form_s_time_is_read_in_the_authority_s_zone() -> None:
    asked = Ask(datatype="datetime")
    assert _kept(asked, "2026-07-01T10:24", zone=BOSTON) == [{"key": "", "name": "2026-07-01T14:24:00Z"}]
    assert _kept(asked, "2026-11-01T01:30", zone=BOSTON) == [{"key": "", "name": "2026-11-01T05:30:00Z"}]
    with pytest.raises(Invalid, match="clocks skip"):
        _kept(asked, "2026-03-08T02:30", zone=BOSTON)


@given(
    st.sampled_from(["string", "text", "number", "datetime", "singlevaluelist", "multivaluelist"]),
    st.lists(st.text() | st.sampled_from(["a", "2", "1.5", "2026-11-22T10:24:00Z", "0001-01-01T00:00"]), max_size=3),
    st.sampled_from([None, BOSTON]),
)
def test_anything_is_kept_or_explained(datatype: str, texts: list[str], zone: ZoneInfo | None) -> None:
    try:
        values = _kept(Ask(datatype=datatype), *texts, zone=zone)
    except Invalid as refused:
        assert set(refused.fields) == {"q"}
    else:
        assert all(set(value) == {"key", "name"} and "\x00" not in value["name"] for value in values)

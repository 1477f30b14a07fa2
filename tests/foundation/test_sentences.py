"""Sentences: English for everybody, and what they were made of for those who translate."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from authority_portal.foundation import sentences
from authority_portal.foundation.errors import Denied, Invalid
from authority_portal.foundation.sentences import Sentence, Stored

HOURS = Stored("%(hours)s h from receipt", hours=sentences.whole)


def test_a_sentence_is_its_english_text():
    said = Sentence("from %(least)s to %(most)s, not %(name)s", least=-90.0, most=12345, name="5 %")
    assert said == "from -90 to 12,345, not 5 %"
    assert said.msgid == "from %(least)s to %(most)s, not %(name)s"
    assert said.values == {"least": -90.0, "most": 12345, "name": "5 %"}
    assert Sentence("100 % sure") == "100 % sure"


def test_a_number_keeps_all_its_digits():
    said = Sentence("%(west)s, %(large)s, %(whole)s", west=-71.1912345, large=-999_999_999.0, whole=90.0)
    assert said == "-71.1912345, -999,999,999, 90"


def test_an_error_gives_back_the_sentence_it_was_raised_with():
    said = Sentence("has %(n)s", n=3)
    for error in (ValueError(said), Denied(said)):
        assert sentences.of(error) is said
        assert str(error) == "has 3"
    assert sentences.of(ValueError("plain", 3)) == "('plain', 3)"
    assert sentences.of(Denied()) == ""
    assert str(Invalid({"a": said, "b": "c"})) == "a: has 3; b: c"


@given(some.integers(min_value=0, max_value=10**9))
def test_what_a_row_keeps_is_known_again(hours):
    again = sentences.read(str(HOURS(hours=hours)), HOURS)
    assert (again.msgid, again.values) == (HOURS.msgid, {"hours": hours})


@pytest.mark.parametrize("text", ["", "x h from receipt", "48 h from receipt, more", "They know.", "48 h from\nreceipt", "100 %"])
def test_any_other_text_is_a_sentence_of_its_own(text):
    assert HOURS.read(text) is None
    again = sentences.read(text, HOURS)
    assert (again, again.msgid, again.values) == (text, text, {})

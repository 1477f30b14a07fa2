"""The strict parsers accept one notation and explain every refusal."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.foundation import parsing

PARSERS: list[Callable[[str], object]] = [
    parsing.integer,
    parsing.latitude,
    parsing.longitude,
    parsing.box,
    parsing.day,
    parsing.instant,
    parsing.uuid,
]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.__name__)
@given(text=st.text(max_size=60) | st.from_regex(r"[0-9.,:eE+\-TZ ]{0,40}", fullmatch=True))
def test_any_text_is_read_or_refused_with_words(parser: Callable[[str], object], text: str) -> None:
    try:
        parser(text)
    except ValueError as error:
        assert len(str(error)) > 5


@pytest.mark.parametrize(
    "text",
    [
        "nan",
        "NaN",
        "inf",
        "-Infinity",
        "1e999",
        "1e2",
        "1_000",
        "٣",
        "\uff14\uff12",
        " 42",
        "42 ",
        "\xa042",
        "51,5",
        "0x33",
        "",
        "+1",
        ".5",
        "5.",
    ],
)
def test_numbers_in_other_notations_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parsing.latitude(text)


@given(st.floats(-90, 90).map(lambda value: f"{value:.6f}"))
def test_decimals_come_back_as_written(text: str) -> None:
    assert parsing.latitude(text) == float(text)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_days_come_back_as_written(day: date) -> None:
    assert parsing.day(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T00:00:00Z",
        "2026-11-22T10:24:00",
        "9999-12-31T23:59:59Z",
        "0000-00-00T00:00:00Z",
        "infinity",
        "now",
        "2026-03-29T01:30:00+25:00",
        "2026-11-22T23:59:60Z",
        "1763800000",
        "２０２６-11-22T00:00:00Z",
    ],
)
def test_times_without_offset_or_existence_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parsing.instant(text)


def test_an_offset_is_brought_to_utc() -> None:
    assert parsing.instant("2026-11-22T10:24:00-05:00") == datetime(2026, 11, 22, 15, 24, tzinfo=UTC)


def test_words_keep_lines_only_where_lines_belong() -> None:
    assert parsing.words(" a\r\nb ", most=10, lines=True) == "a\nb"
    for text in ("a\nb", "a\u2028b", "a\x00b", "\ud800", "x" * 11):
        with pytest.raises(ValueError):
            parsing.words(text, most=10)

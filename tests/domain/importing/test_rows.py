"""Every row is kept, changed by a named rule, or rejected with a reason; nothing else ever happens."""

# ruff: noqa: DTZ001  # wall times have no zone yet

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authority_portal.domain.reports.importing.mapping import Mapping
from authority_portal.domain.reports.importing.oddities import RULES, Oddity
from authority_portal.domain.reports.importing.records import Frame, Kept, Rejected
from authority_portal.domain.reports.importing.rows import Reader
from authority_portal.domain.reports.importing.times import Clockwork
from authority_portal.domain.reports.workflow import Group, Outcome
from authority_portal.foundation.geo import Box, Point

MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEADER = [
    "id",
    "opened",
    "closed",
    "due",
    "visited",
    "lat",
    "lon",
    "what",
    "group",
    "crew",
    "via",
    "state",
    "end",
    "words",
    "where",
]
GOOD = {
    "id": "A-1",
    "opened": "2026-10-01 08:00:00",
    "closed": "",
    "due": "2026-10-03 08:00:00",
    "visited": "",
    "lat": "42.33",
    "lon": "-71.09",
    "what": "Pothole",
    "group": "Streets",
    "crew": "ST_Crew 1",
    "via": "call",
    "state": "new",
    "end": "",
    "words": "A deep hole.",
    "where": "822 Parker St",
}
RAW: dict[str, Any] = {
    "source": "city",
    "columns": {
        "source_id": "id",
        "opened": "opened",
        "closed": "closed",
        "due": "due",
        "responded": "visited",
        "address": "where",
    },
    "time": {"zone": "America/New_York", "format": "%Y-%m-%d %H:%M:%S"},
    "position": {"lat": "lat", "lon": "lon", "none": [[42.3594, -71.0587]]},
    "category": {"name": "what", "group": "group"},
    "team": {"name": "crew", "department": "group", "departments": {"Streets": "Public Works"}, "tidy": [["ST_", ""]]},
    "channel": {"column": "via", "values": {"call": "phone"}, "fallback": "web"},
    "status": {"column": "state", "values": {"new": "received", "on it": "in_progress", "done": "closed"}},
    "outcome": {"column": "end", "values": {"mended": "fixed", "again": "duplicate"}, "fallback": "not_fixed"},
    "description": {"column": "words", "unless_same_as": "what"},
}
GROUPS = {"received": Group.NEW, "in_progress": Group.OPEN, "closed": Group.DONE}


def a_reader(*, without: tuple[str, ...] = (), shift: timedelta = timedelta(0), **more: Any) -> Reader:
    mapping = Mapping.model_validate({name: part for name, part in (RAW | more).items() if name not in without})
    clockwork = Clockwork(mapping.time.format, ZoneInfo(mapping.time.zone), shift)
    return Reader(mapping, HEADER, clockwork, Frame(MOMENT, Box(-71.2, 42.2, -70.9, 42.4), GROUPS))


def read(reader: Reader | None = None, **cells: str) -> Kept | Rejected:
    return (reader or a_reader()).read(1, list((GOOD | cells).values()))


def kept(reader: Reader | None = None, **cells: str) -> Kept:
    row = read(reader, **cells)
    assert isinstance(row, Kept), row
    return row


def test_a_good_row_is_kept_without_a_remark():
    row = kept()

    assert row.oddities == ()
    assert row.opened_at == datetime(2026, 10, 1, 12, tzinfo=UTC)
    assert row.point == Point(42.33, -71.09)
    assert (row.team.name, row.team.department, row.team.code) == ("Crew 1", "Public Works", "ST_Crew 1")
    assert (row.channel, row.status, row.outcome, row.description) == ("phone", "received", None, "A deep hole.")


@pytest.mark.parametrize(
    ("cells", "oddity"),
    [
        ({"id": ""}, Oddity.SOURCE_ID_MISSING),
        ({"id": "a\x00b"}, Oddity.SOURCE_ID_BAD),
        ({"id": "x" * 201}, Oddity.SOURCE_ID_BAD),
        ({"opened": ""}, Oddity.OPENED_MISSING),
        ({"opened": "yesterday"}, Oddity.OPENED_BAD),
        ({"opened": "2026-02-30 08:00:00"}, Oddity.OPENED_BAD),
        ({"opened": "0001-01-01 00:00:00"}, Oddity.OPENED_BAD),
        ({"opened": "2026-11-23 08:00:00"}, Oddity.OPENED_IN_FUTURE),
        ({"closed": "soon"}, Oddity.CLOSED_BAD),
        ({"what": " "}, Oddity.CATEGORY_MISSING),
    ],
)
def test_what_cannot_be_kept_is_rejected_with_its_reason(cells, oddity):
    row = read(**cells)

    assert isinstance(row, Rejected)
    assert row.oddity is oddity
    assert RULES[oddity].rejects


@pytest.mark.parametrize(
    ("cells", "oddity"),
    [
        ({"lat": "", "lon": ""}, Oddity.POSITION_MISSING),
        ({"lat": "0.0", "lon": "0.0"}, Oddity.POSITION_ZERO),
        ({"lat": "-0", "lon": "0.000"}, Oddity.POSITION_ZERO),
        ({"lat": "42.3", "lon": "0.0"}, Oddity.POSITION_ZERO),
        ({"lat": "42.35940", "lon": "-71.0587"}, Oddity.POSITION_DEFAULT),
        ({"lat": "nan", "lon": "1e5"}, Oddity.POSITION_BAD),
        ({"lat": "42.3", "lon": ""}, Oddity.POSITION_BAD),
        ({"lat": "42,3", "lon": "-71,1"}, Oddity.POSITION_BAD),
        ({"lat": "４２.３", "lon": "-71.1"}, Oddity.POSITION_BAD),
        ({"lat": "-71.09", "lon": "42.33"}, Oddity.OUTSIDE_BOUNDS),
    ],
)
def test_a_position_that_is_none_is_left_out_and_counted(cells, oddity):
    row = kept(**cells)

    assert row.point is None
    assert row.oddities == (oddity,)


def test_on_the_meridian_of_greenwich_one_zero_is_a_place():
    london = a_reader()
    london._frame = Frame(MOMENT, Box(-0.5, 51.2, 0.3, 51.7), GROUPS)

    assert kept(london, lat="51.4779", lon="0.0").point == Point(51.4779, 0.0)


@pytest.mark.parametrize(
    ("cells", "oddity", "closed"),
    [
        ({"state": "done", "closed": "2026-09-30 08:00:00"}, Oddity.CLOSED_BEFORE_OPENED, True),
        ({"state": "done", "closed": "2026-11-23 08:00:00"}, Oddity.CLOSED_IN_FUTURE, False),
        ({"state": "done", "closed": ""}, Oddity.CLOSED_TIME_MISSING, True),
        ({"state": "on it", "closed": "2026-10-02 08:00:00"}, Oddity.OPEN_WITH_CLOSING, False),
        ({"state": "?", "closed": "2026-10-02 08:00:00"}, Oddity.STATUS_UNKNOWN, True),
    ],
)
def test_a_closing_that_cannot_be_is_changed_by_its_rule(cells, oddity, closed):
    row = kept(**cells, end="mended")

    assert oddity in row.oddities
    assert (row.closed_at is not None) is closed
    assert (row.outcome is Outcome.FIXED) is closed
    if closed:
        assert row.closed_at >= row.opened_at
    else:
        assert row.status != "closed"


def test_a_deadline_that_is_none_is_left_out():
    assert kept(due="").oddities == (Oddity.DUE_MISSING,)
    assert kept(due="later").oddities == (Oddity.DUE_BAD,)
    assert kept(due="2026-10-01 07:59:59").oddities == (Oddity.DUE_BEFORE_OPENED,)
    assert kept(due="2059-12-31 19:00:00").due_at.year == 2060


def test_unknown_words_of_the_file_take_the_fallback():
    row = kept(via="pigeon", state="done", closed="2026-10-02 08:00:00", end="vanished")

    assert (row.channel, row.outcome, row.reason) == ("web", Outcome.NOT_FIXED, "vanished")
    assert row.oddities == (Oddity.OUTCOME_UNKNOWN, Oddity.CHANNEL_UNKNOWN)


def test_a_first_response_counts_only_between_receipt_and_closing():
    assert kept(visited="2026-10-01 09:00:00").responded_at == datetime(2026, 10, 1, 13, tzinfo=UTC)
    assert kept(visited="2026-09-01 09:00:00").oddities == (Oddity.RESPONDED_BAD,)
    assert kept(state="done", closed="2026-10-02 08:00:00", end="mended").responded_at == datetime(2026, 10, 2, 12, tzinfo=UTC)


def test_a_description_that_repeats_the_category_is_none():
    assert kept(words="Pothole").description == ""


def test_control_characters_and_broken_bytes_are_replaced_not_swallowed():
    row = kept(words="a\x00b\udcffc", where="line one\nline two", crew="C\u2028D")

    assert (row.description, row.address, row.team.code) == ("a b c", "line one line two", "C D")
    assert row.oddities == (Oddity.TEXT_CLEANED,)


def test_another_decimal_sign_is_named_by_the_mapping():
    comma = a_reader(position={"lat": "lat", "lon": "lon", "decimal": ","})

    assert kept(comma, lat="42,33", lon="-71,09").point == Point(42.33, -71.09)


def test_a_row_of_another_length_is_rejected():
    assert a_reader().read(7, ["A-1"]) == Rejected(7, "", Oddity.ROW_SHAPE, f"1 cells, header has {len(HEADER)}")
    assert a_reader().read(7, None).oddity is Oddity.ROW_BROKEN


CELLS = st.one_of(
    st.sampled_from(
        ["", "0", "0.0", "42.33", "-71.09", "nan", "1e9", "new", "done", "on it", "call", "mended", "A-1", "Pothole"]
    ),
    st.datetimes(min_value=datetime(1890, 1, 1), max_value=datetime(2210, 1, 1)).map(lambda at: f"{at:%Y-%m-%d %H:%M:%S}"),
    st.text(st.characters(codec=None), max_size=12),
)


@given(cells=st.lists(CELLS, min_size=len(HEADER), max_size=len(HEADER)), weeks=st.integers(-4_000, 12_000))
@settings(max_examples=600, deadline=None)
def test_whatever_stands_in_the_cells_the_row_is_kept_or_rejected_by_a_rule(cells, weeks):
    row = a_reader(shift=timedelta(weeks=weeks)).read(1, cells)

    if isinstance(row, Rejected):
        assert RULES[row.oddity].rejects
        row.source_id.encode()
        row.detail.encode()
    else:
        assert not any(RULES[oddity].rejects for oddity in row.oddities)
        assert row.opened_at <= MOMENT
        assert row.closed_at is None or row.opened_at <= row.closed_at <= MOMENT
        assert (row.outcome is None) == (row.closed_at is None)
        assert row.due_at is None or row.due_at > row.opened_at
        for text in (
            row.source_id,
            row.address,
            row.description,
            row.category.name,
            row.reason,
            row.team.code if row.team else "",
        ):
            text.encode()
            assert "\x00" not in text


@given(opened=CELLS, closed=CELLS, lat=CELLS, lon=CELLS)
@settings(max_examples=300, deadline=None)
def test_a_row_that_is_good_but_for_times_and_place_never_breaks(opened, closed, lat, lon):
    read(opened=opened, closed=closed, lat=lat, lon=lon)


def test_every_oddity_has_its_rule():
    assert set(RULES) == set(Oddity)

"""The parsers of this door never fail unexplained, whatever comes."""

from urllib.parse import quote_from_bytes

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from authority_portal.domain.access.actor import client
from authority_portal.domain.reports.commands.intake import NewReport
from authority_portal.foundation.db import bind
from authority_portal.foundation.errors import NotFound
from authority_portal.web.open311 import payloads, repeats, searching, wire
from authority_portal.web.open311.failures import Refused
from tests.web.open311.conftest import GOOD, Door

NAMES = st.sampled_from(
    [
        *repeats.CONTENT,
        *searching.SEARCH,
        "service_request_id",
        "external_id",
        "attribute[depth]",
        "attribute[depth][]",
        "attribute[]",
        "attribute[x][",
    ]
)
TELLING = st.sampled_from(
    ["pothole", "42.3297", "-71.0993", "hand", "a@x.test", "+16175550123", "2026-11-22T10:24:00Z", "1", "true", "open", "en", ","]
)
TEXTS = st.text(max_size=60) | TELLING | st.binary(max_size=30).map(lambda raw: raw.decode("utf-8", "surrogateescape"))
PAIRS = st.lists(st.tuples(NAMES | st.text(max_size=20), TEXTS), max_size=12)
PATIENT = effort(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@PATIENT
@given(pairs=PAIRS, complete=st.booleans())
def test_a_post_is_a_report_or_refused_with_names(door: Door, pairs: list[tuple[str, str]], complete: bool) -> None:
    fields = wire.sorted_out([*(GOOD.items() if complete else ()), *pairs])
    bind(door.town.id)
    with door.browser.application.test_request_context("/open311/v2/requests.json"):
        bind(door.town.id)
        try:
            made = payloads.new_report(fields, authority=door.town.card, by=client(door.client_id, door.town.id))
        except Refused as refused:
            assert refused.status == 400
            assert refused.fields
        else:
            assert isinstance(made, NewReport)
            assert "\x00" not in made.description + made.address


@PATIENT
@given(pairs=PAIRS, request_id=st.text(max_size=30))
def test_a_search_is_a_wish_or_refused_with_names(house: Flask, pairs: list[tuple[str, str]], request_id: str) -> None:
    fields = wire.sorted_out(pairs)
    try:
        wish, _ = searching.wish(fields)
    except Refused as refused:
        assert refused.fields
    else:
        assert wish.until - wish.since <= searching.WINDOW
        assert 1 <= wish.limit <= searching.MOST_ROWS
    with pytest.raises(NotFound):
        searching.one(f"{request_id}!", fields)


@PATIENT
@given(st.binary(max_size=200))
def test_any_bytes_are_answered_in_open311_s_form(door: Door, raw: bytes) -> None:
    for body in (raw, quote_from_bytes(raw).encode(), b"lat=" + raw):
        answer = door.post(body)
        assert answer.status_code == 400
        assert all(set(error) == {"code", "description"} for error in answer.json)


@PATIENT
@given(st.binary(max_size=100))
def test_any_query_is_answered(door: Door, raw: bytes) -> None:
    for name in ("", "start_date=", "service_request_id=", "service_code=", "status="):
        answer = door.browser.get(f"/open311/v2/requests.json?{name}{quote_from_bytes(raw)}")
        assert answer.status_code in (200, 400)


@given(st.text(max_size=40))
def test_an_address_of_a_photo_is_one_or_refused(text: str) -> None:
    for tried in (text, f"http://{text}", f"https://x.test/{text}"):
        try:
            payloads.web_address(tried)
        except ValueError as refused:
            assert "must" in str(refused)


def test_fields_tell_nothing_in_a_log() -> None:
    assert "rosa" not in repr(wire.sorted_out([("email", "rosa@example.org")]))

"""Reports on their way out: what is public and since when, what a client sees of its own, which window and which page."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from authority_portal.config import settings
from authority_portal.domain.authorities.models import Category
from authority_portal.domain.reports.commands import notes, status
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import INSIDE
from tests.builders.reports import a_report
from tests.builders.staff import a_member
from tests.web.open311.conftest import GOOD, Door

NAMES = {
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
}  # fmt: skip


@pytest.fixture
def undo_window(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", "60")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def _one(door: Door, report: Report, **query: str) -> dict[str, Any]:
    answer = door.get(f"requests/{report.reference}.json", **query)
    assert answer.status_code == 200, answer.text
    assert len(answer.json) == 1
    return answer.json[0]


def _seen(door: Door, **query: Any) -> list[str]:
    answer = door.get("requests.json", **query)
    assert answer.status_code == 200, answer.text
    return [shown["service_request_id"] for shown in answer.json]


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _set(door: Door, report: Report, **values: Any) -> None:
    bind(door.town.id)
    with transaction():
        db.session.execute(update(Report).where(Report.id == report.id).values(**values))


def test_a_public_report_tells_what_happened_and_nobody_s_name(door: Door) -> None:
    report = a_report(door.town, description="Call rosa@example.org or 617-555-0123 about the hole.")
    shown = _one(door, report)

    assert set(shown) == NAMES
    assert shown["description"] == "Call […] or […] about the hole."
    assert (shown["status"], shown["status_notes"], shown["service_code"]) == ("open", None, "pothole")
    assert (shown["lat"], shown["long"], shown["address"]) == (INSIDE.lat, INSIDE.lon, "822 Parker St")
    assert shown["requested_datetime"] == shown["updated_datetime"] == _moment(report.received_at)
    assert shown["expected_datetime"] is None
    assert shown["agency_responsible"] == "City of Boston"


def test_a_private_report_is_like_one_that_is_not_there(door: Door) -> None:
    report = a_report(door.town, category="noise")
    missing = door.get("requests/BOS-2222-22.json")
    assert door.get(f"requests/{report.reference}.json").data == missing.data
    assert missing.status_code == 404
    assert _seen(door) == []
    assert _seen(door, service_request_id=report.reference) == []


def test_a_client_sees_what_it_sent_itself_but_nobody_else_s_private_reports(door: Door) -> None:
    a_report(door.town, category="noise")
    public = a_report(door.town)
    own = door.post({**GOOD, "service_code": "noise", "email": "rosa@example.org"}).json[0]["service_request_id"]
    bind(door.town.id)
    assert _seen(door) == [public.reference]
    assert _seen(door, as_client=True) == [own, public.reference]
    assert b"rosa" not in door.get("requests.json", as_client=True).data


def test_a_client_sees_the_deadline_of_its_own_report(door: Door) -> None:
    own = door.post(GOOD).json[0]["service_request_id"]
    seen = door.get(f"requests/{own}.json", as_client=True).json[0]
    assert seen["expected_datetime"] is not None
    assert door.get(f"requests/{own}.json").json[0]["expected_datetime"] is None


def test_a_bad_key_is_refused_where_none_is_needed(door: Door) -> None:
    answer = door.browser.get("/open311/v2/requests.json", headers={"X-Api-Key": "wrong-key"})
    assert answer.status_code == 403


def test_a_category_that_rounds_its_points_gives_no_address_either(door: Door) -> None:
    report = a_report(door.town)
    bind(door.town.id)
    with transaction():
        db.session.execute(update(Category).where(Category.code == "pothole").values(decimals=3))
    shown = _one(door, report)
    assert (shown["lat"], shown["long"], shown["address"]) == (42.33, -71.099, None)
    own = door.post(GOOD).json[0]["service_request_id"]
    assert door.get(f"requests/{own}.json", as_client=True).json[0]["lat"] == 42.3297


@pytest.mark.usefixtures("undo_window")
def test_a_step_shows_only_when_its_undo_window_is_over(door: Door) -> None:
    report = a_report(door.town)
    before = _one(door, report)
    with transaction():
        change = status.change(
            report,
            to=door.town.statuses["closed"],
            outcome=Outcome.FIXED,
            note="Filled.",
            authority=door.town.card,
            by=door.town.house,
        )
    bind(door.town.id)
    public_at = change.public_at

    assert _one(door, report) == before
    assert (_seen(door, status="closed"), _seen(door, status="open")) == ([], [report.reference])
    with clock.frozen(public_at):
        shown = _one(door, report)
        assert (shown["status"], shown["status_notes"]) == ("closed", "Filled.")
        assert shown["updated_datetime"] == _moment(change.changed_at)
        assert (_seen(door, status="closed"), _seen(door, status="open")) == ([report.reference], [])


@pytest.mark.usefixtures("undo_window")
def test_several_hidden_steps_show_what_was_true_before_the_first(door: Door) -> None:
    report = a_report(door.town)
    with transaction():
        first = status.change(
            report, to=door.town.statuses["in_progress"], note="On it.", authority=door.town.card, by=door.town.house
        )
    with clock.frozen(first.changed_at + timedelta(seconds=30)), transaction():
        second = status.change(
            report,
            to=door.town.statuses["closed"],
            outcome=Outcome.NOT_OURS,
            note="State road.",
            authority=door.town.card,
            by=door.town.house,
        )
    changed, closed = first.public_at, second.public_at
    extended = {"extensions": "true"}
    assert _one(door, report, **extended)["extended_attributes"]["status"] == "OPEN"
    with clock.frozen(changed):
        shown = _one(door, report, **extended)
        assert (shown["status"], shown["status_notes"]) == ("open", "On it.")
        assert shown["extended_attributes"]["status"] == "IN_PROGRESS"
    with clock.frozen(closed):
        shown = _one(door, report, **extended)
        assert (shown["status"], shown["status_notes"]) == ("closed", "Closed: somebody else is responsible. State road.")
        assert shown["extended_attributes"]["status"] == "NOT_COUNCILS_RESPONSIBILITY"


@pytest.mark.usefixtures("undo_window")
def test_an_undone_step_never_shows(door: Door) -> None:
    report = a_report(door.town)
    before = _one(door, report)
    with transaction():
        change = status.change(
            report,
            to=door.town.statuses["closed"],
            outcome=Outcome.FIXED,
            note="Oops.",
            authority=door.town.card,
            by=door.town.house,
        )
    with transaction():
        status.undo(report, change.id, by=door.town.house)
    assert _one(door, report) == before
    with clock.frozen(change.public_at + timedelta(hours=3)):
        assert _one(door, report) == before


def test_status_and_words_come_from_the_same_step(door: Door, undo_window: None) -> None:
    report = a_report(door.town, to="in_progress")
    bind(door.town.id)
    with transaction():
        how = {"to": door.town.statuses["closed"], "outcome": Outcome.FIXED, "note": "CNRY done"}
        closing = status.change(report, **how, authority=door.town.card, by=door.town.house)
        closing.public_at = clock.now() - timedelta(seconds=1)  # earlier than the step before it
    shown = _one(door, report)
    assert (shown["status"], shown["status_notes"]) == ("open", None)


def test_work_inside_does_not_show(door: Door) -> None:
    report = a_report(door.town)
    before = _one(door, report)
    kim = a_member(door.town, teams=["streets"])
    with clock.frozen(report.received_at + timedelta(minutes=5)), transaction():
        notes.write(report, text="CNRY note", by=kim)
    assert _one(door, report) == before


@pytest.mark.parametrize(
    ("outcome", "notes_begin", "extended"),
    [
        (Outcome.FIXED, "What", "FIXED"),
        (Outcome.NOT_FIXED, "Closed without", "NO_FURTHER_ACTION"),
        (Outcome.NOT_OURS, "Closed: somebody", "NOT_COUNCILS_RESPONSIBILITY"),
        (Outcome.DUPLICATE, "Closed: the same", "DUPLICATE"),
        (Outcome.WITHDRAWN, "Closed: withdrawn", "CANCELLED"),
    ],
)
def test_closed_for_another_reason_says_so(door: Door, outcome: Outcome, notes_begin: str, extended: str) -> None:
    report = a_report(door.town, to="closed", outcome=outcome)
    shown = _one(door, report, extensions="true")
    assert shown["status"] == "closed"
    assert shown["status_notes"].startswith(notes_begin)
    assert shown["extended_attributes"] == {"status": extended}
    assert shown["updated_datetime"] == _moment(report.closed_at)


def test_a_report_without_history_shows_its_own_status(door: Door) -> None:
    report = a_report(door.town)
    bind(door.town.id)
    with transaction():
        db.session.execute(update(StatusChange).values(undone_at=clock.now()))
    assert _one(door, report)["status"] == "open"


def test_without_dates_the_last_ninety_days_are_shown_and_dates_mean_the_receipt(door: Door) -> None:
    now = clock.now()
    new, old = a_report(door.town), a_report(door.town)
    _set(door, old, received_at=now - timedelta(days=91), updated_at=now)
    since = {"start_date": _moment(now - timedelta(days=100))}

    assert _seen(door) == [new.reference]
    assert _seen(door, **since) == [old.reference]
    assert _seen(door, **since, end_date=_moment(now - timedelta(days=95))) == []
    assert _seen(door, end_date=_moment(now - timedelta(days=90))) == [old.reference]
    others = {"status": "closed", "service_code": "nope", "start_date": "yesterday"}
    assert _seen(door, service_request_id=old.reference, **others) == [old.reference]


def test_lists_of_codes_statuses_and_ids_with_commas(door: Door) -> None:
    first, second = a_report(door.town), a_report(door.town, to="closed", outcome=Outcome.FIXED)
    both = {first.reference, second.reference}
    assert set(_seen(door, status="open,closed")) == set(_seen(door, service_code="noise,pothole")) == both
    assert set(_seen(door, status="", service_code="", service_request_id="")) == both
    assert _seen(door, service_code="noise") == []
    assert set(_seen(door, service_request_id=f"{first.reference.lower()}, {second.reference},BOS-XXXX-XX")) == both


def test_a_code_may_hold_a_comma(door: Door) -> None:
    report = a_report(door.town)
    bind(door.town.id)
    with transaction():
        db.session.execute(update(Category).where(Category.code == "pothole").values(code="Holes, deep & wide"))
    assert _seen(door, service_code="Holes, deep & wide") == [report.reference]


def test_pages_follow_one_another_newest_first(door: Door) -> None:
    made = [a_report(door.town).reference for _ in range(5)][::-1]
    pages = [_seen(door, page=str(number), page_size="2") for number in (1, 2, 3, 4)]
    assert pages == [made[:2], made[2:4], made[4:], []]


def test_another_town_s_reports_are_not_there(house: Flask, make_door: Callable[..., Door]) -> None:
    otherton, door = make_door(house, "otherton"), make_door(house)
    report = a_report(otherton.town)
    assert _seen(door, jurisdiction_id="boston") == []
    assert _seen(door, jurisdiction_id="otherton") == [report.reference]
    assert door.get(f"requests/{report.reference}.json", jurisdiction_id="boston").status_code == 404
    assert door.get("requests.json").status_code == 400


def test_a_list_is_one_statement_beside_key_and_binding(door: Door) -> None:
    for _ in range(3):
        a_report(door.town)
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            statements.append(statement)

    door.get("services.json", as_client=True)  # the first use of a key in an hour is written down
    event.listen(db.engine, "before_cursor_execute", count)
    try:
        door.get("requests.json", as_client=True)
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert len([text for text in statements if "FROM report" in text]) == 1
    assert len(statements) <= 4

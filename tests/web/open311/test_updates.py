"""`servicerequestupdates`, read: every step from the end of its undo window on, with the time when it became public."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from sqlalchemy import select

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities import commands
from authority_portal.domain.reports.commands import status
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.web.open311.answers import moment
from tests.builders.reports import a_report
from tests.web.open311.conftest import GOOD, Door, said, same, step


def news(door: Door, **query: Any) -> list[dict[str, Any]]:
    answer = door.get("servicerequestupdates.json", **query)
    assert answer.status_code == 200, answer.text
    return list(answer.json)


def test_steps_come_in_their_order_in_both_formats(door: Door) -> None:
    report = a_report(door.town)
    first = step(door, report, "in_progress", "On it & soon.")
    step(door, report, "closed", "State road.", Outcome.NOT_OURS)

    shown = news(door)
    assert [(each["status"], each["description"]) for each in shown] == [
        ("IN_PROGRESS", "On it & soon."),
        ("NOT_COUNCILS_RESPONSIBILITY", "Closed: somebody else is responsible. State road."),
    ]
    assert {each["service_request_id"] for each in shown} == {report.reference}
    assert shown[0]["updated_datetime"] == moment(first.public_at)
    assert len({each["update_id"] for each in shown}) == 2
    root = ET.fromstring(door.get("servicerequestupdates.xml").data)
    assert (root.tag, {child.tag for child in root}) == ("service_requests_updates", {"request_update"})
    assert same(root, shown)


@pytest.mark.usefixtures("undo_window")
def test_a_step_counts_from_the_end_of_its_window_and_keeps_its_id(door: Door) -> None:
    report = a_report(door.town)
    change = step(door, report, "in_progress", "CNRY")
    before, after = moment(change.public_at - timedelta(hours=2)), moment(change.public_at + timedelta(seconds=1))

    assert news(door, start_date=before, end_date=after) == []
    with clock.frozen(change.public_at):
        (shown,) = news(door, start_date=before, end_date=after)
    with clock.frozen(change.public_at + timedelta(days=1)):
        assert news(door, start_date=before, end_date=after) == [shown]
        assert news(door, start_date=after) == []


@pytest.mark.usefixtures("undo_window")
def test_an_undone_step_is_no_news(door: Door) -> None:
    report = a_report(door.town)
    change = step(door, report, "in_progress", "CNRY")
    with transaction():
        status.undo(report, change.id, by=door.town.house)
    with clock.frozen(change.public_at + timedelta(minutes=1)):
        assert news(door) == []


def test_only_reports_in_sight_make_news(house: Flask, make_door: Callable[..., Door]) -> None:
    otherton, door = make_door(house, "otherton"), make_door(house)
    here = {"jurisdiction_id": "boston"}
    for town in (otherton.town, door.town):
        a_report(town, to="in_progress")
    a_report(door.town, category="noise", to="in_progress")
    own = door.post({**GOOD, "service_code": "noise", **here}).json[0]["service_request_id"]
    bind(door.town.id)
    step(door, db.session.scalars(select(Report).where(Report.reference == own)).one(), "in_progress", "")
    with transaction():
        commands.new_key(name="City app", by=door.town.house, secret="narrow-key", scopes=[Permission.CLIENT_SUBMIT])

    assert len(news(door, **here)) == 1
    assert [each["service_request_id"] for each in news(door, as_client=True, **here)][1:] == [own]
    narrow = Door(door.browser, door.town, "narrow-key", door.client_id)
    assert narrow.get("servicerequestupdates.json", as_client=True, **here).status_code == 403


def test_pages_and_wrong_dates(door: Door) -> None:
    for _ in range(3):
        a_report(door.town, to="in_progress")
    everything = news(door)
    assert [news(door, page=str(number), page_size="2") for number in (1, 2, 3)] == [everything[:2], everything[2:], []]
    answer = door.get("servicerequestupdates.json", start_date="yesterday", page="0")
    assert (answer.status_code, {line.partition(":")[0] for line in said(answer).splitlines()}) == (400, {"start_date", "page"})

"""What leaves the house, as the report page shows it before and after: preview, delivery, place on the map."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from authority_portal.config import settings
from authority_portal.domain.access.roles import Role
from authority_portal.domain.notifications.models import Message, MessageDispatch
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.foundation import clock
from authority_portal.foundation.db import db, transaction
from tests.builders.authorities import Town, a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in
from tests.web.casework.staging import act, fresh, page, said

HX = {"HX-Request": "true"}


@pytest.fixture
def town(house: Flask) -> Town:
    return a_town()


@pytest.fixture
def with_a_base_map(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    file = tmp_path / "city.pmtiles"
    file.write_bytes(b"PMTiles")
    monkeypatch.setenv("PORTAL_BASEMAP", "pmtiles")
    monkeypatch.setenv("PORTAL_BASEMAP_URL", str(file))
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def test_the_preview_is_the_message_itself(town: Town, house: Flask) -> None:
    report, kim = a_report(town), signed_in(house, a_member(town, teams=["streets"]))
    form = {"to": town.statuses["closed"], "outcome": "fixed", "note": "We filled it."}

    answer = kim.post(f"/reports/{report.reference}/preview", data=form, headers=HX)

    words = said(answer.text)
    assert answer.status_code == 200
    for expected in ("What the resident will receive", report.reference, "was closed", "The problem was fixed.", "We filled it."):
        assert expected in words
    assert fresh(report).version == 1
    whole = kim.post(f"/reports/{report.reference}/preview", data=form).text
    assert "<!doctype html>" in whole
    assert whole.count("We filled it.") == 2  # in the field and in the preview: nothing typed is lost


def test_the_preview_says_when_nobody_is_written_to(town: Town, house: Flask) -> None:
    report, kim = a_report(town, contact=Contact()), signed_in(house, a_member(town, teams=["streets"]))
    form = {"to": town.statuses["accepted"], "note": "Soon."}
    words = said(kim.post(f"/reports/{report.reference}/preview", data=form, headers=HX).text)
    assert "nobody is written to" in words
    assert "Accepted Soon." in words


def test_a_crew_does_not_learn_from_the_preview_whether_somebody_is_written_to(town: Town, house: Flask) -> None:
    crew = signed_in(house, a_member(town, Role.CREW, teams=["streets"]))
    form = {"to": town.statuses["in_progress"], "note": "Started."}
    shown = [
        said(crew.post(f"/reports/{report.reference}/preview", data=form, headers=HX).text)
        for report in (a_report(town), a_report(town, contact=Contact()))
    ]
    assert shown[0] == shown[1]
    assert "nobody is written to" not in shown[0]


def test_another_team_gets_no_preview(town: Town, house: Flask) -> None:
    other = signed_in(house, a_member(town, teams=["parks"]))
    assert act(other, a_report(town), "preview", to=town.statuses["accepted"]).status_code == 403


def _message(report: Report, state: str) -> None:
    change = db.session.scalars(select(StatusChange.id).where(StatusChange.report_id == report.id)).first()
    assert report.person_id is not None
    with transaction():
        message = Message(
            authority_id=report.authority_id,
            report_id=report.id,
            change_id=change,
            person_id=report.person_id,
            channel="email",
            event="received",
            locale="en_US",
            dedupe_key=f"received:{change}:{report.person_id}:email",
            made_at=clock.now(),
        )
        db.session.add(message)
        db.session.flush()
        db.session.add(
            MessageDispatch(
                message_id=message.id,
                authority_id=report.authority_id,
                channel="email",
                stream=1,
                state=state,
                next_attempt_at=clock.now(),
                failure="mailbox full" if state == "failed" else "",
            )
        )


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("pending", "E-mail: waits"),
        ("sent", "E-mail: sent"),
        ("failed", "mailbox full"),
        ("unknown", "the answer is unknown"),
        ("cancelled", "E-mail: not sent, no longer wanted"),
    ],
)
def test_each_messages_state_stands_under_its_step_in_words(town: Town, house: Flask, state: str, words: str) -> None:
    report = a_report(town)
    _message(report, state)
    assert words in said(page(signed_in(house, a_member(town, teams=["streets"])), report))
    for member in (
        a_member(town, teams=["parks"]),
        a_member(town, Role.ADMINISTRATOR),
        a_member(town, Role.CREW, teams=["streets"]),
    ):
        assert "E-mail:" not in said(page(signed_in(house, member), report))


@pytest.mark.usefixtures("with_a_base_map")
def test_the_small_map_shows_the_place_as_exactly_as_its_reader_may_know(town: Town, house: Flask) -> None:
    report = a_report(town)
    exact = page(signed_in(house, a_member(town, teams=["streets"])), report)
    assert 'data-lat="42.3297" data-lon="-71.0993" data-exact="yes"' in exact
    coarse = page(signed_in(house, a_member(town, Role.ADMINISTRATOR)), report)
    assert 'data-lat="42.33" data-lon="-71.099" data-exact="no"' in coarse
    assert "42.3297" not in coarse


def test_without_a_base_map_or_a_position_there_is_no_map(town: Town, house: Flask) -> None:
    kim = signed_in(house, a_member(town, teams=["streets"]))
    assert "map_reports" not in page(kim, a_report(town))
    assert "No position" in page(kim, a_report(town, position=None))

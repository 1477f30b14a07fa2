"""From an event to a mailbox: who is told what, when, and what is said of it afterwards."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from authority_portal.config import settings
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.notifications import links, queries
from authority_portal.domain.notifications.models import LinkToken, Message
from authority_portal.domain.people import commands as people
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.commands import publication, status
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.outbox import OutboxEvent
from tests.builders.authorities import Town, a_town
from tests.builders.smtp import Sink
from tests.builders.staff import a_member
from tests.builders.travel import (
    deliver_what_is_due,
    let_pass,
    plan_what_is_told,
    send_everything,
    states,
)
from tests.jobs.delivery.conftest import ROSA, filed, step

pytestmark = pytest.mark.usefixtures("committed")


def test_a_report_is_acknowledged_once(sink: Sink, town: Town) -> None:
    report = filed(town)
    send_everything()
    send_everything()
    (mail,) = sink.to(ROSA)
    assert mail["Subject"] == f"We received your report {report.reference}"
    assert states() == ["sent"]


def test_a_change_is_told_with_the_words_staff_wrote(sink: Sink, town: Town) -> None:
    report = filed(town)
    step(town, report, "closed", outcome=Outcome.FIXED, note="The hole was filled.")
    send_everything()
    received, closed = sink.to(ROSA)
    assert received["Subject"].startswith("We received")
    assert closed["Subject"] == f"Your report {report.reference} was closed"
    assert {part.get_content_type() for part in closed.iter_parts()} == {"text/plain", "text/html"}
    for kind in ("plain", "html"):
        part = closed.get_body((kind,))
        assert part is not None
        assert "The hole was filled." in part.get_content()
        assert "The problem was fixed." in part.get_content()


def test_every_message_carries_what_a_mail_program_needs(sink: Sink, town: Town) -> None:
    filed(town)
    send_everything()
    (mail,) = sink.to(ROSA)
    assert mail["From"] == "City of Boston <portal@localhost.example>"
    assert mail["Reply-To"] == mail["From"]
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = re.fullmatch(r"<http://127\.0\.0\.1:8000/unsubscribe/([A-Za-z0-9_-]{32})>", mail["List-Unsubscribe"])
    assert token is not None
    bind(None)
    assert links.resolve(token[1], "unsubscribe") is not None
    assert re.fullmatch(r"<[0-9a-f]{32}@localhost\.example>", mail["Message-ID"])


def test_a_private_category_tells_its_reporter_as_well(sink: Sink, town: Town) -> None:
    filed(town, category="noise")
    send_everything()
    assert len(sink.to(ROSA)) == 1


def test_nobody_is_told_who_cannot_be_reached_by_mail(sink: Sink, town: Town) -> None:
    filed(town, contact=Contact(name="Rosa"))
    filed(town, contact=Contact(phone="+16175550123", channel="phone"))
    send_everything()
    assert sink.took == []
    assert states() == []


def test_an_undone_change_is_told_to_nobody(sink: Sink, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    report = filed(town)
    send_everything()
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", "60")
    settings.cache_clear()
    bind(town.id)
    with transaction():
        found = db.session.get_one(Report, report.id)
        change = status.change(found, to=town.statuses["in_progress"], authority=town.card, by=town.house)
        status.undo(found, change.id, by=town.house)
    let_pass(timedelta(hours=1))
    send_everything()
    assert len(sink.to(ROSA)) == 1


def test_a_change_is_not_told_before_it_is_public(sink: Sink, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", "60")
    settings.cache_clear()
    report = filed(town)
    step(town, report, "in_progress")
    send_everything()
    assert len(sink.to(ROSA)) == 1
    let_pass(timedelta(seconds=61))
    with clock.frozen(clock.now() + timedelta(seconds=61)):
        send_everything()
    assert len(sink.to(ROSA)) == 2


def test_who_stops_the_news_after_it_was_planned_gets_none(sink: Sink, town: Town) -> None:
    filed(town)
    plan_what_is_told()
    bind(town.id)
    with transaction():
        people.stop(db.session.scalars(select(Person)).one(), by=town.house)
    deliver_what_is_due()
    assert sink.took == []
    assert states() == ["cancelled"]


def test_opening_addresses_leaves_one_line_per_batch_without_any_value(sink: Sink, town: Town) -> None:
    for number in range(3):
        filed(town, contact=Contact(email=f"r{number}@example.org", channel="email"))
    send_everything()
    bind(town.id)
    (line,) = db.session.scalars(select(AuditLine).where(AuditLine.action == "person:mailed"))
    assert line.details == {"persons": 3}
    assert "@" not in line.subject
    assert sink.connections == 1


def test_a_closed_reports_links_end_and_a_reopened_ones_do_not(sink: Sink, town: Town) -> None:
    report = filed(town)
    step(town, report, "closed", outcome=Outcome.FIXED, note="Done.")
    send_everything()
    db.session.rollback()
    ends = set(db.session.scalars(select(LinkToken.ends_at)))
    bind(town.id)
    assert ends == {db.session.get_one(Report, report.id).closed_at + links.AFTER_CLOSING}  # type: ignore[operator]
    step(town, report, "in_progress", note="Again.")
    send_everything()
    assert set(db.session.scalars(select(LinkToken.ends_at))) == {None}


def test_a_closing_nobody_outside_knows_of_ends_no_link(sink: Sink, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", "60")
    settings.cache_clear()
    report = filed(town)
    step(town, report, "closed", outcome=Outcome.FIXED, note="Done.")
    send_everything()
    assert len(sink.to(ROSA)) == 1
    assert set(db.session.scalars(select(LinkToken.ends_at))) == {None}


def test_old_news_acted_upon_again_leaves_the_links_of_a_closed_report_to_end(sink: Sink, town: Town) -> None:
    report = filed(town)
    step(town, report, "closed", outcome=Outcome.FIXED, note="Done.")
    send_everything()
    with transaction() as session:
        session.execute(update(OutboxEvent).where(OutboxEvent.kind == "ReportReceived").values(state="pending"))
    send_everything()
    assert None not in set(db.session.scalars(select(LinkToken.ends_at)))


def test_steps_sent_at_once_are_told_in_their_order(sink: Sink, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", "60")
    settings.cache_clear()
    report = filed(town)
    step(town, report, "in_progress", note="Crew sent.")
    step(town, report, "closed", outcome=Outcome.FIXED, note="Done.")
    bind(town.id)
    with transaction():
        newest = db.session.scalars(select(StatusChange.id).order_by(StatusChange.id.desc())).first()
        publication.send_now(db.session.get_one(Report, report.id), newest or 0, by=town.house)
    send_everything()
    received, progress, closed = sink.to(ROSA)
    assert received["Subject"].startswith("We received")
    assert "In progress" in progress["Subject"]
    assert closed["Subject"] == f"Your report {report.reference} was closed"


def test_an_address_beyond_ascii_is_reached(sink: Sink, town: Town) -> None:
    filed(town, contact=Contact(email="josé@bücher.example", channel="email"))
    send_everything()
    assert [address for address, _ in sink.took] == ["josé@xn--bcher-kva.example"]


def test_how_far_a_message_came_is_for_those_who_hold_the_report(sink: Sink, town: Town) -> None:
    report = filed(town)
    send_everything()
    holder, stranger = a_member(town, teams=["streets"]), a_member(town, teams=["parks"])
    (state,) = queries.states_of(report.id, by=holder)
    assert (state.wording, state.channel, state.state, state.ambiguous) == ("received", "email", "sent", 0)
    assert queries.states_of(report.id, by=stranger) == []
    assert len(queries.states_of(report.id, by=town.house)) == 1


def test_another_authority_sees_nothing_of_it(sink: Sink, town: Town) -> None:
    report = filed(town)
    send_everything()
    other = a_town("otherton")
    assert queries.states_of(report.id, by=other.house) == []
    assert db.session.scalars(select(Message)).all() == []


def test_a_worker_whose_clock_lags_loses_no_message(sink: Sink, town: Town) -> None:
    filed(town)
    with clock.frozen(clock.now() - timedelta(seconds=1)):
        send_everything()
    assert len(sink.to(ROSA)) == 1

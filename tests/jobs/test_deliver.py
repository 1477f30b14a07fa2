"""From an event to a mailbox, with a real database and a real SMTP server; and what happens when either misbehaves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from authority_portal.config import settings
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.notifications import links, messages, queries
from authority_portal.domain.notifications.models import LinkToken, Message
from authority_portal.domain.people import commands as people
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.commands import status
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.jobs import deliver, ending
from tests.builders.authorities import Town, a_town
from tests.builders.reports import a_report
from tests.builders.smtp import HangUp, Sink
from tests.builders.staff import a_member
from tests.builders.travel import (
    deliver_what_is_due,
    dispatches,
    due_batches,
    let_pass,
    mail_goes_to_a_sink,
    plan_what_is_told,
    send_everything,
    states,
)

pytestmark = pytest.mark.usefixtures("committed")

ROSA = "rosa@example.org"
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def sink(committed: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with mail_goes_to_a_sink(monkeypatch) as made:
        yield made


@pytest.fixture
def town(committed: object) -> Town:
    return a_town()


@dataclass(frozen=True)
class Filed:
    """What is known of a report after its transaction."""

    id: int
    reference: str


def filed(town: Town, **more: Any) -> Filed:
    report = a_report(town, **more)
    return Filed(report.id, report.reference)


def step(town: Town, report: Filed, to: str, **more: object) -> None:
    bind(town.id)
    with transaction():
        found = db.session.get_one(Report, report.id)
        status.change(found, to=town.statuses[to], authority=town.card, by=town.house, **more)  # type: ignore[arg-type]


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


def test_a_refusal_for_now_is_tried_again_with_the_same_identity(sink: Sink, town: Town) -> None:
    sink.at_data = lambda _address: "451 4.7.1 try again later"
    filed(town)
    send_everything()
    (row,) = dispatches()
    assert (row.state, row.attempts, row.ambiguous, row.failure) == ("pending", 1, 0, "451 to the content")
    assert due_batches() == []
    sink.at_data = lambda _address: None
    let_pass(A_MINUTE)
    deliver_what_is_due()
    assert len(sink.to(ROSA)) == 1
    assert states() == ["sent"]


def test_a_refusal_for_good_ends_the_message_and_not_its_neighbours(sink: Sink, town: Town) -> None:
    sink.at_recipient = lambda address: f"550 5.1.1 no such mailbox {address}" if address == ROSA else None
    filed(town)
    filed(town, contact=Contact(email="sam@example.org", channel="email"))
    send_everything()
    rosa, sam = dispatches()
    assert (rosa.state, rosa.failure) == ("failed", "550 to the recipient")
    assert sam.state == "sent"
    assert sink.connections == 1


@pytest.mark.parametrize("keeps", [True, False])
def test_a_line_that_breaks_before_the_answer_is_counted_as_unsure(sink: Sink, town: Town, keeps: bool) -> None:
    def hang_up(_address: str) -> str:
        raise HangUp(keeps=keeps)

    sink.at_data = hang_up
    filed(town)
    send_everything()
    (row,) = dispatches()
    assert (row.state, row.ambiguous) == ("pending", 1)
    sink.at_data = lambda _address: None
    let_pass(A_MINUTE)
    deliver_what_is_due()
    ids = [mail["Message-ID"] for mail in sink.to(ROSA)]
    assert len(ids) == 1 + keeps
    assert len(set(ids)) == 1
    assert [(row.state, row.ambiguous) for row in dispatches()] == [("sent", 1)]


def test_a_server_that_is_away_costs_one_attempt_of_everybody(
    town: Town, committed: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_SMTP_URL", "smtp://127.0.0.1:1")
    settings.cache_clear()
    for number in range(3):
        filed(town, contact=Contact(email=f"r{number}@example.org", channel="email"))
    send_everything()
    assert {(row.state, row.attempts, row.failure) for row in dispatches()} == {
        ("pending", 1, "no connection: ConnectionRefusedError")
    }
    settings.cache_clear()


def test_messages_of_one_stream_never_overtake(sink: Sink, town: Town) -> None:
    sink.at_data = lambda _address: "451 later"
    report = filed(town)
    send_everything()
    sink.at_data = lambda _address: None
    step(town, report, "in_progress", note="Crew sent.")
    other = filed(town, contact=Contact(email="sam@example.org", channel="email"))
    send_everything()
    assert sink.to(ROSA) == []
    assert [mail["Subject"] for mail in sink.to("sam@example.org")] == [f"We received your report {other.reference}"]
    let_pass(A_MINUTE)
    send_everything()
    assert [mail["Subject"].partition(" ")[0] for mail in sink.to(ROSA)] == ["We", "Your"]


def test_a_dead_workers_messages_go_on_when_its_lease_ends(sink: Sink, town: Town) -> None:
    filed(town)
    plan_what_is_told()
    (batch,) = due_batches()
    with transaction():
        (dead,) = messages.claim(batch.id, lease=deliver.lease())
    assert due_batches() == []
    let_pass(deliver.lease())
    deliver_what_is_due()
    assert [(row.state, row.attempts, row.ambiguous) for row in dispatches()] == [("sent", 2, 0)]
    with transaction():
        assert not messages.handed_over(dead, lease=deliver.lease())
        messages.failed(dead, cause="late", for_good=True)
    assert states() == ["sent"]


def test_deaths_of_workers_do_not_make_a_message_wait_longer(sink: Sink, town: Town) -> None:
    sink.at_data = lambda _address: "451 later"
    filed(town)
    plan_what_is_told()
    for _ in range(5):
        (batch,) = due_batches()
        with transaction():
            messages.claim(batch.id, lease=deliver.lease())
        let_pass(deliver.lease())
    deliver_what_is_due()
    sink.at_data = lambda _address: None
    let_pass(timedelta(seconds=10))
    deliver_what_is_due()
    assert [(row.state, row.attempts, row.refusals) for row in dispatches()] == [("sent", 7, 1)]


def test_a_worker_that_died_after_the_handover_leaves_a_mark(sink: Sink, town: Town) -> None:
    filed(town)
    plan_what_is_told()
    (batch,) = due_batches()
    with transaction():
        (dead,) = messages.claim(batch.id, lease=deliver.lease())
    with transaction():
        assert messages.handed_over(dead, lease=deliver.lease())
    let_pass(deliver.lease())
    deliver_what_is_due()
    assert [(row.state, row.ambiguous) for row in dispatches()] == [("sent", 1)]


def test_on_a_channel_without_identity_an_unknown_message_is_held(town: Town) -> None:
    filed(town)
    plan_what_is_told()
    (batch,) = due_batches()
    with transaction() as session:
        (dead,) = messages.claim(batch.id, lease=deliver.lease())
        messages.handed_over(dead, lease=deliver.lease())
        session.execute(text("UPDATE message_dispatch SET channel = 'sms'"))
    let_pass(deliver.lease())
    assert due_batches() == []
    assert states() == ["unknown"]


def test_whatever_the_queue_loses_is_told_again_however_often(town: Town) -> None:
    """Once a row that was told twice and lost twice stayed stuck, because staleness was not judged against now."""
    filed(town)
    plan_what_is_told()
    for _ in range(3):
        assert len(due_batches()) == 1
        assert due_batches() == []
        let_pass(timedelta(seconds=11))
    (batch,) = due_batches()
    with transaction():
        messages.claim(batch.id, lease=deliver.lease())
    let_pass(deliver.lease())
    for _ in range(3):
        assert len(due_batches()) == 1
        assert due_batches() == []
        let_pass(timedelta(seconds=11))


def test_a_message_that_kills_every_worker_is_given_up(town: Town) -> None:
    filed(town)
    plan_what_is_told()
    with transaction() as session:
        session.execute(text("UPDATE message_dispatch SET attempts = :most"), {"most": messages.MOST_ATTEMPTS})
    assert due_batches() == []
    assert [(row.state, row.failure) for row in dispatches()] == [("failed", "tried too often")]


def test_a_worker_asked_to_end_lets_go_of_what_it_has_not_begun(sink: Sink, town: Town) -> None:
    filed(town)
    plan_what_is_told()
    (batch,) = due_batches()
    ending.asked.set()
    try:
        deliver.deliver_due(batch.id)
    finally:
        ending.asked.clear()
    assert [(row.state, row.attempts) for row in dispatches()] == [("pending", 0)]
    deliver_what_is_due()
    assert len(sink.to(ROSA)) == 1


def test_no_transaction_is_open_while_the_server_keeps_us_waiting(sink: Sink, town: Town) -> None:
    seen: list[bool] = []
    session = db.session()

    def look(_address: str) -> None:
        seen.append(session.in_transaction())

    sink.at_recipient = sink.at_data = look
    filed(town)
    send_everything()
    assert seen == [False, False]


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

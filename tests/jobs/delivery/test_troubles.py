"""What happens to a message when a mail server or a worker misbehaves."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from authority_portal.config import settings
from authority_portal.domain.notifications import letters, messages
from authority_portal.domain.people.contact import Contact
from authority_portal.foundation.db import db, transaction
from authority_portal.jobs import deliver, ending
from tests.builders.authorities import Town
from tests.builders.smtp import HangUp, Sink
from tests.builders.travel import (
    deliver_what_is_due,
    dispatches,
    due_batches,
    let_pass,
    plan_what_is_told,
    send_everything,
    states,
)
from tests.jobs.delivery.conftest import A_MINUTE, ROSA, filed, step

pytestmark = pytest.mark.usefixtures("committed")


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


def test_whatever_breaks_before_sending_breaks_for_one_message_alone(
    sink: Sink, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed(town)
    filed(town, contact=Contact(email="sam@example.org", channel="email"))
    plan_what_is_told()
    rosas = dispatches()[0].message_id
    address_all = letters.address_all

    def trip(message_ids: list[int], **more: Any) -> letters.Mail:
        if rosas in message_ids:
            raise RuntimeError("rosa@example.org was in the way")
        return address_all(message_ids, **more)

    monkeypatch.setattr(deliver, "address_all", trip)
    deliver_what_is_due()
    rosa, sam = dispatches()
    assert (rosa.state, rosa.failure, rosa.refusals) == ("pending", "cannot be addressed: RuntimeError", 1)
    assert sam.state == "sent"


def test_a_channel_that_cannot_be_opened_costs_one_attempt(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SMTP_URL", "nonsense")
    settings.cache_clear()
    filed(town)
    send_everything()
    assert [(row.state, row.refusals, row.failure) for row in dispatches()] == [
        ("pending", 1, "channel cannot be opened: ValueError")
    ]
    monkeypatch.undo()
    settings.cache_clear()


def test_what_was_on_its_way_when_several_workers_died_travels_alone(sink: Sink, town: Town) -> None:
    filed(town)
    plan_what_is_told()
    for _ in range(messages.ALONE_AFTER):
        (batch,) = due_batches()
        with transaction():
            messages.claim(batch.id, lease=deliver.lease())
        let_pass(deliver.lease())
    for name in ("sam", "kim"):
        filed(town, contact=Contact(email=f"{name}@example.org", channel="email"))
    plan_what_is_told()
    assert [len(batch.message_ids) for batch in due_batches()] == [1, 2]

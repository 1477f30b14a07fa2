"""Residents are told how long their details are kept: who, when, how often, and with how many statements."""

import pytest
from sqlalchemy import event, select

from authority_portal.domain.notifications.models import Message, MessageDispatch
from authority_portal.domain.people import commands as people
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.rights import retention
from authority_portal.domain.rights.rules import Mode
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.travel import deliver_what_is_due, mail_goes_to_a_sink
from tests.domain.rights.conftest import ago, run, the_person


def test_on_day_fifty_the_resident_is_told_once_by_the_messages_that_tell_everything_else(town, monkeypatch):
    with mail_goes_to_a_sink(monkeypatch) as sink:
        open_one, closed_one = ago(52, town), ago(52, town, closed=20, contact=Contact(email="noor@example.org", channel="email"))
        references = open_one.reference, closed_one.reference
        assert run(town) == (2, 0)
        assert run(town) == (0, 0)
        bind(None)
        deliver_what_is_due()

    mails = {str(mail["To"]): mail for _, mail in sink.took}
    assert set(mails) == {"rosa@example.org", "noor@example.org"}
    assert f"{references[0]}: how long we keep your contact details" in str(mails["rosa@example.org"]["Subject"])
    texts = {to: mail.get_body(("plain",)).get_content() for to, mail in mails.items()}
    assert "We keep your contact details while the work goes on" in texts["rosa@example.org"]
    assert "we erase your contact details" in texts["noor@example.org"]
    assert references[1] in texts["noor@example.org"]
    assert "Done." not in texts["noor@example.org"]


def test_another_mode_tells_anew_those_for_whom_the_end_moves(town):
    def told(report):
        details = select(Message.details).where(Message.event == "retention", Message.report_id == report.id)
        return [(each["ends_at"], each["kept"]) for each in db.session.scalars(details.order_by(Message.id))]

    open_one = ago(52, town)
    closed_one = ago(52, town, closed=45, contact=Contact(email="noor@example.org", channel="email"))
    assert run(town) == (2, 0)
    for mode in (Mode.LITERAL, Mode.UNLESS_OPEN):
        with transaction():
            retention.set_mode(mode, authority=town.card, by=town.house)
        run(town)
        assert run(town) == (0, 0)

    first, second, third = told(open_one)
    assert first == third
    assert (first[1], second[1]) == (True, False)
    assert second[0] < first[0]
    assert len(told(closed_one)) == 1


def test_many_are_told_with_as_many_statements_as_one(town):
    def statements():
        made = []

        def note(_connection, _cursor, statement, *_more):
            made.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            told, _ = run(town)
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return told, len(made)

    ago(52, town)
    one, first = statements()
    for number in range(7):
        ago(52, town, contact=Contact(email=f"r{number}@example.org", channel="email"))
    many, second = statements()
    assert (one, many) == (1, 7)
    assert second == first
    assert db.session.query(MessageDispatch).join(Message, Message.id == MessageDispatch.message_id).count() >= 8


@pytest.mark.parametrize(
    "contact",
    [
        Contact(name="Rosa Example"),
        Contact(phone="+16175550123", channel="phone"),
        Contact(name="Rosa", address="1 Elm St", channel="letter"),
    ],
)
def test_nobody_is_told_whom_no_message_reaches(town, contact):
    ago(52, town, contact=contact)

    assert run(town) == (0, 0)


def test_nobody_is_told_who_stopped_the_news(town):
    report = ago(52, town)
    with transaction():
        people.stop(the_person(report), by=town.house)

    assert run(town) == (0, 0)

"""The retention rule on real rows: who is told, who is erased, what is left, and what it says to nobody."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select, text

from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.notifications import links
from authority_portal.domain.notifications.models import Message, MessageDispatch
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports.commands import intake
from authority_portal.domain.reports.models import Report
from authority_portal.domain.rights import ledger, retention
from authority_portal.domain.rights.models import Erasure, ErasureBatch
from authority_portal.domain.rights.rules import Keeps, Mode
from authority_portal.domain.rights.subjects import FIRST
from authority_portal.foundation import clock, journal
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.errors import Conflict
from tests.builders.authorities import a_town
from tests.builders.reports import RESIDENT, a_report
from tests.builders.travel import plan_what_is_told
from tests.domain.rights.conftest import ago, run, the_person

SEALED = ("wrapped_key", "name_sealed", "email_sealed", "phone_sealed", "address_sealed", "device_sealed")
EVERYTHING = Contact("Rosa Example", "rosa@example.org", "+16175550123", "1 Elm St", "device-7", "es", "email")


def batches():
    return list(db.session.scalars(select(ErasureBatch).order_by(ErasureBatch.id)))


def test_after_sixty_days_nothing_of_the_contact_is_left(town):
    report = ago(70, town, closed=30, contact=EVERYTHING)

    assert run(town) == (0, 1)

    person = the_person(report)
    assert {getattr(person, name) for name in (*SEALED, "email_index", "phone_index", "locale", "stopped_at")} == {None}
    assert (person.channel, person.erased_because) == ("none", "retention")
    assert db.session.execute(select(Report.locale).where(Report.id == report.id)).scalar_one() is None
    assert set(db.session.scalars(select(Message.locale))) <= {"und"}


def test_the_digest_of_what_was_sent_goes_too_and_the_id_stays_the_reports(town):
    sent = {"source": "open311:app", "source_id": "x-1", "source_digest": b"of name and e-mail"}
    report = ago(70, town, closed=30, contact=EVERYTHING, **sent)
    kept = ago(10, town, **sent | {"source_id": "x-2"})
    run(town)

    digests = dict(db.session.execute(select(Report.id, Report.source_digest)).all())
    assert digests == {report.id: None, kept.id: b"of name and e-mail"}
    again = intake.already_there("open311:app", "x-1", [b"sent again"], by=town.house)
    assert again is not None
    assert again.id == report.id
    with pytest.raises(Conflict):
        intake.already_there("open311:app", "x-2", [b"sent again"], by=town.house)


def test_an_open_report_keeps_its_contact_until_a_year_is_over(town):
    kept, gone = ago(300, town), ago(366, town)
    assert run(town)[1] == 1

    assert the_person(kept).erased_at is None
    assert the_person(gone).erased_at is not None


def test_a_report_that_hangs_on_an_open_lead_is_open(town):
    lead = ago(100, town)
    follower = ago(99, town, closed=50)
    with transaction():
        db.session.execute(text("UPDATE report SET lead_report_id = :lead WHERE id = :it"), {"lead": lead.id, "it": follower.id})
    run(town)

    assert the_person(follower).erased_at is None


def test_two_weeks_after_closing_are_left_for_an_answer(town):
    fresh, over = ago(80, town, closed=13), ago(80, town, closed=15)
    assert run(town)[1] == 1

    assert the_person(fresh).erased_at is None
    assert the_person(over).erased_at is not None


def test_literally_the_contact_goes_although_the_report_is_open(town):
    report = ago(61, town)
    retention.set_mode(Mode.LITERAL, authority=town.card, by=town.house)
    db.session.commit()
    run(town)

    assert the_person(report).erased_at is not None
    assert db.session.scalar(select(AuditLine.details).where(AuditLine.action == "retention:mode"))["after"] == "literal"


def test_each_report_has_a_clock_of_its_own_also_for_the_same_resident(town):
    old, new = ago(70, town, closed=60), ago(5, town)
    run(town)

    assert the_person(old).erased_at is not None
    assert the_person(new).email_index is not None


def test_a_second_run_changes_nothing(town):
    ago(70, town, closed=30)
    ago(55, town)
    assert run(town) == (1, 1)
    before = [db.session.execute(text(f"SELECT * FROM {table} ORDER BY id")).all() for table in ("person", "erasure", "message")]

    assert run(town) == (0, 0)
    after = [db.session.execute(text(f"SELECT * FROM {table} ORDER BY id")).all() for table in ("person", "erasure", "message")]
    assert after == before


def test_the_dry_run_counts_exactly_what_the_run_does(town):
    for days, closed in ((70, 30), (90, 20), (400, None), (61, None), (200, None), (52, None), (52, 40), (10, None), (75, 3)):
        ago(days, town, closed=closed)
    ago(51, town, contact=Contact(name="Nobody's address"))
    bind(town.id)
    forecast = retention.plan(authority=town.card)

    assert (forecast.looked_at, forecast.erased, forecast.told) == (9, 3, 5)
    assert forecast.kept == {Keeps.OPEN: 2}
    assert forecast.oldest is not None
    assert forecast.soon == 2  # closed in time, one of 52 days and one of 75
    assert run(town, limit=2) == (5, 3)


def test_the_ledger_and_the_log_name_the_batch_and_no_value(town):
    report = ago(70, town, closed=30, contact=EVERYTHING)
    run(town)
    (batch,) = batches()
    line = db.session.scalar(select(AuditLine).where(AuditLine.action == "retention:erased"))

    assert (batch.rule, batch.rule_version, batch.reason, batch.persons) == ("contact", 1, "rule", 1)
    assert batch.digest == sha256(report.person_id.bytes).digest()
    assert list(db.session.scalars(select(Erasure.person_id))) == [report.person_id]
    assert line.details == {
        "rule": "contact/1", "reason": "rule", "persons": 1, "messages_cancelled": 0, "digest": batch.digest.hex(),
    }  # fmt: skip
    written = journal.file(ledger.journal_of(town.card)).read_text()
    assert json.loads(written.splitlines()[-1])["persons"] == [str(report.person_id)]
    for value in ("Rosa", "rosa@", "5550123", "Elm"):
        assert value not in written + str(line.details)


def test_messages_that_wait_are_cancelled_and_the_link_to_stop_them_ends_but_not_the_page(town):
    report = ago(70, town, closed=30)
    plan_what_is_told()
    bind(town.id)
    message = db.session.scalar(select(Message.id).order_by(Message.id).limit(1))
    with transaction():
        follow, stop = (links.make(message, report.id, town.id, purpose) for purpose in ("follow", "unsubscribe"))
    run(town)

    assert set(db.session.scalars(select(MessageDispatch.state))) == {"cancelled"}
    assert links.resolve(follow, "follow") is not None
    assert links.resolve(stop, "unsubscribe") is None


def test_another_authority_is_neither_looked_at_nor_touched(town):
    other = a_town("otherton")
    theirs, ours = ago(70, other, closed=30), ago(70, town, closed=30)
    assert run(town) == (0, 1)

    assert the_person(ours).erased_at is not None
    bind(other.id)
    assert the_person(theirs).erased_at is None
    assert retention.plan(authority=other.card).erased == 1


def test_a_restored_backup_is_made_good_from_the_journal(town):
    report = ago(70, town, closed=30, contact=EVERYTHING)
    reopened_since = ago(71, town, closed=30)
    columns = (*SEALED, "email_index", "phone_index", "channel", "erased_at", "erased_because")
    bind(town.id)
    backup = db.session.execute(text(f"SELECT id, {', '.join(columns)} FROM person")).mappings().all()
    run(town)
    with transaction():  # the restore: the rows as they were, and a ledger that knows nothing of it
        for row in backup:
            sets = ", ".join(f"{name} = :{name}" for name in columns)
            db.session.execute(text(f"UPDATE person SET {sets} WHERE id = :id"), dict(row))
    assert the_person(report).name_sealed is not None

    with transaction():
        again = ledger.replay(
            ledger.read(journal.lines(journal.file(ledger.journal_of(town.card)))), authority=town.card, by=town.house
        )
    assert again == 2
    assert the_person(report).name_sealed is None
    assert the_person(reopened_since).email_index is None
    assert [batch.reason for batch in batches()] == ["rule", "replay"]
    assert db.session.scalar(text("SELECT count(*) FROM erasure")) == 2


def test_a_torn_or_foreign_line_of_the_journal_is_passed_over(town):
    report = ago(3, town)
    lines = ['{"at": "2026-', "[]", "7", '{"at": "2026-11-22T10:00:00Z", "rule": "contact/1", "persons": ["x"]}']
    good = json.dumps({"at": "2026-11-22T10:00:00Z", "rule": "contact/1", "persons": [str(report.person_id), str(FIRST)]})
    bind(town.id)

    with transaction():
        assert ledger.replay(ledger.read([*lines, good]), authority=town.card, by=town.house) == 1


def test_a_journal_goes_on_after_a_crash_in_the_middle_of_a_line(town):
    name = "torn"
    journal.append(name, "one")
    with journal.file(name).open("a") as opened:
        opened.write("hal")
    journal.append(name, "two")

    assert list(journal.lines(journal.file(name))) == ["one\n", "hal\n", "two\n"]


def test_search_by_contact_finds_nothing_afterwards(town):
    ago(70, town, closed=30)
    bind(town.id)
    by_index = text("SELECT count(*) FROM person WHERE email_index = :it")
    index = db.session.scalar(text("SELECT email_index FROM person"))
    assert db.session.scalar(by_index, {"it": index}) == 1
    run(town)

    assert db.session.scalar(by_index, {"it": index}) == 0


def test_a_report_written_down_late_counts_from_the_day_it_was_made(town):
    report = a_report(town, contact=RESIDENT, received_at=clock.now() - timedelta(days=366))
    run(town)

    assert the_person(report).erased_at is not None

"""What is finished is cleared away after its days, and nothing else is."""

import os
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from authority_portal.config import settings
from authority_portal.domain.access.roles import Role
from authority_portal.domain.notifications import queries
from authority_portal.domain.notifications.models import MessageDispatch
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import clock, storage
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.outbox import OutboxEvent
from authority_portal.jobs import tidying
from authority_portal.jobs.schedule import SCHEDULE
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member
from tests.builders.travel import mail_goes_to_a_sink, send_everything


def an_event(town, state, days):
    at = clock.now() - timedelta(days=days)
    return OutboxEvent(authority_id=town.id, kind="StatusChanged", payload={}, state=state, created_at=at, due_at=at)


def test_events_that_were_acted_upon_go_after_their_days(house):
    town = a_town()
    kept = settings().KEEP_EVENTS_DAYS
    bind(None)
    with transaction():
        for state in ("pending", "done", "cancelled"):
            db.session.add_all([an_event(town, state, kept + 1), an_event(town, state, kept - 1)])

    tidying.finished_events()
    tidying.finished_events()

    left = db.session.execute(select(OutboxEvent.state, func.count()).group_by(OutboxEvent.state)).all()
    assert sorted(map(tuple, left)) == [("cancelled", 1), ("done", 1), ("pending", 2)]


@pytest.mark.parametrize(
    ("delete", "index"),
    [(tidying._EVENTS, "ix_outbox_event_finished"), (tidying._DELIVERIES, "ix_message_dispatch_plain")],
    ids=["events", "deliveries"],
)
def test_what_is_due_is_found_without_looking_at_the_rest(house, delete, index):
    bind(None)
    db.session.execute(text("SET LOCAL enable_seqscan = off"))  # as in a table that is large
    values = {"before": clock.now(), "batch": tidying.BATCH}
    plan = "\n".join(db.session.scalars(text(f"EXPLAIN {delete.text}"), values))

    assert index in plan


def test_a_run_is_bounded_and_the_next_goes_on(house, monkeypatch):
    town = a_town()
    monkeypatch.setattr(tidying, "BATCH", 3)
    monkeypatch.setattr(tidying, "MOST_BATCHES", 2)
    bind(None)
    with transaction():
        db.session.add_all([an_event(town, "done", 100) for _ in range(10)])

    counts = []
    for _ in range(3):
        tidying.finished_events()
        counts.append(db.session.scalar(select(func.count()).select_from(OutboxEvent)))

    assert counts == [4, 0, 0]


def test_the_record_of_a_plain_delivery_goes_and_the_message_still_counts_as_sent(committed, monkeypatch):
    town = a_town()
    report = a_report(town)
    with mail_goes_to_a_sink(monkeypatch):
        send_everything()
    staff = a_member(town, Role.SUPERVISOR)
    bind(town.id)
    before = queries.states_of(report.id, by=staff)
    bind(None)
    with transaction():
        db.session.execute(
            text("UPDATE message_dispatch SET sent_at = sent_at - :it"), {"it": timedelta(days=settings().KEEP_DELIVERIES_DAYS)}
        )

    tidying.plain_deliveries()

    assert db.session.scalar(select(func.count()).select_from(MessageDispatch)) == 0
    bind(town.id)
    after = queries.states_of(report.id, by=staff)
    assert [(state.state, state.wording, state.ambiguous) for state in after] == [
        (state.state, state.wording, state.ambiguous) for state in before
    ]
    assert [state.state for state in after] == ["sent"]


def test_a_delivery_that_has_more_to_tell_stays(house):
    town = a_town()
    bind(None)
    with transaction():
        for number, (state, ambiguous) in enumerate(
            [("sent", 1), ("failed", 0), ("unknown", 0), ("cancelled", 0), ("pending", 0)]
        ):
            db.session.add(
                MessageDispatch(
                    message_id=number, authority_id=town.id, channel="email", stream=1, state=state, ambiguous=ambiguous,
                    next_attempt_at=clock.now() - timedelta(days=900), sent_at=clock.now() - timedelta(days=900),
                )
            )  # fmt: skip

    tidying.plain_deliveries()

    assert db.session.scalar(select(func.count()).select_from(MessageDispatch)) == 5


def age(file, days):
    then = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    os.utime(file, (then, then))


def kept_photo(town, *, days):
    name = storage.new_name()
    storage.keep(town.id, name, b"large", b"small")
    for small in (False, True):
        age(storage.path(town.id, name, small=small), days)
    return name


def every_shard(town):
    return sum(tidying.orphans_of(town.id, shard) for shard in range(256))


def test_files_without_a_photo_go_once_they_are_old_enough(house):
    town = a_town()
    report = a_report(town)
    ours, orphan, young = kept_photo(town, days=3), kept_photo(town, days=3), kept_photo(town, days=0)
    bind(town.id)
    with transaction():
        db.session.add(
            Photo(
                authority_id=town.id, report_id=report.id, state="ready", name=ours, added_at=clock.now(), attempts=0, failure=""
            )
        )
    draft = storage.path(town.id, ours).with_suffix(".12345678.new")
    draft.write_bytes(b"half")
    age(draft, 3)

    assert every_shard(town) == 1
    assert every_shard(town) == 0

    there = {name: storage.path(town.id, name).is_file() for name in (ours, orphan, young)}
    assert there == {ours: True, orphan: False, young: True}
    assert not storage.path(town.id, orphan, small=True).exists()
    assert not draft.exists()


def test_another_authoritys_photo_protects_no_file_of_this_one(house):
    town, other = a_town(), a_town("otherton")
    report = a_report(other)
    name = kept_photo(town, days=3)
    bind(other.id)
    with transaction():
        db.session.add(
            Photo(
                authority_id=other.id, report_id=report.id, state="ready", name=name, added_at=clock.now(), attempts=0, failure=""
            )
        )

    assert every_shard(town) == 1


def test_every_folder_is_looked_at_within_a_day(house, monkeypatch):
    a_town()
    looked, now = [], clock.now()
    monkeypatch.setattr(tidying, "orphans_of", lambda _authority, shard: looked.append(shard) or 0)
    for step in range(256):
        monkeypatch.setattr(clock, "now", lambda step=step: now + step * tidying.SHARD_EVERY)
        tidying.orphan_files()

    assert sorted(looked) == list(range(256))
    assert timedelta(days=1) > tidying.SHARD_EVERY * 256


@pytest.mark.parametrize("work", [tidying.finished_events, tidying.plain_deliveries, tidying.orphan_files])
def test_the_schedule_has_it(work):
    assert work in [periodic.run for periodic in SCHEDULE]

"""A run that is killed, again and again, ends exactly like one that was not. `PORTAL_PROOF=full` kills it 50 times."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from authority_portal.config import CHECKOUT
from authority_portal.domain.people.models import Person
from authority_portal.domain.rights import ledger
from authority_portal.domain.rights.models import Erasure, ErasureBatch
from authority_portal.foundation import clock, journal
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report

pytestmark = pytest.mark.usefixtures("committed")

RESIDENTS, KILLS = (300, 50) if os.environ.get("PORTAL_PROOF") == "full" else (60, 3)
RUN = """
from authority_portal.app import create_app
from authority_portal.domain.access.actor import system
from authority_portal.domain.authorities import card
from authority_portal.domain.rights import retention
from authority_portal.domain.rights.subjects import FIRST
from authority_portal.foundation.db import bind, transaction

with create_app(process="portal-retention").app_context():
    authority, after = card.by_slug("boston"), FIRST
    bind(authority.id)
    print("ready", flush=True)
    while after is not None:
        with transaction():
            done = retention.run_batch(
                authority=authority, spoken=frozenset({"en"}), by=system(authority.id), after=after, limit=3
            )
        after = done.next_after
"""


def started(environment):
    process = subprocess.Popen(
        [sys.executable, "-c", RUN], cwd=CHECKOUT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    return process


def all_residents(town):
    """A third is to be erased, a third to be told, a third to be left alone."""
    days = {"erased": 400, "told": 55, "left": 5}
    made = {}
    for number in range(RESIDENTS):
        fate = list(days)[number % 3]
        with clock.frozen(clock.now() - timedelta(days=days[fate])):
            made[a_report(town).person_id] = fate
    return made


def test_kill_9_at_random_points_leaves_nobody_out_and_nobody_twice(environment):
    town, chance = a_town(), random.Random(11)
    fates = all_residents(town)
    db.session.remove()  # no transaction of ours stays open while others are killed
    killed = 0
    for _ in range(KILLS):
        process = started(environment)
        time.sleep(chance.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        killed += process.wait(10) == -signal.SIGKILL
        process.stdout.close()
    last = started(environment)
    assert last.wait(60) == 0
    last.stdout.close()

    bind(town.id)
    with transaction():
        found = {
            row.id: "erased" if row.erased_at else "told" if row.retention_told_at else "left"
            for row in db.session.execute(select(Person.id, Person.erased_at, Person.retention_told_at))
        }
        by_batch = {}
        for person_id, batch_id in db.session.execute(select(Erasure.person_id, Erasure.batch_id)):
            by_batch.setdefault(batch_id, []).append(person_id)
        batches = {row.id: (row.persons, row.digest) for row in db.session.scalars(select(ErasureBatch))}
        notices = db.session.scalar(text("SELECT count(*) FROM message WHERE event = 'retention'"))
        lines = db.session.scalar(text("SELECT count(*) FROM audit_line WHERE action = 'retention:erased'"))
    written = {
        person_id
        for entry in ledger.read(journal.lines(journal.file(ledger.journal_of(town.card))))
        for person_id in entry.person_ids
    }

    assert killed >= 1
    assert found == fates
    assert batches == {batch_id: (len(ids), ledger.digest(ids)) for batch_id, ids in by_batch.items()}
    assert (notices, lines) == (RESIDENTS // 3, len(batches))
    assert {person_id for person_id, fate in fates.items() if fate == "erased"} <= written

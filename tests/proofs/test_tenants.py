"""Row-level security: what another authority has is not there, in every table, in every state of the pool."""

import random
import threading
from dataclasses import dataclass

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from authority_portal import tables
from authority_portal.domain.people import commands as people
from authority_portal.domain.people.contact import Contact
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, engine_options, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member
from tests.proofs.sizes import sized

TENANTS = tables.of_kind("tenant")
THREADS, ROUNDS = sized(small=(8, 300), full=(64, 782))
CONNECTIONS = sized(small=3, full=8)


@dataclass(frozen=True)
class Two:
    """The ids of two filled authorities."""

    first: int
    second: int


@pytest.fixture
def two(house):
    """Boston and Otherton, each with at least one row in every tenant table."""
    return Two(fill(a_town("boston")), fill(a_town("otherton")))


def fill(town):
    """A row in every tenant table of one authority, by the product's commands and, where none writes, by hand."""
    report = a_report(town, to="in_progress")
    ids = {"authority": town.id, "report": report.id, "now": clock.now(), "staff": a_member(town).id, "person": report.person_id}
    bind(town.id)
    with transaction():
        people.take_down(Contact(name="Noor Example"), by=town.house)
        for statement in BY_HAND:
            db.session.execute(text(statement), ids)
    return town.id


BY_HAND = (
    (
        "INSERT INTO area (authority_id, layer, code, name, position, shape) VALUES (:authority, 'ward', '1', 'One', 0, "
        "'SRID=4326;MULTIPOLYGON(((-71.1 42.3,-71.0 42.3,-71.0 42.4,-71.1 42.3)))')"
    ),
    "INSERT INTO assignment (authority_id, report_id, reason, assigned_at) VALUES (:authority, :report, '', :now)",
    "INSERT INTO note (authority_id, report_id, text, staff_id, written_at) VALUES (:authority, :report, 'x', :staff, :now)",
    (
        "INSERT INTO photo (authority_id, report_id, state, cleared, failure, attempts, added_at) "
        "VALUES (:authority, :report, 'wanted', false, '', 0, :now)"
    ),
    (
        "INSERT INTO map_cell (authority_id, level, cell, status_group, category_id, n, late, sum_lat, sum_lon, report_id, "
        "counted_at) VALUES (:authority, 10, 1, 'open', 1, 1, 0, 42, -71, :report, :now)"
    ),
    "INSERT INTO map_dirt (authority_id, tile) VALUES (:authority, 1)",
    (
        "INSERT INTO figure (authority_id, report_id, received_on, category_id, channel) "
        "VALUES (:authority, :report, current_date, 1, 'web')"
    ),
    (
        "INSERT INTO figure_period (authority_id, first_day, last_day, dimension, lines, counted_at, stale) "
        "VALUES (:authority, current_date, current_date, 'category', '[]', :now, false)"
    ),
    (
        "INSERT INTO import_run (authority_id, source, file_digest, rows_done, tally, started_at) "
        "VALUES (:authority, 'x', '\\x00', 0, '{}', :now)"
    ),
    (
        "INSERT INTO message (authority_id, report_id, person_id, channel, event, locale, dedupe_key, details, made_at) "
        "VALUES (:authority, :report, :person, 'email', 'received', 'en', 'k', '{}', :now)"
    ),
    (
        "INSERT INTO erasure_batch (authority_id, rule, rule_version, reason, persons, digest, erased_at) "
        "VALUES (:authority, 'contact', 1, 'rule', 1, '\\x00', :now)"
    ),
    (
        "INSERT INTO erasure (authority_id, person_id, batch_id) "
        "SELECT :authority, :person, max(id) FROM erasure_batch WHERE authority_id = :authority"
    ),
)


def count(table, where="true", **values):
    return db.session.scalar(text(f"SELECT count(*) FROM {table} WHERE {where}"), values)


def test_unbound_every_tenant_table_is_empty(two):
    bind(None)

    assert {table: count(table) for table in TENANTS} == dict.fromkeys(TENANTS, 0)


def test_bound_each_authority_sees_its_own_rows_and_no_others(two):
    for own in (two.first, two.second):
        bind(own)
        assert [table for table in TENANTS if count(table) == 0] == [], "fill these tables in BY_HAND"
        assert [table for table in TENANTS if count(table, "authority_id <> :own", own=own)] == []


@pytest.mark.parametrize("table", TENANTS)
def test_another_authoritys_rows_can_be_neither_changed_nor_deleted_nor_moved(two, table):
    rights = tables.metadata().tables[table].info["rights"]
    bind(two.first)
    if "UPDATE" in rights and "UPDATE (" not in rights:
        changed = db.session.connection().execute(
            text(f"UPDATE {table} SET authority_id = authority_id WHERE authority_id = :other"), {"other": two.second}
        )
        assert changed.rowcount == 0
        with pytest.raises(DBAPIError, match=r"row-level security|violates foreign key"), db.session.begin_nested():
            db.session.execute(text(f"UPDATE {table} SET authority_id = :other"), {"other": two.second})
    if "DELETE" in rights:
        gone = db.session.connection().execute(text(f"DELETE FROM {table} WHERE authority_id = :other"), {"other": two.second})
        assert gone.rowcount == 0
    db.session.rollback()


def test_a_row_cannot_be_written_for_another_authority(two):
    bind(two.first)
    with pytest.raises(DBAPIError, match="row-level security"), db.session.begin_nested():
        db.session.execute(text("INSERT INTO map_dirt (authority_id, tile) VALUES (:other, 1)"), {"other": two.second})


def test_a_note_cannot_hang_on_another_authoritys_report(two):
    bind(two.second)
    foreign = db.session.scalar(text("SELECT max(id) FROM report"))
    bind(two.first)
    staff = db.session.scalar(text("SELECT staff_id FROM note"))
    with pytest.raises(DBAPIError, match="violates foreign key"), db.session.begin_nested():
        db.session.execute(text(BY_HAND[2]), {"authority": two.first, "report": foreign, "staff": staff, "now": clock.now()})


def test_the_setting_of_one_transaction_does_not_outlive_it(committed):
    first, second = fill(a_town("boston")), fill(a_town("otherton"))
    engine = create_engine(str(db.engine.url.render_as_string(hide_password=False)), pool_size=1, max_overflow=0)
    for _ in range(3):
        with engine.begin() as connection:
            connection.execute(text("SELECT set_config('app.authority_id', :it, true)"), {"it": str(first)})
            assert connection.scalar(text("SELECT count(*) FROM report WHERE authority_id <> :own"), {"own": first}) == 0
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM report")) == 0
    assert second
    engine.dispose()


def test_a_tortured_pool_never_shows_anybody_elses_rows(committed, proved):
    """Few connections, many threads; commits, rollbacks, failed statements, broken connections and unbound glances at random."""
    owners = [fill(a_town("boston")), fill(a_town("otherton"))]
    bind(None)
    db.session.remove()
    leaks, failures = [], []

    def torture(number):
        try:
            chance = random.Random(number)
            with committed.app_context():
                for _ in range(ROUNDS):
                    _one_round(owners, chance, leaks)
        except Exception as error:  # a thread's failure must reach the test
            failures.append(repr(error))

    engines, original = db._app_engines[committed], db.engine
    engines[None] = create_engine(
        original.url, **(engine_options("torture") | {"pool_size": CONNECTIONS, "max_overflow": 0, "pool_timeout": 120})
    )
    try:
        workers = [threading.Thread(target=torture, args=(number,)) for number in range(THREADS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        engines[None].dispose()
        engines[None] = original

    assert (failures, leaks) == ([], [])
    proved(
        size=f"{THREADS} threads on {CONNECTIONS} connections, {THREADS * ROUNDS:,} transactions, a fifth of them broken off",
        result="0 rows of another authority, 0 rows unbound",
    )


def _one_round(owners, chance, leaks):
    own = chance.choice([*owners, *owners, None])
    bind(own)
    seen = set(db.session.scalars(text("SELECT authority_id FROM report")))
    if seen != ({own} if own else set()):
        leaks.append((own, seen))
    ending = chance.choice(("commit", "commit", "rollback", "fail", "vanish" if chance.random() < 0.05 else "rollback"))
    if ending == "commit":
        db.session.commit()
    elif ending == "rollback":
        db.session.rollback()
    elif ending == "fail":
        with pytest.raises(DBAPIError):
            db.session.execute(text("SELECT 1 / 0"))
        db.session.rollback()
    else:
        db.session.connection().invalidate()  # the pool has to make a new one, and to bind that as well
        db.session.rollback()
    db.session.remove()

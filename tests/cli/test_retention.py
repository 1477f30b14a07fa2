"""`flask retention`: counts by rule and authority, and nothing personal on the screen."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from authority_portal.domain.authorities.models import Authority
from authority_portal.domain.people.models import Person
from authority_portal.domain.rights import ledger
from authority_portal.foundation import clock, journal
from authority_portal.foundation.db import bind, db
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.cli.test_commands import run


@pytest.fixture
def towns(house):
    made = a_town("boston"), a_town("otherton")
    for town, days in ((made[0], (400, 55, 5)), (made[1], (400, 400))):
        for number in days:
            with clock.frozen(clock.now() - timedelta(days=number)):
                a_report(town)
    bind(None)
    return made


def test_the_plan_counts_and_the_run_does(house, towns):
    planned = run(house, "retention", "plan")
    assert "boston: rule contact/1 (unless_open)" in planned
    assert "rosa" not in planned.lower()
    assert [line.split()[-1] for line in planned.splitlines() if "erase now" in line] == ["1", "2"]

    assert run(house, "retention", "run", "--authority", "boston") == (
        "boston: 1 residents' details erased, 1 residents told how long theirs are kept\n"
    )
    assert "boston: 0 residents' details erased, 0 residents told" in run(house, "retention", "run")
    bind(towns[1].id)
    assert all(db.session.scalars(select(Person.erased_at)))


def test_a_plan_can_look_ahead_but_a_run_cannot(house, towns):
    ahead = (clock.now() + timedelta(days=400)).strftime("%Y-%m-%dT%H:%M:%SZ")
    planned = run(house, "retention", "plan", "--authority", "boston", "--as-of", ahead)

    assert "erase now                  3" in planned
    assert "--as-of" in run(house, "retention", "run", "--as-of", ahead, code=2)
    assert "must be a time" in run(house, "retention", "plan", "--as-of", "infinity", code=2)


def test_the_mode_is_changed_by_command(house, towns):
    run(house, "retention", "mode", "literal", "--authority", "boston")

    modes = dict(db.session.execute(select(Authority.slug, Authority.retention_mode)).all())
    assert modes == {"boston": "literal", "otherton": "unless_open"}
    assert "(literal)" in run(house, "retention", "plan", "--authority", "boston")


def test_replaying_after_a_restore_can_use_a_copy_of_the_journal(house, towns, tmp_path):
    run(house, "retention", "run")
    copy = tmp_path / "copy.jsonl"
    copy.write_text(journal.file(ledger.journal_of(towns[0].card)).read_text())
    assert "boston: 0 residents' details erased again" in run(house, "retention", "replay")

    bind(towns[0].id)
    db.session.execute(Person.__table__.update().values(erased_at=None, erased_because=None, email_index=b"back"))
    db.session.commit()
    bind(None)
    words = run(house, "retention", "replay", "--authority", "boston", "--journal", str(copy))
    assert words == "boston: 1 residents' details erased again\n"
    assert "name it with --authority" in run(house, "retention", "replay", "--journal", str(copy), code=2)

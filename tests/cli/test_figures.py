"""`flask figures`: made anew, compared with the reports, and said in words when they differ."""

import pytest
from sqlalchemy import text

from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.cli.test_commands import run

pytestmark = pytest.mark.usefixtures("house")


def test_figures_are_made_anew_and_checked(house):
    town = a_town()
    a_report(town)

    assert "boston: the figures of 1 reports made anew" in run(house, "figures", "rebuild")
    assert "boston: 0 reports and 0 counts differ" in run(house, "figures", "check", "--authority", "boston")


def test_what_differs_is_named_and_ends_with_one(house):
    town = a_town()
    a_report(town)
    run(house, "figures", "rebuild")
    bind(town.id)
    with transaction():
        db.session.execute(text("UPDATE figure SET channel = 'phone'"))
    said = run(house, "figures", "check", code=1)

    assert "boston: 1 reports and" in said
    assert "flask figures rebuild" in said
    run(house, "figures", "rebuild")
    run(house, "figures", "check")

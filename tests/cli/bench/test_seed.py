"""The data that `make bench` measures on: consistent with what the domain writes, and answered as they should be."""

import json

import pytest
from sqlalchemy import text

from authority_portal.cli.bench import seeding, towns
from authority_portal.domain.authorities import card
from authority_portal.domain.reports import rollup
from authority_portal.foundation.db import bind, bound, db
from deploy.bench import targets

REPORTS, OTHERS = 1_200, 2
HELD_BY_OTHERS = """
    SELECT count(*) FROM report WHERE assignee_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM team_member WHERE team_member.staff_id = report.assignee_id AND team_member.team_id = report.team_id
        AND team_member.authority_id = report.authority_id)
"""
ENDED_ELSEWHERE = """
    SELECT count(*) FROM report WHERE status_id <> (
        SELECT to_status_id FROM status_change WHERE status_change.authority_id = report.authority_id
        AND report_id = report.id ORDER BY id DESC LIMIT 1)
"""
CELLS = "SELECT level, cell, status_group, category_id, n, late, round(sum_lat::numeric, 6) FROM map_cell ORDER BY 1, 2, 3, 4"


@pytest.fixture
def seeded(committed, monkeypatch):
    monkeypatch.setitem(committed.config, "WTF_CSRF_ENABLED", True)
    monkeypatch.setattr(towns, "OTHERS", OTHERS)
    seeding.fill(REPORTS, echo=lambda _line: None)
    bind(None)
    return committed


def inside(slug, statement):
    """The rows of a statement in one authority."""
    with bound(card.by_slug(slug).id):
        return [tuple(row) for row in db.session.execute(text(statement))]


def test_the_seed_is_consistent_and_every_row_is_answered(seeded, tmp_path):
    everywhere = [each.slug for each in card.cards()]
    counted = {
        slug: inside(slug, "SELECT count(*), count(*) FILTER (WHERE closed_at IS NULL) FROM report")[0] for slug in everywhere
    }
    assert counted["boston"][0] == REPORTS // 2
    assert sum(all_ for all_, _ in counted.values()) == REPORTS
    assert all(abs(open_ - all_ / 10) <= 1 for all_, open_ in counted.values())

    assert [inside(slug, HELD_BY_OTHERS)[0][0] for slug in everywhere] == [0] * len(everywhere)
    assert [inside(slug, ENDED_ELSEWHERE)[0][0] for slug in everywhere] == [0] * len(everywhere)
    assert inside("boston", "SELECT count(*) FROM report WHERE person_id IS NOT NULL")[0][0] > 0

    kept = {slug: inside(slug, CELLS) for slug in everywhere}
    for slug in everywhere:
        with bound(card.by_slug(slug).id):
            rollup.rebuild(card.by_slug(slug).id)
            db.session.commit()
    assert {slug: inside(slug, CELLS) for slug in everywhere} == kept
    assert seeded.test_cli_runner().invoke(args=["figures", "check"]).exit_code == 0

    answer = seeded.test_cli_runner().invoke(args=["bench", "stage", str(tmp_path / "stage.json"), "--rounds", "1"])
    assert answer.exit_code == 0, answer.output
    rows = json.loads((tmp_path / "stage.json").read_text())["rows"]
    assert {row["name"] for row in rows} == set(targets.CPU_RATIO)
    assert all(row["answered"] and row["rounds"][0] for row in rows)

"""Boston's totals on the figures' page are those of an independent script over the file (`boston_counts.py`)."""

import csv
import gzip
import io
import re
from collections import Counter
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from authority_portal.cli.demo import towns
from authority_portal.cli.demo.towns import BOSTON
from authority_portal.cli.import_ import Job, carry_out
from authority_portal.domain.access.roles import Role
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db
from authority_portal.jobs import figures
from tests.builders.authorities import Town
from tests.builders.staff import a_member, signed_in
from tests.proofs.boston_counts import cases, counted
from tests.proofs.sizes import sized

EVERY = sized(small=40, full=1)
"""Every so many rows of the file."""
MOMENT = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
PERIODS = ("7d", "28d", "90d", "month", "year", "2026-06", "2026-10", "2026-11", "own&from=2026-10-25&to=2026-11-08")
LEAD = re.compile(r'<dt>([^<]+)</dt><dd class="lead__n">(?:<a [^>]+>)?([^<]+)')


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """Boston's file, or a part of it."""
    whole = BOSTON.path(BOSTON.file)
    if EVERY == 1:
        return whole
    part = tmp_path_factory.mktemp("boston") / whole.name
    with gzip.open(whole, "rt", encoding="utf-8", newline="") as rows, gzip.open(part, "wt", encoding="utf-8", newline="") as out:
        reader, writer = csv.reader(rows), csv.writer(out)
        writer.writerow(next(reader))
        writer.writerows(row for number, row in enumerate(reader) if number % EVERY == 0)
    return part


@pytest.fixture(scope="module")
def desk(stage, file, tmp_path_factory):
    """A supervisor's browser in a Boston that holds the file's reports and nothing else."""
    with clock.frozen(MOMENT):
        founded = towns.found(BOSTON, lambda _line: None)
        bind(founded.id)
        towns.fill(BOSTON, founded, lambda _line: None)
        # Inside one transaction nothing is ever analysed, so the importer's plans are worse than in life.
        db.session.execute(text("SET LOCAL statement_timeout = 0"))
        mapping = towns.DEMO / "boston.toml"
        carry_out(Job(file, mapping, tmp_path_factory.mktemp("rejected") / "rows.csv", founded), echo=lambda _line: None)
        figures.catch_up(founded.id)
        yield signed_in(stage, a_member(Town(founded, {}), Role.SUPERVISOR))


@pytest.fixture(scope="module")
def boston(file):
    return cases(file, MOMENT)


def read(answer):
    """The rows of this period, not of the one before."""
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.status_code == 200
    return [row for row in rows if row["from"] == rows[0]["from"] and row["to"] == rows[0]["to"]]


def plain(row):
    """What the script counts, out of a row of the file."""
    due = int(row["closed_with_deadline"])
    return {
        **{name: int(row[name]) for name in ("received", "closed", "open_at_end")},
        **{name: int(row[name] or 0) for name in ("close_half_seconds", "close_nine_of_ten_seconds")},
        "closed_with_deadline": due,
        "kept": round(float(row["deadline_kept_share"] or 0) * due, 0) if due < 500 else None,
    }


def same(row, expected):
    """Shares have three decimals: beyond 500 reports they stand for more than one count."""
    found = plain(row)
    if found["kept"] is None:
        assert float(row["deadline_kept_share"]) == pytest.approx(expected["kept"] / expected["closed_with_deadline"], abs=0.0005)
        expected = {**expected, "kept": None}
    assert found == expected


@pytest.mark.parametrize("period", PERIODS)
def test_totals_and_every_part_equal_the_scripts_counts(desk, boston, period):
    with clock.frozen(MOMENT):
        by = {
            name: read(desk.get(f"/analytics/figures.csv?period={period}&by={name}")) for name in ("category", "channel", "team")
        }
    first, last = (date.fromisoformat(by["team"][0][name]) for name in ("from", "to"))
    for rows in by.values():
        same(rows[0], counted(boston, first, last))

    for name in ("category", "channel"):
        key = "name" if name == "category" else "code"
        there = {row[key]: row for row in by[name][1:]}
        for value in {getattr(case, name) for case in boston}:
            expected = counted([case for case in boston if getattr(case, name) == value], first, last)
            if any(expected.values()):
                same(there.pop(value), expected)
        left = {value: plain(row) for value, row in there.items()}
        assert {value: row for value, row in left.items() if any(row.values())} == {}, "only what came in the period before"
    # Teams have tidied names: their sizes are compared, whatever they are called.
    queues = {case.team for case in boston}
    sizes = Counter(counted([case for case in boston if case.team == queue], first, last)["received"] for queue in queues)
    assert +Counter(int(row["received"]) for row in by["team"][1:] if row["received"] != "0") == Counter(
        {size: number for size, number in sizes.items() if size}
    )


def test_the_page_says_the_same(desk, boston):
    with clock.frozen(MOMENT):
        page = desk.get("/analytics?period=2026-10").text
    found = {name: value.strip().replace(",", "") for name, value in LEAD.findall(page)}
    expected = counted(boston, date(2026, 10, 1), date(2026, 10, 31))

    assert (found["Received"], found["Closed"], found["Open at the end"]) == tuple(
        str(expected[name]) for name in ("received", "closed", "open_at_end")
    )

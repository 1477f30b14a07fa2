"""Analysts see coarse figures of months that are over: no rows, no small counts, on the page as in the file."""

import csv
import io
import re
from datetime import date
from html import unescape

from sqlalchemy import func, select, update

from authority_portal.domain.analytics.models import Figure
from authority_portal.domain.authorities.models import Team
from authority_portal.domain.reports.workflow import Channel
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.reports import a_report
from tests.web.analytics.conftest import NOON

OCTOBER = "/analytics?period=2026-10"
FILE = "/analytics/figures.csv?period=2026-10&by=channel"


def a_month(town, counted, **channels):
    """October with so many reports by each channel, closed on the same day or the next, written straight as figure rows.

    Thirty of September are open throughout: a town with nothing open is told nothing of what came in and went out.
    """
    report = a_report(town, received_at=NOON)
    bind(town.id)
    with transaction():
        number = db.session.scalar(select(func.coalesce(func.max(Figure.report_id), 0))) + 1_000_000
        for channel, times, september in (*((each, times, False) for each, times in channels.items()), ("web", 30, True)):
            for _ in range(times):
                number += 1
                db.session.add(
                    Figure(
                        authority_id=town.id,
                        report_id=number,
                        received_on=date(2026, 9, 10) if september else date(2026, 10, 10),
                        responded_on=None if september else date(2026, 10, 10),
                        closed_on=None if september else date(2026, 10, 11),
                        response_seconds=None if september else 3_600,
                        close_seconds=None if september else 86_400,
                        due_met=None,
                        category_id=report.category_id,
                        area_id=None,
                        team_id=report.team_id,
                        channel=channel,
                    )
                )
    counted()


def cells(answer, column="received"):
    rows = csv.DictReader(io.StringIO(answer.text))
    return {row["code"] or row["by"]: row[column] for row in rows if row["from"] == "2026-10-01"}


def test_small_counts_are_hidden_and_the_others_rounded(analyst, town, counted):
    a_month(town, counted, web=103, app=58, phone=6, email=7)
    shown = cells(analyst.get(FILE))

    assert (shown["web"], shown["app"]) == ("105", "60")
    assert shown["phone"] == shown["email"] == shown["counter"] == "hidden"


def test_nothing_stands_beside_a_hidden_count_that_tells_it(analyst, town, counted):
    a_month(town, counted, web=100, app=50, phone=30, email=4)
    shown = cells(analyst.get(FILE))

    told = [int(value) for code, value in shown.items() if code != "all" and value.isdecimal()]
    assert shown["email"] == "hidden"
    assert 184 - sum(value - 2 for value in told) >= 9, "whoever knows the sum, 184, could rule out a 9"


def test_three_and_seven_give_the_same_page_to_the_byte(analyst, town, counted):
    """Two towns that differ only in what is hidden cannot be told apart."""
    a_month(town, counted, web=100, app=50, phone=3, email=7)
    paths = (OCTOBER, f"{OCTOBER}&by=channel", f"{OCTOBER}&by=team", FILE)
    before = [_still(analyst.get(path).text) for path in paths]
    with transaction():
        figures = select(Figure.report_id).where(Figure.channel == "email").limit(4)
        db.session.execute(update(Figure).where(Figure.report_id.in_(figures)).values(channel="phone"))
    counted()

    assert [_still(analyst.get(path).text) for path in paths] == before


def test_no_row_is_reached_and_no_open_part_is_told(analyst, town, counted):
    a_month(town, counted, web=100, app=50)
    page = analyst.get(f"{OCTOBER}&by=channel")

    assert "/reports" not in page.text[page.text.index("<main") : page.text.index("</main>")]
    assert cells(analyst.get(FILE), "open_at_end")["web"] == "hidden"
    assert analyst.get("/reports").status_code == 403


def test_only_months_that_are_over_can_be_asked_for(analyst, town, counted):
    a_month(town, counted, web=100)
    for query, words in (
        ("period=2026-11", "must be a month that is over"),
        ("period=28d", "must be a month such as 2026-10"),
        ("period=own&from=2026-10-01&to=2026-10-30", "must be a month such as 2026-10"),
    ):
        for path in ("/analytics", "/analytics/figures.csv"):
            answer = analyst.get(f"{path}?{query}")
            assert answer.status_code == 422
            assert words in unescape(answer.text)
    assert "Figures: October 2026" in analyst.get("/analytics?from=2026-10-01&to=2026-10-02").text


def test_what_is_hidden_in_the_file_is_hidden_on_the_page(analyst, town, counted):
    """No deadline was met or missed: the file says hidden, and the page no less."""
    a_month(town, counted, web=100)
    page = analyst.get(f"{OCTOBER}&by=channel").text

    assert cells(analyst.get(FILE), "deadline_kept_share")["all"] == "hidden"
    assert re.search(r">\s*–\s*<", page[page.index("<main") : page.index("</main>")]) is None


def test_the_page_offers_nothing_else(analyst, town, counted):
    a_month(town, counted, web=100)
    page = analyst.get("/analytics").text

    assert "Figures: October 2026" in page
    assert "Last 28 days" not in page
    assert 'type="date"' not in page


def test_every_key_is_there_whether_it_has_reports_or_not(analyst, town, counted):
    """A row that is missing would tell that there was nothing."""
    a_month(town, counted, web=100)

    assert set(cells(analyst.get(FILE))) == {"all", *Channel}
    teams = cells(analyst.get("/analytics/figures.csv?period=2026-10&by=team"))
    assert set(teams) == {"all", "team", *db.session.scalars(select(Team.code))}


def _still(page):
    """Without what changes with every answer."""
    return re.sub(r'("X-CSRFToken": "|name="csrf_token" value=")[^"]+', r"\1", page)

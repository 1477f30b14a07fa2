"""The figures' page: right numbers, each with its rows, the same in the file, and plain words for what cannot be."""

import csv
import io
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select, update

from authority_portal.domain.access.roles import Role
from authority_portal.domain.analytics.models import FigurePeriod
from authority_portal.domain.authorities.models import Category
from authority_portal.domain.reports import filters
from authority_portal.domain.reports.filters import Queue
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.queries import filter_choices, matching
from authority_portal.domain.reports.queries.matching import Question
from authority_portal.domain.reports.workflow import Channel
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.staff import a_member, signed_in
from tests.web.analytics.conftest import NOON

OWN_DAYS = "own&from=2026-10-10&to=2026-11-18"
LINK = re.compile(r'<a href="(/reports\?[^"]+)">([0-9,.]+)( %)?</a>')
LEAD = re.compile(r'<dt>([^<]+)</dt><dd class="lead__n">(?:<a [^>]+>)?([^<]+)')

CANNOT_BE = (
    ("period=own&from=2026-11-10&to=2026-11-01", 422, "must not be before the first day"),
    ("period=own&from=2026-11-10", 422, "choose a day"),
    ("period=own&from=2026-02-30&to=2026-11-01", 422, "must be a day that exists"),
    ("period=own&from=2026-11-10&to=2026-11-19", 422, "must not lie in the future"),
    ("period=own&from=1999-01-01&to=2026-11-01", 422, "must be at most 1,096 days after the first day"),
    ("period=2026-12", 422, "must not lie in the future"),
    ("period=2026-13", 422, "must be a day that exists"),
    ("period=fortnight", 422, "must be a month such as 2026-10"),
    ("period=28d&period=7d", 422, "can be given only once"),
    ("by=person", 422, "must be one of category, area, team, channel"),
    ("rows=some", 422, "must be one of all"),
    ("group_by=category", 400, "is not a parameter of this page"),
)


@pytest.fixture
def busy(happened, counted, without_team):
    """Four weeks with something of everything, and something before them."""
    happened(0)
    happened(1, 2, times=3)
    happened(2, 30, channel=Channel.PHONE)
    happened(5, 60)
    happened(20, category="noise")
    without_team(happened(27)[0])
    happened(30, 50, times=2)
    happened(40, 24 * 20)
    happened(80)
    counted()


def lead(page):
    return {unescape(name): unescape(value).strip() for name, value in LEAD.findall(page.text)}


def rows_behind(address, town):
    """How many reports the queue finds at this address, counted without its cap."""
    by = a_member(town, Role.SUPERVISOR)
    bind(town.id)
    choices = filter_choices.of(by=by)
    reading = filters.read(parse_qs(urlsplit(unescape(address)).query), known=choices.known, first=Queue.ALL)
    assert reading.wrong == {}
    question = Question(reading.view, choices, by, town.card.zone, clock.now())
    return db.session.scalar(select(func.count()).select_from(Report).where(matching.condition(question)))


def test_the_six_figures_on_top(supervisor, busy):
    page = supervisor.get("/analytics")

    assert page.status_code == 200
    assert lead(page) == {
        "Received": "7",
        "Closed": "8",
        "Open at the end": "3",
        "Half answered within": "1 d 6 h",
        "Half closed within": "1 d 6 h",
        "Deadline kept": "50 %",
    }
    assert "21 Oct – 17 Nov 2026" in page.text
    assert "23 Sep – 20 Oct 2026" in page.text


def test_every_number_leads_to_exactly_its_rows(supervisor, busy, town):
    ways = (("28d", "category"), ("7d", "area"), ("month", "team"), ("2026-10", "channel"), (OWN_DAYS, "team"))
    for period, by in ways:
        page = supervisor.get(f"/analytics?period={period}&by={by}&rows=all")
        links = {address: int(text.replace(",", "")) for address, text, percent in LINK.findall(page.text) if not percent}

        assert len(links) > 15
        assert links == {address: rows_behind(address, town) for address in links}


def test_a_link_opens_the_queue_with_these_rows(supervisor, busy):
    page = supervisor.get("/analytics?by=team")
    address = next(unescape(address) for address, text, _ in LINK.findall(page.text) if "team=~none" in address and text == "1")

    assert supervisor.get(address).status_code == 200
    assert "no team" in supervisor.get(address).text


def test_shares_lead_to_what_they_are_the_share_of(supervisor, busy, town):
    page = supervisor.get("/analytics")
    address = re.search(r'<dt>Deadline kept</dt><dd class="lead__n"><a href="([^"]+)"', page.text)[1]

    assert rows_behind(address, town) == 4


def test_one_period_against_the_one_before(supervisor, busy):
    page = supervisor.get("/analytics?period=28d")

    assert "+133.3 %, was" in " ".join(page.text.split())


def test_a_month_is_compared_with_the_month_before_and_shown_along_the_year(supervisor, busy):
    page = supervisor.get("/analytics?period=2026-10")

    assert "Figures: October 2026" in page.text
    assert "Compared with September 2026" in page.text
    assert "November 2025" in page.text


def test_the_page_reads_only_what_is_kept(supervisor, busy, town, monkeypatch):
    """A usual period costs no counting."""
    before = supervisor.get("/analytics").text
    bind(town.id)
    monkeypatch.setattr("authority_portal.domain.analytics.counting.count", None)

    assert supervisor.get("/analytics").text == before


def test_a_page_needs_few_statements(supervisor, busy, statements):
    supervisor.get("/analytics")
    with statements() as seen:
        supervisor.get("/analytics")

    assert len(seen) <= 4


def test_what_cannot_be_is_said_in_words(supervisor, busy):
    for query, status, words in CANNOT_BE:
        for path in ("/analytics", "/analytics/figures.csv"):
            page = supervisor.get(f"{path}?{query}")

            assert (query, page.status_code) == (query, status)
            assert words in unescape(page.text)
            assert "<dl" not in page.text


def test_the_days_alone_are_enough(supervisor, busy):
    assert "1 Nov – 5 Nov 2026" in supervisor.get("/analytics?from=2026-11-01&to=2026-11-05").text


def test_an_empty_period_is_no_fault(supervisor, busy):
    page = supervisor.get("/analytics?period=2019-01")

    assert page.status_code == 200
    assert lead(page)["Received"] == "0"
    assert lead(page)["Half closed within"] == "–"


def test_before_the_first_count_the_page_says_so(supervisor, town):
    db.session.query(FigurePeriod).delete()
    db.session.commit()
    page = supervisor.get("/analytics")

    assert page.status_code == 200
    assert "being counted for the first time" in page.text
    assert supervisor.get("/analytics/figures.csv").status_code == 503


def test_the_file_says_what_the_page_says(supervisor, busy):
    answer = supervisor.get("/analytics/figures.csv?by=category")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    whole = rows[0]

    assert answer.mimetype == "text/csv"
    assert 'filename="boston-2026-10-21-2026-11-17-category.csv"' in answer.headers["Content-Disposition"]
    assert (whole["by"], whole["from"], whole["to"]) == ("all", "2026-10-21", "2026-11-17")
    assert (whole["received"], whole["closed"], whole["open_at_end"], whole["deadline_kept_share"]) == ("7", "8", "3", "0.500")
    assert sum(int(row["received"]) for row in rows if row["from"] == whole["from"] and row["by"] == "category") == 7


def test_no_name_becomes_a_formula(supervisor, busy, town):
    for name in ('=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "\tx"):
        with transaction():
            db.session.execute(update(Category).where(Category.id == town.categories["pothole"]).values(name=name))
        rows = csv.DictReader(io.StringIO(supervisor.get("/analytics/figures.csv").text))

        assert f"'{name}" in {row["name"] for row in rows}


def test_it_is_found_from_every_page_by_those_who_may(supervisor, analyst, house, town):
    assert 'href="/analytics"' in supervisor.get("/reports").text
    assert 'href="/analytics"' in analyst.get("/account").text
    assert 'href="/analytics"' not in signed_in(house, a_member(town)).get("/reports").text
    assert signed_in(house, a_member(town)).get("/analytics").status_code == 403
    assert analyst.get("/").headers["Location"].endswith("/analytics")


def test_two_days_with_changed_clocks_have_their_own_reports(supervisor, happened, counted, town):
    """Boston's 1 November 2026 has 25 hours."""
    days_ago = (NOON.date() - NOON.date().replace(day=1)).days
    happened(days_ago, times=2)
    counted()
    page = supervisor.get("/analytics?from=2026-11-01&to=2026-11-01")

    assert lead(page)["Received"] == "2"

"""The list: rows, tabs, chips, paging, what is refused, and how many statements it takes."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from authority_portal.domain.access.roles import Role
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in

HTMX = {"HX-Request": "true"}


def references(answer) -> list[str]:
    return re.findall(r'data-reference="([^"]+)"', answer.text)


def change(report, **values):
    with transaction():
        db.session.execute(update(Report).where(Report.id == report.id).values(**values))


def test_the_page_shows_the_reports_of_ones_team(desk, town):
    report = a_report(town)

    page = desk.get("/reports")

    assert page.status_code == 200
    assert references(page) == [report.reference]
    assert "822 Parker St" in page.text


def test_fifty_filtered_rows_take_six_statements_and_the_page_eight(desk, town, statements):
    for _ in range(55):
        a_report(town)
    desk.get("/reports/list?queue=team&text=parker", headers=HTMX)

    with statements() as of_the_list:
        assert len(references(desk.get("/reports/list?queue=team&text=parker&sla=on_time", headers=HTMX))) == 50
    with statements() as of_the_page:
        assert len(references(desk.get("/reports?queue=team&text=parker"))) == 50

    assert len(of_the_list) <= 6
    assert len(of_the_page) <= 8


def test_reports_are_sorted_by_deadline_and_those_without_come_last(desk, town):
    at = clock.now()
    late, never, soon = a_report(town), a_report(town, category="noise"), a_report(town)
    change(late, due_at=at + timedelta(days=3))
    change(soon, due_at=at + timedelta(hours=1))

    assert references(desk.get("/reports?queue=all")) == [soon.reference, late.reference, never.reference]


def test_pages_lead_forth_and_back_without_losing_or_repeating_a_row(desk, town):
    made = {a_report(town, category="pothole" if each % 3 else "noise").reference for each in range(120)}
    seen, here = [], "/reports?queue=all"
    while here:
        page = desk.get(here)
        seen.append(references(page))
        found = re.search(r'href="([^"]+)" rel="next"', page.text)
        here = found[1].replace("&amp;", "&") if found else None

    assert [len(rows) for rows in seen] == [50, 50, 20]
    assert {each for rows in seen for each in rows} == made
    assert "101–120 of 120" in page.text

    back = re.search(r'href="([^"]+)" rel="prev"', page.text)[1].replace("&amp;", "&")
    page = desk.get(back)
    assert references(page) == seen[1]
    assert "51–100 of 120" in page.text
    page = desk.get(re.search(r'href="([^"]+)" rel="prev"', page.text)[1].replace("&amp;", "&"))
    assert references(page) == seen[0]
    assert 'rel="prev"' not in page.text


def test_newest_first_pages_alike(desk, town):
    made = [a_report(town).reference for _ in range(60)]

    first = desk.get("/reports?queue=all&sort=received")
    second = desk.get(re.search(r'href="([^"]+)" rel="next"', first.text)[1].replace("&amp;", "&"))

    assert references(first) + references(second) == made[::-1]


@pytest.mark.parametrize(
    ("query", "status", "named"),
    [
        ("sort=password_hash", 400, "Order"),
        ("sort=-created,,", 400, "Order"),
        ("sort[]=a", 400, "sort[]"),
        ("after=abc", 400, "Page"),
        ("queue=theirs", 400, "Queue"),
        ("team=nowhere", 422, "Team"),
        ("status=lost", 422, "Status"),
        ("sla=none", 422, "Deadline"),
        ("received_from=2026-02-30", 422, "Reported from"),
        ("received_from=2026-03-02&received_to=2026-03-01", 422, "Reported until"),
        ("bbox=1,2,3", 422, "Place"),
        ("bbox=NaN,1,2,3", 422, "Place"),
        ("bbox=170,-10,-170,10", 422, "Place"),
        ("text=" + "a" * 201, 422, "Words"),
        ("assignee=00000000-0000-0000-0000-000000000001", 422, "With"),
    ],
)
def test_a_wrong_filter_is_named_and_the_rest_is_kept(desk, town, query, status, named):
    a_report(town)

    page = desk.get(f"/reports?category=pothole&{query}")

    assert page.status_code == status
    assert "This filter cannot be used" in page.text
    assert named in page.text
    assert re.search(r'name="category" value="pothole" checked', page.text)
    assert references(page) == []


def test_a_cursor_of_another_authority_or_order_is_refused(house, desk, town):
    for _ in range(51):
        a_report(town)
    after = re.search(r"after=([^\"&]+)", desk.get("/reports?queue=all").text)[1]
    elsewhere = a_town("otherton")

    assert desk.get(f"/reports?queue=all&after={after}").status_code == 200
    assert desk.get(f"/reports?queue=all&sort=received&after={after}").status_code == 400
    assert desk.get(f"/reports?queue=all&after={after[:-1]}").status_code == 400
    assert signed_in(house, a_member(elsewhere)).get(f"/reports?queue=all&after={after}").status_code == 400


def test_tabs_count_under_the_filters_and_lead_to_what_they_count(house, town):
    boss = a_member(town, Role.SUPERVISOR, teams=["streets"])
    desk = signed_in(house, boss)
    a_report(town)
    change(a_report(town), assignee_id=boss.id)
    change(a_report(town), due_at=clock.now() - timedelta(hours=1))
    change(a_report(town, category="noise"), team_id=town.teams["parks"])

    page = desk.get("/reports?queue=all")
    counted = dict(re.findall(r'<a href="/reports\?queue=([a-z]+)[^>]*>\w+\s*<span[^>]*>(\d+)</span>', page.text))

    assert counted == {"mine": "1", "unassigned": "3", "team": "3", "overdue": "1", "all": "4"}
    for queue, number in counted.items():
        assert len(references(desk.get(f"/reports?queue={queue}"))) == int(number)


def test_an_empty_list_says_which_filter_empties_it(desk, town):
    a_report(town)

    page = desk.get("/reports?queue=all&category=pothole&text=zebra")

    assert "No report matches" in page.text
    assert "Drop Words: zebra" in page.text
    assert "Drop Category" not in page.text


def test_the_filters_long_lists_come_when_somebody_opens_them(desk, town):
    closed = desk.get("/reports?queue=all&category=noise")
    assert "Pothole" not in closed.text
    assert '<input type="hidden" name="category" value="noise">' in closed.text

    fetched = desk.get("/reports/panel?queue=all&category=noise", headers=HTMX)
    assert 'value="noise" checked' in fetched.text
    assert 'value="pothole">' in fetched.text
    alone = desk.get("/reports/panel?queue=all&category=noise")
    assert alone.location == "/reports?panel=1&queue=all&category=noise"
    assert 'value="pothole">' in desk.get(alone.location).text


def test_chips_lead_to_the_view_without_their_filter(desk, town):
    page = desk.get("/reports?queue=all&category=pothole&sla=overdue")

    assert 'href="/reports?queue=all&amp;sla=overdue" aria-label="Remove filter Category"' in page.text
    assert 'href="/reports?queue=all&amp;status=all&amp;category=pothole&amp;sla=overdue"' in page.text


def test_a_reference_in_the_search_leads_straight_to_its_report(house, desk, town):
    report = a_report(town)
    ours = report.reference
    theirs = a_report(a_town("otherton")).reference
    bind(town.id)
    typed = ours.lower().replace("-", " ")

    assert desk.get(f"/reports?text={typed}").location == f"/reports/{ours}"
    assert desk.get(f"/reports/list?text={typed}", headers=HTMX).headers["HX-Redirect"] == f"/reports/{ours}"
    assert desk.get(f"/reports?text={theirs}").status_code == 200


def test_the_list_alone_leads_to_the_page_when_it_is_not_asked_by_htmx(desk, town):
    answer = desk.get("/reports/list?queue=all&sla=overdue")

    assert (answer.status_code, answer.location) == (303, "/reports?queue=all&sla=overdue")


def test_the_fragment_brings_tabs_and_chips_and_the_canonical_address(desk, town):
    a_report(town)

    answer = desk.get("/reports/list?queue=all&text=&team=&sla=on_time&status=new&status=open&status=waiting", headers=HTMX)

    assert answer.headers["HX-Replace-Url"] == "/reports?queue=all&sla=on_time"
    assert answer.text.count('hx-swap-oob="true"') == 2
    assert "<html" not in answer.text


def test_finished_reports_are_shown_when_asked_for(desk, town):
    a_report(town)
    done = a_report(town, to="closed", outcome=Outcome.FIXED)

    page = desk.get("/reports?queue=all&status=done")

    assert references(page) == [done.reference]
    assert "newest first" in page.text


@pytest.mark.parametrize("text", ["' OR 1=1--", "\\", "%", "_", "*", ":*", "a & (", "!", "<->", "so\u00adft"])
def test_words_are_searched_literally(desk, town, text):
    a_report(town)
    there = a_report(town, description=f"x{text}x")

    assert references(desk.get("/reports", query_string={"queue": "all", "text": text})) == [there.reference]


def test_letters_that_change_when_lowered_are_found_and_break_nothing(desk, town):
    there = a_report(town, description="İstanbul Straße ｆｕｌｌ")

    for text in ("İ", "istanbul", "ß", "STRASSE", "ｆｕｌｌ", "ﬁ"):
        assert desk.get("/reports", query_string={"text": text}).status_code == 200
    assert references(desk.get("/reports", query_string={"text": "İstanbul straße"})) == [there.reference]


def test_a_word_finds_the_reports_of_the_category_that_is_called_so(desk, town):
    hole = a_report(town, category="pothole", description="Deep.").reference
    noise = a_report(town, category="noise", description="Loud.").reference

    assert references(desk.get("/reports?queue=all&text=POTHOL")) == [hole]
    assert references(desk.get("/reports?queue=all&text=noise+loud")) == [noise]


def test_the_filters_that_nobody_touched_ask_for_nothing(desk, town):
    form = desk.get("/reports?queue=all&panel=1").text
    chosen = dict(
        re.findall(r'<option value="([^"]*)" selected>([^<]*)<', form.partition('id="panel"')[2].partition("</form>")[0])
    )
    assert chosen == {}
    assert '<option value="~none">no team</option>' in form
    assert '<option value="~none" selected>no team</option>' in desk.get("/reports?queue=all&team=~none&panel=1").text

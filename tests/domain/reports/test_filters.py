"""Views of the queue: strict reading, one canonical form."""

from datetime import date
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.reports.deadlines import SlaState
from authority_portal.domain.reports.filters import (
    ME,
    NOBODY,
    SLA_STATES,
    Known,
    Queue,
    Sort,
    View,
    query_string,
    read,
)
from authority_portal.domain.reports.workflow import UNFINISHED, Group
from authority_portal.foundation.geo import Box

KIM = UUID("11111111-1111-1111-1111-111111111111")
KNOWN = Known(
    categories=frozenset({"pothole", "noise", "a & b"}),
    teams=frozenset({"streets"}),
    areas=frozenset({"ward 1"}),
    people=frozenset({KIM}),
)
DAYS = st.dates(date(1990, 1, 1), date(2199, 12, 31))


def reading(query: str, known: Known = KNOWN):
    return read(parse_qs(query, keep_blank_values=True), known=known, first=Queue.TEAM)


@st.composite
def boxes(draw) -> Box:
    west, east = sorted(draw(st.lists(st.integers(-18000000, 18000000), min_size=2, max_size=2)))
    south, north = sorted(draw(st.lists(st.integers(-9000000, 9000000), min_size=2, max_size=2)))
    return Box(west / 1e5, south / 1e5, east / 1e5, north / 1e5)


@st.composite
def views(draw) -> View:
    chosen = draw(st.sets(st.sampled_from(Group), min_size=1))
    groups = tuple(group for group in Group if group in chosen)
    first, last = sorted(draw(st.lists(DAYS, min_size=2, max_size=2)))
    words = draw(st.lists(st.text("abcäÖ%_\\'\"&=+#ß中", min_size=1, max_size=8), max_size=5))
    return View(
        queue=draw(st.sampled_from(Queue)),
        text=" ".join(words),
        groups=groups,
        categories=tuple(draw(st.lists(st.sampled_from(sorted(KNOWN.categories)), unique=True))),
        team=draw(st.sampled_from([None, "streets"])),
        assignee=draw(st.sampled_from([None, ME, NOBODY, KIM])),
        area=draw(st.sampled_from([None, "ward 1"])),
        sla=tuple(state for state in SLA_STATES if draw(st.booleans())),
        received_from=draw(st.sampled_from([None, first])),
        received_to=draw(st.sampled_from([None, last])),
        box=draw(st.none() | boxes()),
        chosen_sort=draw(st.sampled_from([None, Sort.RECEIVED])) if Group.DONE not in groups else None,
    )


@given(views())
def test_a_view_survives_its_own_address(view):
    again = reading(query_string(view))

    assert again.wrong == {}
    assert again.view == view


@given(st.dictionaries(st.text(max_size=12), st.lists(st.text(max_size=30), max_size=3), max_size=6))
def test_any_query_string_is_read_without_an_error_and_gives_a_valid_view(args):
    made = read(args, known=KNOWN, first=Queue.ALL)

    assert reading(query_string(made.view)).view == made.view
    assert set(made.wrong) >= {name[:40] for name in args} - {
        *("queue", "text", "status", "category", "team", "assignee", "area", "sla"),
        *("received_from", "received_to", "bbox", "sort", "after", "before"),
    }


def test_untouched_fields_of_a_form_say_nothing():
    untouched = "text=&team=&assignee=&area=&received_from=&received_to=&bbox=&sort=&status=new&status=open&status=waiting"

    assert reading(untouched).view == View(queue=Queue.TEAM)
    assert query_string(reading(untouched).view) == "queue=team"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("sort=id", "sort"),
        ("sort=deadline&sort=received", "sort"),
        ("sort[]=a", "sort[]"),
        ("team=Streets", "team"),
        ("category=pothole&category=x", "category"),
        ("assignee=22222222-2222-2222-2222-222222222222", "assignee"),
        ("assignee=KIM", "assignee"),
        ("sla=none", "sla"),
        ("status=all&status=new", "status"),
        ("received_to=1.1.2026", "received_to"),
        ("bbox=1,1,0,0", "bbox"),
        ("bbox=0,0,1e1,1", "bbox"),
        ("text=" + "+".join("abcdefghijk"), "text"),
    ],
)
def test_what_is_wrong_is_named_and_left_out(query, name):
    made = reading(f"area=ward+1&{query}")

    assert list(made.wrong) == [name]
    assert made.view.area == "ward 1"


def test_a_tab_the_actor_has_not_is_refused():
    made = reading("queue=unassigned", Known(queues=frozenset({Queue.ALL, Queue.TEAM})))

    assert "queue" in made.wrong


def test_who_may_know_no_place_cannot_filter_by_one():
    assert "bbox" in reading("bbox=0,0,1,1", Known(places=False)).wrong


def test_finished_reports_come_newest_first_whatever_is_asked():
    assert reading("status=done&sort=deadline").view.sort is Sort.RECEIVED
    assert reading("sort=deadline").view.sort is Sort.DEADLINE
    assert View(queue=Queue.ALL).groups == UNFINISHED
    assert SlaState.NONE not in SLA_STATES

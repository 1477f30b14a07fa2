"""5.2: attacks on search, filters and order, as a caseworker of another team."""

from urllib.parse import parse_qs

import pytest
from flask import g
from sqlalchemy import event
from werkzeug.test import TestResponse

from authority_portal.domain.access.roles import Role
from authority_portal.domain.reports.filters import Queue, View
from authority_portal.domain.reports.queries.queue import Cursor
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.web.queue import asking
from tests.proofs.attacks.staging import Stage, an_absent_reference, canary, shown
from tests.proofs.sizes import sized

STRIDE = sized(small=3, full=1)
"""Of the pieces of a masked value, every how manyth is tried."""


def search(stage: Stage, text: str, *, role: Role = Role.CASEWORKER) -> TestResponse:
    query = {"queue": "all", "status": "all", "text": text}
    return stage.strike("/reports", role=role, query_string=query, typed=[text])


def pieces(text: str) -> list[str]:
    """The whole of a value, and pieces of three characters."""
    return [text, *(text[at : at + 3] for at in range(0, len(text) - 2, STRIDE))]


# An administrator may read notes, redacted.
MASKED_FROM = [(Role.CASEWORKER, name) for name in ("name", "email", "words", "note")] + [
    (Role.ADMINISTRATOR, name) for name in ("name", "email", "words")
]
IN_THE_ADDRESS = frozenset({"cnr", "nry", "bos"})
"""Pieces that all canaries of Boston share: both may read the address, where they stand as well."""


@pytest.mark.parametrize(("role", "name"), [pytest.param(*row, id=f"Q02 {row[1]} {row[0].value}") for row in MASKED_FROM])
def test_q02_what_is_masked_is_found_by_no_piece_of_it(stage: Stage, role: Role, name: str) -> None:
    hidden = canary("boston", name)
    for piece in pieces(hidden):
        if piece in IN_THE_ADDRESS or (piece != hidden and "-" in piece):
            continue
        other = "zqj".ljust(len(piece), "q")  # stands nowhere else in the page
        found, random = search(stage, piece, role=role), search(stage, other, role=role)
        assert found.status_code == random.status_code == 200
        assert stage.hidden["boston"] not in shown(found)
        assert shown(found) == shown(random).replace(other, piece), piece


ORDERS = ["(select pg_sleep(5))", "received;DROP TABLE report", "received desc", "deadline&sort=received", "email", "-received"]


@pytest.mark.parametrize("order", [pytest.param(order, id=f"Q04 {order}") for order in ORDERS])
def test_q04_an_order_that_is_not_offered_is_refused(stage: Stage, order: str) -> None:
    assert stage.strike(f"/reports?queue=all&sort={order}", typed=[order]).status_code == 400


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("x" * 100_000, id="Q05 100 kB"),
        pytest.param("a b " * 1_000, id="Q05 2,000 words"),
        pytest.param("'" * 500, id="Q05 500 quotes"),
        pytest.param("(a+)+$" * 30, id="Q05 a regular expression"),
        pytest.param("a" * 201, id="Q05 one more than the longest"),
        pytest.param("%" * 199, id="Q05 wildcards"),
    ],
)
def test_q05_a_long_search_is_refused_without_asking_for_rows(stage: Stage, text: str) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        answer = search(stage, text)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert answer.status_code in (200, 414, 422)
    assert answer.status_code == (200 if len(text) < 200 else answer.status_code)
    if answer.status_code != 200:
        assert not [one for one in asked if "ILIKE" in one or "LIKE" in one]


@pytest.mark.parametrize("role", [pytest.param(role, id=f"Q07 {role.value}") for role in (Role.CASEWORKER, Role.CREW)])
def test_q07_a_reference_of_another_authority_is_one_that_does_not_exist(stage: Stage, role: Role) -> None:
    theirs = stage.hidden["otherton"]
    missing = an_absent_reference(theirs)
    for typed in (str.upper, str.lower):
        there, not_there = (search(stage, typed(one), role=role) for one in (theirs, missing))
        assert there.status_code == not_there.status_code == 200
        assert shown(there, theirs) == shown(not_there, missing)
    there, not_there = (stage.strike(f"/reports/{one}", role=role, typed=[one]) for one in (theirs, missing))
    assert there.status_code == not_there.status_code == 404
    assert shown(there, theirs) == shown(not_there, missing)


def test_q07_an_internal_number_opens_nothing(stage: Stage) -> None:
    for number in (stage.b.facts["report_id"], stage.a.facts["report_id"], "1", "0", "-1", "9" * 30):
        assert stage.strike(f"/reports/{number}", typed=[number]).status_code == 404


def cursor_of(stage: Stage) -> str:
    """A cursor as the list of everything gives it to a supervisor."""
    view = View(queue=Queue.ALL, groups=tuple(Group))
    with stage.world.app.test_request_context("/reports"):
        g.authority = stage.a.town.card
        query = asking.address(view, Cursor(clock.now().isoformat(), 10**9, 1, back=False))
    return parse_qs(query)["after"][0]


@pytest.mark.parametrize("role", [pytest.param(role, id=f"Q08 {role.value}") for role in (Role.CREW, Role.ADMINISTRATOR)])
def test_q08_a_cursor_shows_only_what_whoever_brings_it_may_see(stage: Stage, role: Role) -> None:
    given = cursor_of(stage)
    query = {"queue": "all", "status": "all", "after": given}

    answer = stage.strike("/reports", role=role, query_string=query, typed=[given])

    assert answer.status_code in (200, 400)
    if role is Role.CREW:
        assert stage.hidden["boston"] not in answer.text


@pytest.mark.parametrize(
    "change", [pytest.param(change, id=f"Q08 {change}") for change in ("cut", "longer", "other", "unsigned")]
)
def test_q08_a_tampered_cursor_is_refused(stage: Stage, change: str) -> None:
    good = cursor_of(stage)
    body, _, mark = good.rpartition(".")
    bad = {"cut": good[:-2], "longer": good + "A", "other": f"{body[:-2]}AA.{mark}", "unsigned": body}[change]

    answer = stage.strike("/reports", query_string={"queue": "all", "status": "all", "after": bad}, typed=[bad])

    assert answer.status_code == 400


ODD = [
    "istanbul",
    "ﬃ",
    "ẞ",
    "ſ",
    "Å",
    "か\u3099",
    "\u200b\u200b\u200b",
    "\ufeffx",
    "𝐛𝐨𝐥𝐝",
    "😀" * 60,
    "e" + "\u0301" * 150,
    "\u202eevil",
]


@pytest.mark.parametrize("text", [pytest.param(text, id=f"Q14 {ascii(text)[:24]}") for text in ODD])
def test_q14_letters_of_every_kind_are_answered_the_same_each_time(stage: Stage, text: str) -> None:
    first, second = search(stage, text), search(stage, text)

    assert first.status_code == second.status_code
    assert first.status_code in (200, 422)
    assert shown(first) == shown(second)

"""Every attack of the table is made somewhere, or its page does not exist; and what judges the answers sees."""

import ast
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from flask import Flask

from authority_portal.config import CHECKOUT
from authority_portal.domain.access.roles import Role
from tests.proofs.attacks import covered, oracle
from tests.proofs.attacks.oracle import Forbidden
from tests.proofs.attacks.staging import Stage

HERE = Path(__file__).parent
EVERY = {attack for section in covered.SECTIONS.values() for attack in section}


@cache
def _tests_of(file: Path) -> frozenset[str]:
    """Names of the test functions of one file."""
    found = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    return frozenset(node.name for node in found if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


def made_here() -> set[str]:
    """The ids that the tests of this folder carry."""
    names = (name.split("_")[1:] for file in HERE.glob("test_*.py") for name in _tests_of(file))
    return {part.upper() for parts in names for part in parts if part.upper() in EVERY}


def test_every_attack_is_made_or_its_page_does_not_exist(proved: Callable[..., None]) -> None:
    known = made_here() | set(covered.PROVED) | set(covered.ABSENT)

    assert known == EVERY, "name where it is proved, or why it cannot be made, in covered.py"
    assert set(covered.ABSENT) & (made_here() | set(covered.PROVED)) == set()
    assert set(covered.WEAKER) <= EVERY
    made, waiting, less = len(EVERY - set(covered.ABSENT)), len(covered.ABSENT), ", ".join(sorted(covered.WEAKER))
    proved(size=f"{len(EVERY)} attacks", result=f"{made} made, {waiting} wait for their page; less than asked in {less}")


def test_the_tests_that_are_named_exist() -> None:
    named = {place for places in covered.PROVED.values() for place in places}
    missing = {place for place in named if place.split("::")[1] not in _tests_of(CHECKOUT / place.split("::")[0])}

    assert missing == set(), "these tests are gone: name those that took their place"


def test_what_was_absent_is_still_absent(app: Flask) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    there = {attack: rule for attack, absent in covered.ABSENT.items() for rule in rules if absent.address in rule.split("/")}

    assert there == {}, "the page exists now: attack it"


def test_the_oracle_sees_what_is_masked_and_what_is_foreign(stage: Stage) -> None:
    """The privacy officer may read what others may not: judged as theirs, the same page is a fault."""
    path = f"/reports/{stage.hidden['boston']}"
    with stage.world.undone():
        page = stage.world.browser(stage.a, Role.PRIVACY_OFFICER).get(path)
        judged = {
            who: oracle.faults(page, seconds=0, forbidden=stage.forbidden(place, role))
            for who, place, role in (
                ("their own", stage.a, Role.PRIVACY_OFFICER),
                ("a colleague", stage.a, Role.CASEWORKER),
                ("next door", stage.b, Role.PRIVACY_OFFICER),
            )
        }
    assert judged["their own"] == []
    assert {fault[:2] for fault in judged["a colleague"]} == {"G4"}
    assert {fault[:2] for fault in judged["next door"]} == {"G3"}


@pytest.mark.parametrize(
    "words",
    [
        "Traceback (most recent call last):",
        'File "x.py", line 3, in view',
        "psycopg.errors.UndefinedColumn: column",
        'SELECT report.id FROM report WHERE "x"',
        "Server: gunicorn/27.0.1",
        str(CHECKOUT / "authority_portal"),
    ],
)
def test_the_oracle_sees_our_own_machinery(stage: Stage, words: str) -> None:
    answer = stage.world.app.test_client().get("/healthz")
    answer.set_data(f"Sorry. {words}")

    assert [fault[:2] for fault in oracle.faults(answer, seconds=0, forbidden=Forbidden())] == ["G2"]


def test_the_oracle_sees_failures_hangs_and_changes(stage: Stage) -> None:
    answer = stage.world.app.test_client().get("/healthz")
    answer.status_code = 503
    assert [fault[:2] for fault in oracle.faults(answer, seconds=11, forbidden=Forbidden())] == ["G1", "G1"]
    note = {"text": "A note.", "form_id": "7a1f3f0e-0000-4000-8000-000000000003"}
    with pytest.raises(AssertionError, match="G5: changed"):
        stage.strike(f"/reports/{stage.a.facts['reference']}/notes", method="POST", data=note, refused=True)


def test_the_oracle_hears_of_connections() -> None:
    with pytest.raises(AssertionError, match="G6"), oracle.nobody_asked():
        sys.audit("socket.connect", None, ("192.0.2.1", 80))
    with oracle.nobody_asked():
        sys.audit("socket.connect", None, ("127.0.0.1", 80))

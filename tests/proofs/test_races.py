"""Two people save at the same moment: one is saved, the other is asked, and nothing that was confirmed is lost."""

import random
import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from authority_portal.config import settings
from authority_portal.domain.access.roles import Role
from authority_portal.foundation.db import bind, db
from authority_portal.web.guard import cookie_name
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, a_session
from tests.proofs.sizes import sized

TRIALS = sized(small=15, full=250)


@dataclass(frozen=True)
class Found:
    """A report after a race: its own version, and the rows that speak of what was saved."""

    version: int
    steps: int
    assignments: int
    notes: list[str]


class Desk:
    """One town, two supervisors, and reports to fight over."""

    def __init__(self, app: Any) -> None:
        self.app, self.town = app, a_town()
        # Supervisors: one of the races is about taking back a step that somebody else took.
        people = [a_member(self.town, Role.SUPERVISOR, teams=["streets", "parks"]) for _ in range(2)]
        self.secrets = [a_session(person) for person in people]
        self.chance = random.Random(5)

    def report(self, **more: Any) -> Any:
        """A fresh report, written and released."""
        made = a_report(self.town, **more)
        facts = (made.reference, made.id, made.version)
        db.session.remove()
        return facts

    def at_once(self, first: tuple[str, dict[str, Any]], second: tuple[str, dict[str, Any]]) -> list[int]:
        """Both post at the same moment. Gives both answers' status codes."""
        gate, codes = threading.Barrier(2), [0, 0]

        def post(number: int, path: str, form: dict[str, Any]) -> None:
            browser = self.app.test_client()
            browser.set_cookie(cookie_name(), self.secrets[number])
            gate.wait()
            codes[number] = browser.post(path, data=form).status_code

        works = [threading.Thread(target=post, args=(number, *what)) for number, what in enumerate((first, second))]
        for work in works:
            work.start()
        for work in works:
            work.join()
        return codes

    def found(self, report_id: int) -> Found:
        """What is in the database now."""
        bind(self.town.id)
        one = {"it": report_id}
        numbers = db.session.execute(
            text(
                """SELECT version,
                (SELECT count(*) FROM status_change WHERE report_id = report.id AND from_status_id IS NOT NULL),
                (SELECT count(*) FROM assignment WHERE report_id = report.id AND by_staff_id IS NOT NULL)
                FROM report WHERE id = :it"""
            ),
            one,
        ).one()
        notes = list(db.session.scalars(text("SELECT text FROM note WHERE report_id = :it ORDER BY text"), one))
        db.session.remove()
        return Found(*numbers, notes)

    def step(self, reference: str, version: int, to: str) -> tuple[str, dict[str, Any]]:
        """A step away from `received`."""
        form = {
            "to": self.town.statuses[to],
            "version": version,
            "seen_status": self.town.statuses["received"],
            "note": f"To {to}.",
        }
        return f"/reports/{reference}/status", form

    def assign(self, reference: str, version: int, team: str) -> tuple[str, dict[str, Any]]:
        """A hand-over to a team."""
        return f"/reports/{reference}/assign", {"team": self.town.teams[team], "assignee": "", "version": version}


@pytest.fixture
def desk(committed):
    """Real commits: two connections have to see each other."""
    return Desk(committed)


def test_of_two_steps_from_one_version_one_is_saved(desk, proved):
    for _ in range(TRIALS):
        reference, report_id, version = desk.report()
        codes = desk.at_once(desk.step(reference, version, "accepted"), desk.step(reference, version, "in_progress"))
        assert (sorted(codes), desk.found(report_id)) == ([303, 409], Found(version + 1, 1, 0, []))
    proved(size=f"{TRIALS:,} pairs", result="0 lost updates")


def test_of_two_assignments_from_one_version_one_is_saved(desk, proved):
    for _ in range(TRIALS):
        reference, report_id, version = desk.report()
        codes = desk.at_once(desk.assign(reference, version, "parks"), desk.assign(reference, version, "streets"))
        assert (sorted(codes), desk.found(report_id)) == ([303, 409], Found(version + 1, 0, 1, []))
    proved(size=f"{TRIALS:,} pairs", result="0 lost updates")


def test_of_a_step_and_an_assignment_from_one_version_one_is_saved(desk, proved):
    won = Counter()
    for _ in range(TRIALS):
        reference, report_id, version = desk.report()
        codes = desk.at_once(desk.step(reference, version, "in_progress"), desk.assign(reference, version, "parks"))
        stepped = codes[0] == 303
        won["step" if stepped else "assignment"] += 1
        assert sorted(codes) == [303, 409]
        assert desk.found(report_id) == Found(version + 1, int(stepped), int(not stepped), [])
    proved(size=f"{TRIALS:,} pairs", result=f"0 lost updates ({won['step']} steps won)")


def test_two_notes_are_both_kept_and_the_same_note_sent_twice_is_one(desk, proved):
    for trial in range(TRIALS):
        reference, report_id, version = desk.report()
        same = trial % 2 == 0
        ids = [uuid4()] * 2 if same else [uuid4(), uuid4()]
        words = ["Called back."] * 2 if same else ["Called back.", "Nobody there."]
        posts = [(f"/reports/{reference}/notes", {"text": said, "form_id": str(it)}) for said, it in zip(words, ids, strict=True)]
        assert desk.at_once(*posts) == [303, 303]
        assert desk.found(report_id) == Found(version, 0, 0, ["Called back."] if same else words)
    proved(size=f"{TRIALS:,} pairs, half of them one form sent twice", result="0 lost, 0 doubled")


def test_a_step_is_either_taken_back_or_sent_at_once_never_both(desk, proved, monkeypatch):
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", "60")
    settings.cache_clear()
    taken_back = 0
    for _ in range(TRIALS):
        reference, report_id, _ = desk.report(to="in_progress")
        bind(desk.town.id)
        change = db.session.scalar(
            text("SELECT max(id) FROM status_change WHERE report_id = :it AND from_status_id IS NOT NULL"), {"it": report_id}
        )
        db.session.remove()
        path = f"/reports/{reference}"
        codes = desk.at_once((f"{path}/undo?change={change}", {}), (f"{path}/send-now?change={change}", {}))
        undone, events = _fate(desk, change)
        assert (sorted(codes), codes[0] == 303) == ([303, 409], undone)
        assert events == ["cancelled" if undone else "pending"]
        taken_back += undone
    monkeypatch.undo()
    settings.cache_clear()
    proved(size=f"{TRIALS:,} pairs", result=f"0 steps both taken back and told ({taken_back} taken back)")


def _fate(desk, change):
    bind(desk.town.id)
    undone = db.session.scalar(text("SELECT undone_at IS NOT NULL FROM status_change WHERE id = :it"), {"it": change})
    events = text("SELECT state FROM outbox_event WHERE subject = :it AND kind = 'StatusChanged'")
    found = list(db.session.scalars(events, {"it": f"status_change:{change}"}))
    db.session.remove()
    return undone, found

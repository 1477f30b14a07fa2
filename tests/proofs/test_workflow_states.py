"""A report under every order of steps, undos, early sendings, hand-overs and time, beside a second telling of the same rules.

The rules are written here once more by hand, from docs/workflow.md, so that a mistake in the tables of the product shows.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from authority_portal import config
from authority_portal.domain.access.roles import Role
from authority_portal.domain.reports.commands import assignment, publication, status
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.queries.resident import followed
from authority_portal.domain.reports.workflow import Outcome, StepRefused
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.errors import Conflict, Denied, Invalid
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member
from tests.proofs.sizes import sized

RUNS, STEPS = sized(small=(15, 25), full=(200, 40))
WINDOW = timedelta(seconds=60)
START = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
WAIT = st.sampled_from([0, 0, 1, 59, 60, 61, 90_000])
"""Seconds that pass before somebody acts."""
WHO = st.sampled_from(["lead", "lead", "streets", "streets", "parks"])
LEADS_TO = {
    "received": {"accepted", "in_progress", "waiting_resident", "waiting_other", "closed"},
    "accepted": {"in_progress", "waiting_resident", "waiting_other", "closed"},
    "in_progress": {"waiting_resident", "waiting_other", "closed"},
    "waiting_resident": {"in_progress", "closed"},
    "waiting_other": {"in_progress", "closed"},
    "closed": {"in_progress"},
}
NAMES = {
    "received": "Received",
    "accepted": "Accepted",
    "in_progress": "In progress",
    "waiting_resident": "Waiting for resident",
    "waiting_other": "Waiting for others",
    "closed": "Closed",
}


@dataclass(frozen=True)
class Stand:
    """Where the report is, by the second telling. Times are instants."""

    code: str
    outcome: str | None
    due_at: datetime
    closed_at: datetime | None = None
    paused_at: datetime | None = None


@dataclass
class Taken:
    """A step that was taken, and where the report stood before."""

    id: int
    to: str
    by: str
    public_at: datetime
    before: Stand
    undone: bool = False


@dataclass
class Scene:
    """A town, its people, and one report at its beginning."""

    town: Any
    people: dict[str, Any] = field(default_factory=dict)


class Workflow(RuleBasedStateMachine):
    """Any order of what staff and time can do to one report."""

    scene: Scene

    def __init__(self) -> None:
        super().__init__()
        self.at = START
        with clock.frozen(self.at):
            report = a_report(self.scene.town)
        self.report_id = report.id
        self.team: str | None = "streets"
        self.version, self.taken = report.version, list[Taken]()
        self.stand = Stand("received", None, due_at=START + timedelta(hours=48))
        db.session.remove()

    @rule(data=st.data(), sensible=st.sampled_from([True, True, True, False]), by=WHO, wait=WAIT)
    def step(self, data: st.DataObject, sensible: bool, by: str, wait: int) -> None:
        """Somebody takes a step: mostly one that there is, with what it asks for, sometimes anything at all."""
        self.at += timedelta(seconds=wait)
        if sensible:
            to = data.draw(st.sampled_from(sorted(LEADS_TO[self.stand.code])))
            outcome, note = ("fixed" if to == "closed" else None), "A crew is sent."
        else:
            to = data.draw(st.sampled_from(sorted(LEADS_TO)))
            outcome = data.draw(st.sampled_from([None, "fixed", "not_ours"]))
            note = data.draw(st.sampled_from(["", "  ", "A crew is sent."]))
        allowed = by in ("lead", self.team)
        exists = to in LEADS_TO[self.stand.code]
        whole = (outcome is not None) == (to == "closed")
        spoken = bool(note.strip()) or not ("closed" in (to, self.stand.code) or to == "waiting_resident")
        wrong = None if allowed and exists and whole and spoken else Denied if not allowed else Invalid if exists else StepRefused
        change = self.act(
            lambda report: (
                status.change(
                    report,
                    to=self.scene.town.statuses[to],
                    outcome=Outcome(outcome) if outcome else None,
                    note=note,
                    authority=self.scene.town.card,
                    by=self.scene.people[by],
                ).id
            ),
            wrong,
        )
        if wrong is None:
            last = max((one.public_at for one in self.taken if not one.undone), default=self.at)
            self.taken.append(Taken(change, to, by, max(self.at + WINDOW, last), self.stand))
            self.move(to, outcome)

    def move(self, to: str, outcome: str | None) -> None:
        """The second telling of what a step does."""
        now, stand = self.at, self.stand
        waits = to.startswith("waiting")
        if stand.paused_at and not waits:
            stand = replace(stand, due_at=stand.due_at + (now - stand.paused_at), paused_at=None)
        elif waits and not stand.paused_at:
            stand = replace(stand, paused_at=now)
        self.stand = replace(stand, code=to, outcome=outcome, closed_at=now if to == "closed" else None)
        self.version += 1

    @precondition(lambda self: self.taken)
    @rule(data=st.data(), by=WHO, wait=WAIT)
    def undo(self, data: st.DataObject, by: str, wait: int) -> None:
        """Somebody wants a step back: the last one, or one that it is too late for."""
        self.at += timedelta(seconds=wait)
        one = data.draw(st.sampled_from(self.taken[-3:]))
        standing = [step for step in self.taken if not step.undone]
        possible = bool(standing) and standing[-1] is one and self.at < one.public_at
        wrong = self.refusal(by, possible=possible, allowed=by in (one.by, "lead"))
        self.act(lambda report: status.undo(report, one.id, by=self.scene.people[by]).id, wrong)
        if wrong is None:
            one.undone = True
            self.stand = one.before
            self.version += 1

    @precondition(lambda self: self.taken)
    @rule(data=st.data(), by=WHO, wait=WAIT)
    def send_now(self, data: st.DataObject, by: str, wait: int) -> None:
        """Somebody lets a step out early, and with it everything before it."""
        self.at += timedelta(seconds=wait)
        one = data.draw(st.sampled_from(self.taken[-3:]))
        hidden = [step for step in self.taken if not step.undone and step.public_at > self.at and step.id <= one.id]
        possible = bool(hidden) and hidden[-1] is one
        wrong = self.refusal(by, possible=possible, allowed=by == "lead" or all(step.by == by for step in hidden))
        self.act(lambda report: publication.send_now(report, one.id, by=self.scene.people[by]).id, wrong)
        if wrong is None:
            for step in hidden:
                step.public_at = self.at

    def refusal(self, by: str, *, possible: bool, allowed: bool) -> type[Exception] | None:
        """Whether the door is closed at all, the moment is over, or the step is somebody else's."""
        if by not in ("lead", self.team):
            return Denied
        if not possible:
            return Conflict
        return None if allowed else Denied

    @rule(team=st.sampled_from(["streets", "streets", "parks", None]), wait=WAIT)
    def assign(self, team: str | None, wait: int) -> None:
        """A supervisor hands it to another team: from now on other people may move it."""
        self.at += timedelta(seconds=wait)
        ids = self.scene.town.teams
        lead = self.scene.people["lead"]
        self.act(lambda report: assignment.give(report, team_id=ids[team] if team else None, staff_id=None, by=lead), None)
        self.team = team
        self.version += 1

    def act(self, what: Any, wrong: type[Exception] | None) -> Any:
        """Lock, act, commit; or be refused with exactly this kind of error and change nothing."""
        with clock.frozen(self.at):
            if wrong is None:
                with transaction():
                    return what(self.locked())
            with pytest.raises(wrong) as caught, transaction():
                what(self.locked())
            assert type(caught.value) is wrong
        return None

    def locked(self) -> Report:
        """The report, as a door fetches it for a change."""
        return db.session.scalars(select(Report).where(Report.id == self.report_id).with_for_update()).one()

    @invariant()
    def both_tellings_agree(self) -> None:
        """On the report, and on what the public may know of it."""
        db.session.remove()
        with clock.frozen(self.at), transaction():
            report = self.locked()
            found = Stand(self.code(report.status_id), report.outcome, report.due_at, report.closed_at, report.paused_at)
            assert (found, report.version) == (self.stand, self.version)
            told = [step.status.name for step in followed(self.report_id, self.scene.town.id).steps]
        seen = [NAMES[one.to] for one in self.taken if not one.undone and one.public_at <= self.at]
        assert told[1:] == seen
        assert told[:1] == ["Received"]

    def code(self, status_id: int) -> str:
        """A status by its row."""
        return next(code for code, known in self.scene.town.statuses.items() if known == status_id)


def test_no_order_of_steps_breaks_the_workflow_or_shows_what_is_not_public(committed, proved, monkeypatch):
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", str(int(WINDOW.total_seconds())))
    config.settings.cache_clear()
    town = a_town()
    members = {"streets": [Role.CASEWORKER], "parks": [Role.CASEWORKER], "lead": [Role.SUPERVISOR]}
    people = {name: a_member(town, *roles, teams=[name] if name != "lead" else []) for name, roles in members.items()}
    Workflow.scene = Scene(town, people)
    bind(town.id)

    run_state_machine_as_test(
        Workflow,
        settings=settings(max_examples=RUNS, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)),
    )

    monkeypatch.undo()
    config.settings.cache_clear()
    proved(size=f"{RUNS:,} reports, up to {STEPS} acts each", result="0 differences between both tellings, 0 shown too early")

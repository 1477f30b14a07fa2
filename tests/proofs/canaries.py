"""Reports in every state a report can be in, each full of words that are found nowhere else."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select, text

from authority_portal.domain.access.actor import Actor, client
from authority_portal.domain.access.roles import SCOPES, STAFF_ROLES, Role
from authority_portal.domain.authorities import commands
from authority_portal.domain.authorities.models import Category
from authority_portal.domain.notifications import links
from authority_portal.domain.notifications.models import Message
from authority_portal.domain.people import commands as people
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.commands import assignment, intake, notes, status
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Channel, Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import INSIDE, Town, a_town
from tests.builders.staff import a_member, a_session

WORDS = ("text", "raw", "street", "answer", "name", "email", "note", "reason", "public", "early")
"""What a report is full of: its text, the part of it that clearing takes out, …, the words of a step that is not public yet."""
_NUMBERS = count(1000)


@dataclass(frozen=True)
class Marked:
    """One report, and the word that stands in each of its fields."""

    state: str
    slug: str
    number: int
    id: int
    reference: str
    follow: str

    def word(self, kind: str) -> str:
        """The word of one field: a plain lower-case one, so that no escaping or folding hides it."""
        return f"cnry{kind}{self.number}x"

    def found_in(self, body: str) -> set[str]:
        """Which of its fields show through."""
        return {kind for kind in WORDS if self.word(kind) in body}


@dataclass
class Borough:
    """An authority with its people by name, their sessions, its keys and one report per state."""

    town: Town
    secrets: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    reports: list[Marked] = field(default_factory=list)


STATES: dict[str, Callable[["Scribe", Report], None]] = {
    "received": lambda _scribe, _report: None,
    "on its way, not public yet": lambda scribe, report: scribe.step(report, "in_progress", early=True),
    "in progress": lambda scribe, report: scribe.step(report, "in_progress"),
    "waiting for the resident": lambda scribe, report: scribe.step(report, "waiting_resident"),
    "closed": lambda scribe, report: scribe.step(report, "closed", outcome=Outcome.FIXED),
    "closed, not public yet": lambda scribe, report: scribe.step(report, "closed", outcome=Outcome.FIXED, early=True),
    "reopened": lambda scribe, report: scribe.reopen(report),
    "private": lambda scribe, report: scribe.step(report, "in_progress"),
    "joined to another": lambda scribe, report: scribe.join(report),
    "contact erased": lambda scribe, report: scribe.erase(report),
}
"""What is done to a report after it came in with a contact, a note and an assignment."""


@dataclass
class Scribe:
    """Writes the reports of one authority, with the product's own commands."""

    borough: Borough
    client_id: UUID
    number: int = 0
    marked: Marked | None = None

    def write(self, state: str) -> Marked:
        """One report in this state."""
        town, self.number = self.borough.town, next(_NUMBERS)
        bind(town.id)
        with transaction():
            report = self._receive("noise" if state == "private" else "pothole")
            town_id, reference = town.id, report.reference
            assignment.give(report, team_id=town.teams["streets"], staff_id=None, reason=self.word("reason"), by=self.author)
        with transaction():
            notes.write(self._locked(report), text=self.word("note"), by=self.author)
        STATES[state](self, report)
        with transaction():
            token = self._link(report, town_id)
            made = Marked(state, town.card.slug, self.number, report.id, reference, token)
        self.borough.reports.append(made)
        return made

    def word(self, kind: str) -> str:
        """See Marked.word."""
        return f"cnry{kind}{self.number}x"

    @property
    def author(self) -> Actor:
        """Who writes the notes: somebody none of the readers is."""
        return self._author

    def __post_init__(self) -> None:
        self._author = a_member(self.borough.town, Role.SUPERVISOR)

    def step(self, report: Report, to: str, *, outcome: Outcome | None = None, early: bool = False) -> None:
        """One step; `early`: its window is still open, so nobody outside may know."""
        town = self.borough.town
        with transaction():
            change = status.change(
                self._locked(report),
                to=town.statuses[to],
                outcome=outcome,
                reason=self.word("reason"),
                note=self.word("early" if early else "public"),
                authority=town.card,
                by=self.author,
            )
            if early:
                change.public_at = clock.now() + timedelta(hours=1)

    def reopen(self, report: Report) -> None:
        """Closed in public, then opened again."""
        self.step(report, "closed", outcome=Outcome.NOT_FIXED)
        self.step(report, "in_progress")

    def join(self, report: Report) -> None:
        """Stands for nothing of its own any more: it follows the first report."""
        with transaction():
            ids = {"lead": self.borough.reports[0].id, "id": report.id}
            db.session.execute(text("UPDATE report SET lead_report_id = :lead WHERE id = :id"), ids)

    def erase(self, report: Report) -> None:
        """Its time was over."""
        with transaction():
            person = db.session.scalars(select(Person).where(Person.id == self._locked(report).person_id)).one()
            people.erase(person, by=self.borough.town.house)

    def _receive(self, category: str) -> Report:
        town = self.borough.town
        found = db.session.scalars(select(Category).where(Category.id == town.categories[category])).one()
        answers: list[dict[str, Any]] = [
            {
                "code": "more",
                "prompt": "More?",
                "values": [{"key": "k", "name": f"{self.word('answer')} {self.word('raw')}@a.example"}],
            }
        ]
        return intake.receive(
            intake.NewReport(
                category=found,
                channel=Channel.APP,
                source="their app",
                description=f"{self.word('text')} write to {self.word('raw')}@a.example",
                answers=answers,
                position=INSIDE,
                address=f"1 {self.word('street')} St",
                contact=Contact(name=self.word("name"), email=f"{self.word('email')}@example.org", channel="email"),
            ),
            authority=town.card,
            by=client(self.client_id, town.id, scopes=SCOPES, name="their app"),
        )

    def _link(self, report: Report, authority_id: int) -> str:
        row = self._locked(report)
        news = Message(
            authority_id=authority_id,
            report_id=row.id,
            person_id=row.person_id,
            channel="email",
            event="received",
            locale="en",
            dedupe_key=f"proof {self.number}",
            made_at=clock.now(),
        )
        db.session.add(news)
        db.session.flush()
        return links.make(news.id, row.id, authority_id, "follow")

    @staticmethod
    def _locked(report: Report) -> Report:
        return db.session.scalars(select(Report).where(Report.id == report.id).with_for_update()).one()


def a_borough(app: Flask, slug: str, states: Iterator[str] | list[str]) -> Borough:
    """One authority: everybody of every role in the team that holds the reports, and those of another team beside them."""
    borough = Borough(a_town(slug))
    bind(borough.town.id)
    with transaction():
        client_id, borough.keys["their app"] = commands.new_key(name="their app", by=borough.town.house)
        _, borough.keys["another app"] = commands.new_key(name="another app", by=borough.town.house)
    for role in STAFF_ROLES:
        borough.secrets[role.value] = a_session(a_member(borough.town, role, teams=("streets",)))
    for role in (Role.CASEWORKER, Role.CREW):
        borough.secrets[f"{role.value} of another team"] = a_session(a_member(borough.town, role, teams=("parks",)))
    scribe = Scribe(borough, client_id)
    for state in states:
        scribe.write(state)
    return borough

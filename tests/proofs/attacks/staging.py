"""Three authorities with canaries in every field, and one way to attack them."""

import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import text as sql
from werkzeug.test import TestResponse

from authority_portal import tables
from authority_portal.domain.access.actor import system
from authority_portal.domain.access.roles import Role
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports import reference as references
from authority_portal.domain.reports.commands import assignment, notes
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.reference import ALPHABET
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.web.guard import cookie_name
from tests.builders.authorities import PREFIXES
from tests.builders.reports import a_report
from tests.proofs.attacks import oracle
from tests.proofs.world import Place, World

MASKED: dict[Role, tuple[str, ...]] = {
    Role.CASEWORKER: ("name", "email", "words", "note"),
    Role.CREW: ("name", "email", "words", "note", "address"),
    Role.SUPERVISOR: ("name", "email"),
    Role.ANALYST: ("name", "email", "words", "note", "address"),
    Role.PRIVACY_OFFICER: (),
    Role.ADMINISTRATOR: ("name", "email", "words", "address"),
}
"""The fields of another team's report whose values each role of the team `streets` must not meet, unless it asks to reveal."""

FIELDS = ("name", "email", "words", "note", "address")
OUT_OF_COUNT = frozenset({"throttle", "staff_session", "audit_line"})
"""Tables that a refusal may write to: what was counted, who was seen, what is on record."""


def canary(slug: str, name: str) -> str:
    """The canary in this field of this authority's hidden report."""
    return f"cnry-{PREFIXES[slug].lower()}-{name}"


@dataclass
class Stage:
    """The world with a report full of canaries in each place, held by the team `parks`."""

    world: World
    hidden: dict[str, str] = field(default_factory=dict)
    """References of the reports with canaries, by slug."""

    @property
    def a(self) -> Place:
        """The authority that is attacked from inside."""
        return self.world.places[0]

    @property
    def b(self) -> Place:
        """The one next door."""
        return self.world.places[1]

    def forbidden(self, place: Place | None, role: Role | None) -> oracle.Forbidden:
        """What somebody here must not meet; a stranger must meet nothing of anybody."""
        own = place.town.card.slug if place else None
        # The place of a public report is public.
        names = FIELDS if own else [name for name in FIELDS if name != "address"]
        foreign = {canary(slug, name) for slug in PREFIXES if slug != own for name in names}
        masked = {canary(own, name) for name in (MASKED[role] if role else FIELDS)} if own else set()
        return oracle.Forbidden(frozenset(foreign), frozenset(masked))

    def strike(
        self,
        path: str,
        *,
        method: str = "GET",
        role: Role | None = Role.CASEWORKER,
        browser: FlaskClient | None = None,
        typed: Iterable[str] = (),
        refused: bool = False,
        **more: Any,
    ) -> TestResponse:
        """One request of A's staff (or, without `role`, of a stranger), undone afterwards and judged by the oracle.

        `refused`: the row says that nothing may have changed.
        """
        place = self.a if role else None
        browser = browser or (self.world.browser(self.a, role) if role else self.world.stranger())
        with self.world.undone():
            before = self.state() if refused else {}
            began = time.perf_counter()
            answer = browser.open(path, method=method, **more)
            seconds = time.perf_counter() - began
            wrong = oracle.faults(answer, seconds=seconds, forbidden=self.forbidden(place, role), typed=typed)
            if refused and (after := self.state()) != before:
                wrong.append(f"G5: changed {sorted(name for name in before if before[name] != after[name])}")
            answer.close()
        assert wrong == [], f"{method} {path[:120]}: {wrong}"
        return answer

    def state(self) -> dict[str, Any]:
        """A digest of every tenant's rows, table by table."""
        kept = [name for name in tables.of_kind("tenant") if name not in OUT_OF_COUNT]
        query = " UNION ALL ".join(f"SELECT '{name}', count(*), sum(hashtext(t::text)) FROM {name} t" for name in kept)
        found: dict[str, Any] = {}
        for place in self.world.places:
            bind(place.town.id)
            for name, rows, digest in db.session.execute(sql(query)):
                found[f"{place.town.card.slug}.{name}"] = (rows, digest)
            db.session.rollback()
        bind(None)
        db.session.remove()
        return found


def set_stage(world: World) -> Stage:
    """Put a report with canaries into each authority."""
    stage = Stage(world)
    for place in world.places:
        slug, town = place.town.card.slug, place.town
        report = a_report(
            town,
            description=f"A hole. Write to {canary(slug, 'words')}@example.org about it.",
            address=f"7 {canary(slug, 'address')} Street",
            contact=Contact(name=canary(slug, "name"), email=f"{canary(slug, 'email')}@example.org", channel="email"),
        )
        house = system(town.id)
        bind(town.id)
        with transaction():
            report = db.session.get_one(Report, report.id)
            notes.write(report, text=f"Seen. {canary(slug, 'note')}", by=place.cast[Role.SUPERVISOR])
            assignment.give(report, team_id=town.teams["parks"], staff_id=None, reason="", by=house)
            stage.hidden[slug] = report.reference
    bind(None)
    db.session.remove()
    return stage


def a_raw_browser(stage: Stage, cookies: str) -> tuple[FlaskClient, dict[str, str]]:
    """A browser that sends exactly this Cookie header."""
    return stage.world.app.test_client(use_cookies=False), {"Cookie": cookies}


def session_cookie(place: Place, role: Role) -> str:
    """The session of this person as a Cookie header says it."""
    return f"{cookie_name()}={place.secrets[role]}"


_MADE_ANEW = re.compile(
    r'(csrf_token" value=|X-CSRFToken": |data-live=|data-version=|name="form_id"[^>]* value=|since=)"?[^"&\s]*|\b[0-9a-f]{32}\b'
)


def shown(answer: TestResponse, *typed: str) -> str:
    """The page without what every page makes anew, and without what was typed."""
    page = _MADE_ANEW.sub("", answer.text)
    for text in typed:
        page = re.sub(re.escape(text), "", page, flags=re.IGNORECASE)
    return page


def an_absent_reference(like: str) -> str:
    """A reference as right as this one, of a report that does not exist."""
    prefix, first, last = like.split("-")
    tried = (f"{prefix}-{one}{first[1:]}-{last[:-1]}{check}" for one in ALPHABET for check in ALPHABET if one != first[0])
    return next(made for made in tried if references.read(made) == made)


def filled(table: Mapping[str, str], facts: Mapping[str, str]) -> dict[str, str]:
    """A form, a query or headers with their braces filled in."""
    return {name: value.format(**facts) for name, value in table.items()}


def token_of(page: str) -> str:
    """The token of the forms on a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]

"""A town in the middle of its work: every kind of page has something to show. The words it is written in can be chosen."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update

from authority_portal.config import CHECKOUT, settings
from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.roles import Role
from authority_portal.domain.analytics import keeping
from authority_portal.domain.authorities import card
from authority_portal.domain.authorities import commands as authorities
from authority_portal.domain.authorities.models import Area, Authority, Category, Question, Team
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports import routing
from authority_portal.domain.reports.commands import assignment, notes, photos, status
from authority_portal.domain.reports.models import Report, Status, StatusStep
from authority_portal.domain.staff import invitations, management, passwords, roster
from authority_portal.domain.staff.models import Staff
from authority_portal.foundation import clock, pictures, storage
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.geo import Point
from tests.builders.authorities import Town, a_town
from tests.builders.reports import a_report
from tests.builders.smtp import a_sink
from tests.builders.staff import a_member
from tests.builders.travel import send_everything

Words = Callable[[str], str]
BASEMAP = CHECKOUT / "demo" / "data" / "boston_basemap.pmtiles"
EVERYWHERE = "SRID=4326;MULTIPOLYGON(((-71.2 42.22, -70.98 42.22, -70.98 42.4, -71.2 42.4, -71.2 42.22)))"
PASSWORD = passwords.DEMO_PASSWORD
PLAIN: Words = str


@dataclass
class Stage:
    """The town, its cast, and references of reports by what is special about them."""

    town: Town
    base: str
    cast: dict[str, Actor] = field(default_factory=dict)
    reports: dict[str, str] = field(default_factory=dict)
    follow: str = ""
    stop: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    html_parts: list[str] = field(default_factory=list)


def set_stage(base: str, folder: Path, patch: pytest.MonkeyPatch, *, words: Words = PLAIN, basemap: str = "pmtiles") -> Stage:
    """Build it with the product's own commands; `words` rewrites each text somebody could have typed."""
    _settings(patch, BASEMAP=basemap, BASEMAP_URL=str(BASEMAP), MAIL_FOLDER=str(folder), UNDO_SECONDS="0")
    stage = Stage(_town(words), base)
    _cast(stage, words)
    _invited(stage, words)
    told = _reports(stage, words)
    _send(stage, folder, patch)
    _settings(patch, UNDO_SECONDS="600")
    with transaction():
        _step(stage, told, "in_progress", words)
        keeping.rebuild(stage.town.card)
    bind(None)
    return stage


def _settings(patch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        patch.setenv(f"PORTAL_{name}", value)
    settings.cache_clear()


def _town(words: Words) -> Town:
    town = a_town()
    with transaction() as session:
        for kind in (Team, Category, Status):
            for row in session.scalars(select(kind)):
                row.name = words(row.name)
        for step in session.scalars(select(StatusStep)):
            step.label = words(step.label)
        for category in session.scalars(select(Category)):
            category.group, category.description = words("Streets"), words("Holes, cracks, bumps.")
        for team in session.scalars(select(Team)):
            team.department = words("Public Works")
        for layer, name in ((routing.AREA_LAYER, "Ward 4"), (routing.LOCALITY_LAYER, "Mission Hill")):
            session.add(Area(authority_id=town.id, layer=layer, code="4", name=words(name), shape=EVERYWHERE))
        question = session.scalars(select(Question)).one()
        question.prompt, question.hint = words("How deep is it?"), words("Measure at the edge.")
        question.options = [{"key": "hand", "name": words("Deeper than a hand")}, {"key": "flat", "name": words("Flat")}]
        session.add(
            Question(authority_id=town.id, category_id=question.category_id, code="more", datatype="text", prompt=words("More?"))
        )
    bind(None)
    with transaction() as session:
        names = {"name": words("City of Boston"), "contact_text": words("Call 311."), "attribution": words("© OpenStreetMap")}
        session.execute(update(Authority).values(**names))
    card.forget()
    town.card = card.by_id(town.id)
    return town


def _cast(stage: Stage, words: Words) -> None:
    town = stage.town
    stage.cast = {
        "kim": a_member(town, teams=["streets"]),
        "noor": a_member(town, teams=["parks"]),
        "crew": a_member(town, Role.CREW, teams=["streets"]),
        "supervisor": a_member(town, Role.SUPERVISOR),
        "analyst": a_member(town, Role.ANALYST),
        "privacy": a_member(town, Role.PRIVACY_OFFICER),
        "administrator": a_member(town, Role.ADMINISTRATOR),
    }
    with transaction() as session:
        for name, actor in stage.cast.items():
            values: dict[str, Any] = {"name": words(f"{name.title()} Example"), "email": f"{name}@boston.example"}
            if name == "kim":
                values["password_hash"] = passwords.hashed(PASSWORD)
            session.execute(update(Staff).where(Staff.id == actor.id).values(**values))


def _invited(stage: Stage, words: Words) -> None:
    """Somebody who was invited, a key, and a colleague who may not work here at present."""
    by, away = stage.cast["administrator"], a_member(stage.town, teams=["parks"])
    bind(stage.town.id)
    with transaction():
        made = invitations.invite(
            email="new@boston.example", name=words("New Example"), roles=[Role.CREW], team_codes=["parks"], by=by
        )
        stage.facts = {"invitation": str(made.id), "token": invitations.token_of(made), "noor": str(stage.cast["noor"].id)}
        stage.facts |= {"away": str(away.id), "myself": str(by.id), "officer": str(stage.cast["privacy"].id)}
        management.suspend(away.id, seen=roster.one(away.id, by=by).seen, by=by)
        authorities.new_key(name=words("Citizen app"), by=stage.town.house)


def _reports(stage: Stage, words: Words) -> Report:
    town = stage.town
    told = a_report(
        town,
        description=words("A deep pothole in the lane going down the hill.\n\nCars swerve into the oncoming lane to miss it."),
        address=words("822 Parker St"),
        contact=Contact(name=words("Rosa Example"), email="rosa@example.org", phone="+16175550123", channel="email"),
        answers=[{"code": "depth", "prompt": words("How deep is it?"), "values": [{"key": "hand", "name": words("A hand")}]}],
    )
    kim, lead = stage.cast["kim"], stage.cast["supervisor"]
    with transaction():
        assignment.give(told, team_id=told.team_id, staff_id=kim.id, reason=words("Knows the street"), by=lead)
        notes.write(told, text=words("Same block as last week."), by=kim)
        _photo(told, kim)
        _step(stage, told, "accepted", words)
    stage.reports["told"] = told.reference
    late = clock.now() - timedelta(days=9)
    others: dict[str, dict[str, Any]] = {
        "overdue": {"position": Point(42.3500, -71.0700), "received_at": late},
        "waiting": {"position": Point(42.3100, -71.0500), "to": "waiting_other"},
        "closed": {"to": "closed", "outcome": "fixed"},
        "placeless": {"position": None, "address": "", "description": "", "contact": Contact()},
        "noise": {"category": "noise", "position": Point(42.2900, -71.1200)},
    }
    for name, more in others.items():
        given = {"description": words("A hole."), "address": words("1 City Hall Sq")} | more
        stage.reports[name] = a_report(town, **given).reference
    return told


def _photo(report: Report, by: Actor) -> None:
    raw = io.BytesIO()
    Image.new("RGB", (600, 400), (90, 120, 90)).save(raw, "JPEG")
    picture, name = pictures.remake(raw.getvalue()), storage.new_name()
    storage.keep(report.authority_id, name, picture.large, picture.small)
    photos.add(report, picture, name, by=by)


def _step(stage: Stage, report: Report, to: str, words: Words) -> None:
    bind(stage.town.id)
    fresh = db.session.get(Report, report.id, populate_existing=True)
    assert fresh is not None
    status.change(
        fresh,
        to=stage.town.statuses[to],
        note=words("A crew will fill it by Friday."),
        reason=words("Crew scheduled"),
        authority=stage.town.card,
        by=stage.cast["kim"],
    )


def _send(stage: Stage, folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Mails as residents get them, in the folder the demo shows; the two links as the last of them carries them."""
    folder.mkdir()
    with a_sink() as sink:
        _settings(patch, SMTP_URL=sink.url)
        send_everything()
    taken = [mail for _, mail in sink.took if stage.reports["told"] in str(mail["Subject"])]
    for number, mail in enumerate(taken):
        stage.mails.append(f"{number:03}.eml")
        (folder / stage.mails[-1]).write_bytes(mail.as_bytes())
        html = mail.get_body(("html",))
        assert html is not None
        stage.html_parts.append(html.get_content())
    text = taken[-1].get_body(("plain",))
    assert text is not None
    found = dict(re.findall(r"/(r|unsubscribe)/([A-Za-z0-9_-]{20,})", text.get_content()))
    stage.follow, stage.stop = found["r"], found["unsubscribe"]

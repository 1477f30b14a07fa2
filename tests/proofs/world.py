"""Three authorities with everybody in them, built once per module; every request's writes are undone after it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.roles import STAFF_ROLES, Role
from authority_portal.domain.analytics import keeping
from authority_portal.domain.authorities import commands
from authority_portal.domain.notifications import links
from authority_portal.domain.notifications.models import Message
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.domain.staff import invitations
from authority_portal.foundation import clock, storage
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.web.guard import cookie_name
from tests.builders.authorities import PREFIXES, Town, a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in


@dataclass
class Place:
    """One authority: its cast, the secrets of their sessions, and what sample addresses are made of."""

    town: Town
    cast: dict[Role, Actor] = field(default_factory=dict)
    secrets: dict[Role, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    """Fills the braces of `routes.Door.path` and `routes.Door.form`."""


@dataclass
class World:
    """All three, and browsers to knock with."""

    app: Flask
    connection: Connection
    places: list[Place]

    def stranger(self) -> FlaskClient:
        """A browser nobody is signed in with."""
        return self.app.test_client()

    def browser(self, place: Place, role: Role) -> FlaskClient:
        """A browser of this person, new each time because some doors take its cookie away."""
        client = self.app.test_client()
        client.set_cookie(cookie_name(), place.secrets[role])
        return client

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever happens inside did not happen."""
        db.session.remove()
        savepoint = self.connection.begin_nested()
        try:
            yield
        finally:
            db.session.remove()
            savepoint.rollback()


def build(app: Flask, connection: Connection) -> World:
    """Boston, Otherton and Thirdville, each with one person per role in the team `streets` and a report of that team."""
    world = World(app, connection, [_place(app, slug) for slug in PREFIXES])
    bind(None)
    db.session.remove()
    return world


def _place(app: Flask, slug: str) -> Place:
    place = Place(a_town(slug))
    town = place.town
    report = a_report(town)
    bind(town.id)
    with transaction():
        _, key = commands.new_key(name="citizen app", by=town.house)
        photo = Photo(authority_id=town.id, report_id=report.id, state="ready", name=storage.new_name(), added_at=clock.now())
        news = Message(
            authority_id=town.id,
            report_id=report.id,
            person_id=report.person_id,
            channel="email",
            event="received",
            locale="en",
            dedupe_key="proof",
            made_at=clock.now(),
        )
        storage.keep(town.id, photo.name or "", b"large", b"small")
        db.session.add_all([photo, news])
        db.session.flush()
        tokens = {purpose: links.make(news.id, report.id, town.id, purpose) for purpose in ("follow", "unsubscribe")}
        place.facts = {
            "slug": slug,
            "reference": report.reference,
            "report_id": str(report.id),
            "version": str(report.version),
            "in_progress": str(town.statuses["in_progress"]),
            "parks": str(town.teams["parks"]),
            "key": key,
            "photo": photo.name or "",
            "follow_token": tokens["follow"],
            "unsubscribe_token": tokens["unsubscribe"],
        }
    with transaction():
        keeping.rebuild(town.card)
        invited = invitations.invite(email=f"new@{slug}.example", name="New", roles=[Role.CREW], by=town.house)
        invited.ends_at -= timedelta(minutes=2)  # made a while ago: it may be sent again, however fast the proof is
        place.facts |= {"invitation": str(invited.id), "invitation_token": invitations.token_of(invited)}
    for role in STAFF_ROLES:
        place.cast[role] = a_member(town, role, teams=("streets",))
        cookie = signed_in(app, place.cast[role]).get_cookie(cookie_name())
        assert cookie is not None
        place.secrets[role] = cookie.value
    place.facts["caseworker"] = str(place.cast[Role.CASEWORKER].id)
    return place

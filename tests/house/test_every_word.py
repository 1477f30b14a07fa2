"""Every text that a person reads passes gettext: pages in a language nobody speaks hold no other words than what was typed."""

import io
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import get_babel
from sqlalchemy import select, update

from authority_portal.domain.access.roles import STAFF_ROLES, Role
from authority_portal.domain.authorities import card
from authority_portal.domain.authorities.models import Authority, Category, Question, Team
from authority_portal.domain.notifications import links
from authority_portal.domain.notifications.models import Message
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports.commands import assignment, notes
from authority_portal.domain.reports.models import Report, Status, StatusStep
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.domain.staff.models import Staff
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.web import rendering
from tests.builders.authorities import Town, a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in
from tests.house import foreign
from tests.house.foreign import typed
from tests.proofs.routes import ROUTES

HX = {"HX-Request": "true"}
CODES = ("boston.example", "example.org", "pothole", "noise", "Angla", "Esperanto", "Hispana")
"""What stands for itself: hosts, codes, and names of languages, which are Babel's own."""
RESIDENT = Contact(name=typed("Rosa"), email="1@example.org", channel="email")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    made = tmp_path_factory.mktemp("translations")
    foreign.write(made)
    return made


@pytest.fixture
def speaking(house: Flask, folder: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The house, which also speaks the language nobody speaks."""
    babel = get_babel(house)
    monkeypatch.setattr(babel, "translation_directories", [str(folder)])
    monkeypatch.setattr(rendering, "LANGUAGES", ("en", foreign.LOCALE))
    babel.instance.domain_instance.cache.clear()
    yield house
    babel.instance.domain_instance.cache.clear()


@pytest.fixture
def town(speaking: Flask) -> Town:
    """An authority of that language in which everything that can be typed was typed in Greek letters."""
    town = a_town(locale=foreign.LOCALE)
    with transaction():
        for kind in (Team, Category, Status):
            for row in db.session.scalars(select(kind)):
                row.name = typed(row.name)
        for team in db.session.scalars(select(Team)):
            team.department = typed(team.department)
        for step in db.session.scalars(select(StatusStep)):
            step.label = typed(step.label)
        for category in db.session.scalars(select(Category)):
            category.group = typed(category.group)
        question = db.session.scalars(select(Question)).one()
        question.prompt, question.required = typed(question.prompt), True
        question.options = [{"key": str(n), "name": typed(one["name"])} for n, one in enumerate(question.options)]
        db.session.execute(update(Authority).values(name=typed("City of Boston"), contact_text=typed("Call 311.")))
    card.forget()
    return town


@pytest.fixture
def kim(speaking: Flask, town: Town) -> FlaskClient:
    """A caseworker of the team that holds the reports."""
    return signed_in(speaking, _named(a_member(town, Role.CASEWORKER, teams=["streets"]), town))


@pytest.fixture
def lee(speaking: Flask, town: Town) -> FlaskClient:
    """A caseworker of another team."""
    return signed_in(speaking, _named(a_member(town, Role.CASEWORKER, teams=["parks"]), town))


@pytest.fixture
def report(town: Town) -> Report:
    """One with a bit of everything: steps, an assignment, a note, a photo that never came."""
    ann = _named(a_member(town, Role.SUPERVISOR), town)
    report = a_report(town, contact=RESIDENT, description=typed("A hole."), address=typed("Parker St"))
    with transaction():
        assignment.give(report, team_id=town.teams["streets"], staff_id=None, reason=typed("They know."), by=ann)
        notes.write(report, text=typed("Seen it."), by=ann)
        db.session.add_all(
            Photo(authority_id=town.id, report_id=report.id, state="failed", failure=why, added_at=clock.now())
            for why in ("the server answered 404", "the file is larger than 10 MB")
        )
    return report


def _named(actor: Any, town: Town) -> Any:
    bind(town.id)
    with transaction():
        db.session.execute(
            update(Staff).where(Staff.id == actor.id).values(name=typed("Kim Example"), email=f"{actor.id.int}@boston.example")
        )
    return actor


def _links(town: Town, report: Report) -> tuple[str, str]:
    """A resident's links of one message: to follow the report, and to stop."""
    bind(town.id)
    with transaction():
        about = {"authority_id": town.id, "report_id": report.id, "person_id": report.person_id, "made_at": clock.now()}
        message = Message(**about, channel="email", event="received", locale="en", dedupe_key="words")
        db.session.add(message)
        db.session.flush()
        return links.make(message.id, report.id, town.id, "follow"), links.make(message.id, report.id, town.id, "unsubscribe")


def _all_foreign(answer: Any, status: int, *data: str) -> None:
    assert answer.status_code == status
    assert list(foreign.forgotten(answer.text, data=(*CODES, *data))) == []
    if "<html" in answer.text:
        assert foreign.Seen(answer.text).language == foreign.LOCALE


def test_the_main_pages(kim: FlaskClient, report: Report) -> None:
    for path in (
        *("/reports?queue=all", "/reports?queue=all&panel=1", "/reports?queue=mine", "/reports?queue=all&text=zz&category=noise"),
        *("/reports?queue=all&assignee=me&sla=overdue&received_from=2026-01-02&bbox=-71.1,42.3,-71,42.4",),
        *(f"/reports/{report.reference}", "/reports/keys", "/account"),
        *("/reports/new", "/reports/new/questions?category=pothole"),
        f"/reports/{report.reference}/reveal?field=email",
    ):
        _all_foreign(kim.get(path), 200, "zz")
    for path in ("/reports/list?queue=all", f"/reports/{report.reference}/preview"):
        _all_foreign(kim.get(path, headers=HX), 200)


def test_every_page_that_needs_no_name(speaking: Flask, town: Town, report: Report) -> None:
    """Pages that come later are looked at as soon as the table of routes knows them."""
    everything = signed_in(speaking, _named(a_member(town, *STAFF_ROLES, teams=["streets"]), town))
    plain = [
        door
        for (name, method), door in ROUTES.items()
        if method == "GET" and "{" not in "".join((door.path, *door.query.values()))
    ]
    seen = 0
    for door in plain:
        answer = everything.get(door.path, query_string=door.query)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            assert (door.path, list(foreign.forgotten(answer.text, data=CODES))) == (door.path, [])
            seen += 1
    assert seen >= 4


def test_the_pages_of_residents(speaking: Flask, town: Town, report: Report) -> None:
    follow, stop = _links(town, report)
    bind(None)
    browser = speaking.test_client()
    _all_foreign(browser.get(f"/r/{follow}"), 200)
    _all_foreign(browser.get(f"/unsubscribe/{stop}"), 200)
    _all_foreign(browser.post(f"/unsubscribe/{stop}", data={"List-Unsubscribe": "One-Click"}), 200)
    _all_foreign(browser.get("/r/nothing", headers={"Accept-Language": foreign.LOCALE}), 404)


def test_the_door(speaking: Flask, town: Town) -> None:
    bind(None)
    browser = speaking.test_client()
    _all_foreign(browser.get("/sign-in?next=/reports"), 200)
    _all_foreign(browser.post("/sign-in", data={"email": "", "password": ""}), 422)
    _all_foreign(browser.post("/sign-in", data={"email": "kim@boston.example", "password": "no"}), 422, "kim")


def test_what_cannot_be_read(kim: FlaskClient, report: Report) -> None:
    wrong = "team=nowhere&received_from=x&status=3&text=" + "x+" * 30 + "&bbox=1&area=q&assignee=q"
    _all_foreign(kim.get(f"/reports?queue=all&{wrong}"), 422, "new, open, waiting, done", *"xq", "nowhere")
    _all_foreign(
        kim.get("/reports?queue=none&qwerty=1&after=2&sort=3"),
        400,
        "mine, unassigned, team, overdue, all",
        "deadline, received",
        "qwerty",
    )
    assert foreign.readable(kim.get("/reports/map.geojson?view=x&z=1").json["error"]["detail"], data=("view",)) == []


def test_a_step_that_is_refused(kim: FlaskClient, lee: FlaskClient, report: Report, town: Town) -> None:
    path, form = f"/reports/{report.reference}", {"version": report.version, "seen_status": town.statuses["received"]}
    _all_foreign(kim.post(f"{path}/status", data={**form, "to": town.statuses["closed"]}), 422)
    _all_foreign(kim.post(f"{path}/status", data={**form, "to": "9999999"}), 409)
    _all_foreign(kim.post(f"{path}/status", data={**form, "to": "x", "note": "\x07", "reason": "1\n2", "outcome": "4"}), 422)
    _all_foreign(lee.post(f"{path}/status", data={**form, "to": town.statuses["accepted"]}), 403)
    _all_foreign(kim.post(f"{path}/undo?change=1"), 409)
    _all_foreign(kim.post(f"{path}/send-now?change=1"), 409)


def test_what_else_is_refused_on_a_report(kim: FlaskClient, lee: FlaskClient, report: Report) -> None:
    path = f"/reports/{report.reference}"
    _all_foreign(kim.post(f"{path}/notes", data={"text": " "}), 422)
    _all_foreign(lee.post(f"{path}/notes", data={"text": "1"}), 403)
    _all_foreign(kim.post(f"{path}/assign", data={"version": report.version, "team": "99999"}), 422)
    _all_foreign(lee.post(f"{path}/assign", data={"version": report.version}), 403)
    _all_foreign(kim.post(f"{path}/reveal", data={"field": "email"}), 422)
    _all_foreign(lee.post(f"{path}/reveal", data={"field": "email"}), 403)
    _all_foreign(kim.post(f"{path}/photos"), 422)
    _all_foreign(kim.post(f"{path}/photos", data={"photos": (io.BytesIO(b"no photo"), "a.jpg")}), 422)


def test_a_conflict(kim: FlaskClient, report: Report, town: Town) -> None:
    path, form = f"/reports/{report.reference}", {"version": report.version, "seen_status": town.statuses["received"]}
    assert kim.post(f"{path}/status", data={**form, "to": town.statuses["accepted"]}).status_code == 303
    _all_foreign(kim.post(f"{path}/status", data={**form, "to": town.statuses["closed"], "outcome": "fixed", "note": "1"}), 409)
    _all_foreign(kim.post(f"{path}/assign", data={"version": form["version"], "team": town.teams["parks"]}), 409)


def test_a_report_written_down_wrongly(kim: FlaskClient, town: Town) -> None:
    nothing = {
        "channel": "phone",
        "received": "x",
        "coordinates": "x",
        "contact_phone": "x",
        "contact_email": "x",
        "form_id": "x",
    }
    _all_foreign(kim.post("/reports/new", data=nothing), 422)
    outside = {
        "channel": "phone",
        "category": "pothole",
        "asked_of": "pothole",
        "coordinates": "48.85, 2.35",
        "contact_channel": "sms",
    }
    _all_foreign(kim.post("/reports/new", data=outside), 422)


def test_what_a_page_says_once_after_a_form(kim: FlaskClient) -> None:
    new = {
        "form_id": str(uuid4()),
        "channel": "phone",
        "category": "noise",
        "description": typed("Barks"),
        "coordinates": "42.3297, -71.0993",
        "contact_locale": "en",
    }
    for path, form in (("/reports/new", new), ("/account/appearance", {"theme": "dark"}), ("/sign-out", {})):
        sent = kim.post(path, data=form)
        assert sent.status_code == 303
        page = kim.get(sent.location, headers={"Accept-Language": foreign.LOCALE})
        assert 'class="toast"' in page.text
        _all_foreign(page, 200)


def test_a_password_that_will_not_do(kim: FlaskClient) -> None:
    _all_foreign(kim.post("/account/password", data={"current": "x", "password": "y"}), 422)


def test_answers_that_are_no_page(speaking: Flask, kim: FlaskClient, lee: FlaskClient, town: Town) -> None:
    analyst = signed_in(speaking, _named(a_member(town, Role.ANALYST), town))
    _all_foreign(kim.get("/reports/BOS-0000-0000"), 404)
    _all_foreign(kim.get("/nothing", headers={"Accept-Language": foreign.LOCALE}), 404)
    _all_foreign(kim.delete("/reports", headers={"Accept-Language": foreign.LOCALE}), 405)
    _all_foreign(
        kim.post("/reports/new", data=b"x" * 100, headers={"Sec-Fetch-Site": "cross-site", "Accept-Language": foreign.LOCALE}),
        403,
    )
    _all_foreign(kim.get("/live?since=x"), 422, "since")
    _all_foreign(analyst.get("/reports"), 403)


def test_a_page_says_the_language_it_is_written_in(house: Flask) -> None:
    """An authority whose language has messages, but no pages, gets English pages that say so."""
    town = a_town(locale="es_ES")
    kim = signed_in(house, a_member(town))
    answer = kim.get("/account")
    assert foreign.Seen(answer.text).language == "en"
    assert "Your account" in answer.text


def test_a_stranger_is_spoken_to_as_the_browser_asks(speaking: Flask) -> None:
    for wanted, given in (("eo;q=0.5, fr", "eo"), ("en-GB, eo;q=0.9", "en"), ("fr", "en"), ("", "en"), ("x" * 400, "en")):
        answer = speaking.test_client().get("/nothing", headers={"Accept-Language": wanted})
        assert foreign.Seen(answer.text).language == given

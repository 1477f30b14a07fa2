"""The commands of an installation: what they do, and what they say when they cannot."""

from datetime import timedelta

import pytest
from flask import Flask

from authority_portal.cli import workflow
from authority_portal.cli.demo import past
from authority_portal.config import Settings, settings
from authority_portal.domain.authorities import commands as authorities
from authority_portal.domain.authorities.models import ApiKey
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.staff import passwords
from authority_portal.domain.staff.models import Staff, StaffRole, TeamMember
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.outbox import OutboxEvent
from tests.builders.authorities import a_town
from tests.builders.reports import a_report

BOX = "-1.35,52.27,-1.2,52.39"


def run(app: Flask, *words: str, code: int = 0, typed: str | None = None) -> str:
    result = app.test_cli_runner().invoke(args=list(words), input=typed)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output
    return result.output


def found(
    app: Flask,
    *,
    slug: str = "otherton",
    prefix: str = "OTH",
    zone: str = "Europe/London",
    locale: str = "en_GB",
    code: int = 0,
) -> str:
    words = ("authority", "add", slug, "--name", "Otherton", "--prefix", prefix, "--zone", zone, "--locale", locale)
    return run(app, *words, f"--bounds={BOX}", code=code)


def test_an_authority_is_founded_listed_and_shown(house: Flask):
    found(house)

    assert "otherton" in run(house, "authority", "list")
    assert "Europe/London" in run(house, "authority", "show", "otherton")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"prefix": "NEW"}, "slug already"),
        ({"slug": "newton"}, "Another authority has this prefix"),
        ({"slug": "New Town", "prefix": "NEW"}, "slug: small letters"),
        ({"slug": "newton", "prefix": "x"}, "prefix: two to four"),
        ({"slug": "newton", "prefix": "NEW", "zone": "Mars/Base"}, "must be a time zone"),
        *(
            ({"slug": "newton", "prefix": "NEW", "locale": locale}, "locale: must be a language such as en_GB")
            for locale in ("en-x-foo", "xx", "en_XX_YY_ZZ", "", "../en")
        ),
    ],
)
def test_an_authority_that_cannot_be_is_refused_in_words(house: Flask, more: dict[str, str], words: str):
    found(house)

    assert words in found(house, **more, code=1)


def test_a_locale_is_kept_in_one_form(house: Flask):
    found(house, locale="en-gb")

    assert "locale             en_GB" in run(house, "authority", "show", "otherton")


def test_staff_are_added_moved_and_disabled(house: Flask):
    town = a_town()
    who = ("kim@boston.example", "--authority", "boston")

    run(
        house, "staff", "add", *who, "--name", "Kim", "--role", "caseworker", "--team", "parks", "--password-stdin",
        typed="seven grey herons at dawn\n",
    )  # fmt: skip
    bind(None)
    kim = db.session.query(Staff).filter_by(email="kim@boston.example").one()
    assert passwords.fits("seven grey herons at dawn", kim.password_hash)
    assert db.session.query(TeamMember.team_id).filter_by(staff_id=kim.id).scalar() == town.teams["parks"]

    run(house, "staff", "roles", *who, "--role", "crew", "--role", "supervisor", "--keep-teams")
    assert {role for (role,) in db.session.query(StaffRole.role).filter_by(staff_id=kim.id)} == {"crew", "supervisor"}

    run(house, "staff", "disable", *who)
    bind(None)
    db.session.expire_all()
    assert db.session.get(Staff, kim.id).disabled_at is not None


def test_an_invited_person_gets_a_link_that_works_once(house: Flask):
    a_town()

    words = ("staff", "invite", "bo@boston.example", "--name", "Bo", "--authority", "boston", "--role", "crew")
    said = run(house, *words, "--show-link")
    link = said.splitlines()[-1].removeprefix("http://127.0.0.1:8000")

    browser = house.test_client()
    assert browser.post(link, data={"password": "seven grey herons at dawn"}).location == "/invited"
    assert browser.get(link).status_code == 404
    bind(None)
    bo = db.session.query(Staff).filter_by(email="bo@boston.example").one()
    assert passwords.fits("seven grey herons at dawn", bo.password_hash)
    assert "/invitation/" not in run(house, *words[:2], "al@boston.example", *words[3:])
    assert "works here already" in run(house, *words, code=1)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("invite", "nobody", "--name", "N", "--authority", "boston"), "must be one e-mail address"),
        (("invite", "n@x.example", "--name", "N", "--authority", "boston", "--role", "crew", "--team", "moon"), "Choose teams"),
        (
            ("invite", "n@x.example", "--name", "N", "--authority", "atlantis"),
            "There is no authority atlantis. There are: boston",
        ),
        (("disable", "n@x.example", "--authority", "boston"), "Nobody has an account"),
    ],
)
def test_what_cannot_be_done_about_staff_is_said(house: Flask, words: tuple[str, ...], answer: str):
    a_town()

    assert answer in run(house, "staff", *words, code=1)


def test_a_rotated_key_ends_the_former_ones(house: Flask):
    a_town()
    former = run(house, "keys", "new", "App", "--authority", "boston").splitlines()[-1]

    secret = run(house, "keys", "rotate", "App", "--authority", "boston", "--overlap-hours", "0").splitlines()[-1]

    rows = {row.digest: row.revoked_at for row in db.session.query(ApiKey)}
    assert rows[authorities.digest(former)] is not None
    assert rows[authorities.digest(secret)] is None


def test_keys_are_made_narrow_listed_limited_and_revoked(house: Flask):
    a_town()
    app = ("App", "--authority", "boston")
    run(house, "keys", "new", *app, "--scope", "submit", "--days", "30")
    run(house, "keys", "rotate", *app)
    assert "App: 120 requests a minute" in run(house, "keys", "limit", *app, "--per-minute", "120")

    new, former = run(house, "keys", "list", "--authority", "boston").splitlines()
    assert all("App  works  submit  made" in line and "120/min" in line for line in (new, former))
    assert f"ends {clock.now() + timedelta(days=30):%Y-%m-%d}" in new
    assert f"ends {clock.now() + timedelta(days=1):%Y-%m-%d}" in former

    assert "1 keys of App stopped" in run(house, "keys", "revoke", *app, "--key", former.split()[0])
    assert "has no such key" in run(house, "keys", "revoke", *app, "--key", former.split()[0], code=1)
    assert "1 keys of App stopped" in run(house, "keys", "revoke", *app)
    assert "There is no API client" in run(house, "keys", "rotate", "Nobody", "--authority", "boston", code=1)


def test_the_outbox_says_what_waits_and_replays_one_event(house: Flask):
    town = a_town()
    a_report(town)
    bind(None)
    event = db.session.query(OutboxEvent).one()
    with transaction():
        event.state = "done"

    assert "ReportReceived" in run(house, "outbox", "status")
    run(house, "outbox", "replay", str(event.id), "--authority", "boston")

    bind(None)
    db.session.expire_all()
    assert db.session.get(OutboxEvent, event.id).state == "pending"


def test_a_replay_lets_nothing_out_before_its_time(house: Flask):
    town = a_town()
    a_report(town)
    bind(None)
    event = db.session.query(OutboxEvent).one()
    later = clock.now() + timedelta(minutes=1)
    with transaction():
        event.due_at = later

    run(house, "outbox", "replay", str(event.id), "--authority", "boston")

    bind(None)
    db.session.expire_all()
    assert db.session.get(OutboxEvent, event.id).due_at == later


def test_the_audit_log_is_verified(house: Flask):
    town = a_town()
    a_report(town)

    assert "waiting to be sealed" in run(house, "audit", "verify")


def test_the_picture_of_the_workflow_is_the_table(house: Flask):
    assert workflow.PICTURE.read_text(encoding="utf-8") == workflow.page(), "run `flask workflow draw`"


def test_the_doctor_looks_at_everything_and_says_what_to_do(house: Flask):
    result = house.test_cli_runner().invoke(args=["doctor"])

    for words in ("PostgreSQL", "passes no row-level security", "owns nothing", "leakproof", "Redis answers", "photos are kept"):
        assert words in result.output
    assert "Traceback" not in result.output


def test_every_setting_is_listed_and_no_secret_shown(house: Flask):
    said = run(house, "doctor", "--settings")

    assert all(f"PORTAL_{name} = " in said for name in Settings.model_fields)
    for secret in (settings().SECRET_KEY, settings().DATA_KEYS, settings().DATABASE_URL):
        assert secret not in said


def test_new_keys_differ_each_time(house: Flask):
    assert run(house, "doctor", "--new-keys") != run(house, "doctor", "--new-keys")


def test_production_refuses_the_demo(house: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        "authority_portal.cli.demo.commands.settings", lambda: settings().model_copy(update={"ENV": "production"})
    )

    assert "production refuses the demo" in run(house, "demo", "load", code=1)


def test_invented_residents_are_the_same_each_time_and_lie_in_reserved_ranges():
    people = [past._resident(f"B-{number}") for number in range(500)]

    assert people == [past._resident(f"B-{number}") for number in range(500)]
    assert all(isinstance(person, Contact) and person.name for person in people)
    assert all(person.email.endswith("@example.org") for person in people if person.email)
    assert all("55501" in person.phone for person in people if person.phone)
    assert {person.channel for person in people} == {"email", "phone", "none"}

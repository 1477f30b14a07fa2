"""Writing down a report for a resident, without JavaScript."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from authority_portal.domain.access.roles import Role
from authority_portal.domain.people import sealed
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation.db import db
from authority_portal.foundation.outbox import OutboxEvent
from tests.builders.staff import a_member, signed_in
from tests.web.casework.new.conftest import a_file, saved, send, wrong


def test_the_empty_form_is_offered_to_those_who_record(house, town):
    for role in (Role.CASEWORKER, Role.SUPERVISOR):
        page = signed_in(house, a_member(town, role)).get("/reports/new")
        assert page.status_code == 200
        assert '<optgroup label="Streets">' in page.text
    for role in (Role.CREW, Role.ANALYST, Role.PRIVACY_OFFICER, Role.ADMINISTRATOR):
        assert signed_in(house, a_member(town, role)).get("/reports/new").status_code == 403


@pytest.mark.parametrize("channel", ["phone", "counter", "letter", "email", "social"])
def test_a_report_is_saved_routed_and_shown(town, desk, channel):
    answer = send(desk, channel=channel)
    assert answer.status_code == 303
    (report,) = saved(town)
    assert (report.channel, report.source, report.address) == (channel, "staff", "822 Parker St")
    assert (report.lat, report.lon) == (42.3297, -71.0993)
    assert report.team_id == town.teams["streets"]
    page, again = (desk.browser.get(answer.headers["Location"]) for _ in range(2))
    assert page.status_code == 200
    words = f"The report is saved. Its reference is {report.reference}."
    assert words in page.text
    assert words not in again.text


def test_a_resident_with_an_address_is_acknowledged(town, desk):
    send(desk, contact_name="Rosa Example", contact_email="rosa@example.org")
    (report,) = saved(town)
    person = db.session.get_one(Person, report.person_id)
    assert (person.channel, person.locale) == ("email", "en")
    assert sealed.unseal(person, "email") == "rosa@example.org"
    assert db.session.scalar(select(func.count()).where(OutboxEvent.kind == "ReportReceived")) == 1


def test_the_channel_the_resident_wants_is_kept(town, desk):
    send(desk, contact_phone="617 555 0123", contact_channel="sms")
    send(desk, contact_name="Ada", contact_address="1 High St\nBoston", contact_channel="letter")
    people = [db.session.get_one(Person, report.person_id) for report in saved(town)]
    assert [person.channel for person in people] == ["sms", "letter"]
    assert sealed.unseal(people[0], "phone") == "+16175550123"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"channel": None}, "Choose how the report came in."),
        ({"channel": "owl"}, "Not a valid choice."),
        ({"category": ""}, "Choose a category."),
        ({"category": "no-such"}, "Choose a category from the list."),
        ({"address": "", "coordinates": " "}, "Say where it is: give an address, click on the map, or type a position."),
        ({"coordinates": "42.3297"}, "Position must be latitude and longitude such as 42.3297, -71.0993"),
        ({"coordinates": "nan, inf"}, "Position must be a decimal number such as 42.3594"),
        ({"coordinates": "٤٢.3, -71.1"}, "Position must be a decimal number such as 42.3594"),
        ({"coordinates": "91, 0"}, "Position must lie between -90 and 90"),
        ({"coordinates": "48.85, 2.35"}, "The position lies outside the area of City of Boston."),
        (
            {"coordinates": "-71.0993, 42.3297"},
            "The position lies outside the area of City of Boston. Latitude and longitude look swapped.",
        ),
        ({"description": "x" * 4_001}, "What the resident says must have at most 4,000 characters, has 4,001"),
        ({"received": "2999-01-01T00:00"}, "When it came in must lie between the years 1900 and 2200"),
        ({"received": "2199-01-01T00:00"}, "The time it came in lies in the future."),
        ({"received": "yesterday"}, "When it came in must be a day and a time such as 2026-11-22T10:24"),
        ({"received": "2026-03-08T02:30"}, "When it came in does not exist: the clocks skip this hour"),
        ({"contact_email": "rosa@"}, "E-mail must be one e-mail address such as name@example.org"),
        ({"contact_phone": "12"}, "Phone must be a phone number such as +1 617 555 0123"),
        ({"contact_channel": "letter"}, "Postal address is needed for the channel the resident wants"),
        ({"contact_channel": "owl"}, "Wants to hear must be one of email, sms, phone, letter, none"),
        ({"contact_locale": "tlh"}, "Choose a language from the list."),
        ({"form_id": "1"}, "Form must be an identifier such as 3f2a…"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_saved(town, desk, changed, sentence):
    assert sentence in wrong(send(desk, **changed))
    assert saved(town) == []


def test_nothing_typed_is_lost(town, desk):
    typed = {
        "description": "Words <b>&</b> ${more}",
        "address": "By the gate",
        "contact_name": "Rosa",
        "contact_email": "rosa@",
        "contact_phone": "617 555 0123",
        "contact_address": "1 High St",
        "received": "2026-01-02T03:04",
    }
    page = send(desk, files=[(a_file(), "a.jpg")], coordinates="x", contact_channel="phone", channel="letter", **typed)
    assert page.status_code == 422
    for text in (
        "Words &lt;b&gt;&amp;&lt;/b&gt; ${more}",
        "By the gate",
        "Rosa",
        "rosa@",
        "617 555 0123",
        "1 High St",
        "2026-01-02T03:04",
    ):
        assert text in page.text
    assert re.search(r'<input[^>]*checked[^>]*value="letter"', page.text)
    assert re.search(r'<option value="noise" selected>', page.text)
    assert "Choose the photos again." in page.text


def test_an_address_alone_or_a_position_alone_is_enough(town, desk):
    assert send(desk, coordinates="").status_code == 303
    assert send(desk, address="").status_code == 303
    first, second = saved(town)
    assert (first.lat, second.address) == (None, "")


def test_a_letter_counts_from_its_day_in_the_authoritys_zone(town, desk):
    send(desk, category="pothole", asked_of="pothole", received="2026-01-15T22:30")
    (report,) = saved(town)
    assert report.received_at.isoformat() == "2026-01-16T03:30:00+00:00"
    assert report.due_at - report.received_at == timedelta(hours=48)


def test_a_second_click_makes_no_second_report(town, desk):
    same = {"form_id": str(uuid4()), "files": [(a_file(), "a.jpg")]}
    first, second = send(desk, **same), send(desk, **same)
    assert first.headers["Location"] == second.headers["Location"]
    (report,) = saved(town)
    assert (report.photos, db.session.scalar(select(func.count(Photo.id)))) == (1, 1)


def test_a_form_sent_again_with_other_words_is_not_swallowed(town, desk):
    same = str(uuid4())
    send(desk, form_id=same)
    page = send(desk, form_id=same, description="Another thing.")
    assert page.status_code == 409
    assert "Another thing." in page.text
    (new_id,) = re.findall(r'name="form_id"[^>]*value="([^"]+)"', page.text)
    assert new_id != same
    assert send(desk, form_id=new_id, description="Another thing.").status_code == 303
    assert len(saved(town)) == 2

"""Writing down a report for a resident, without JavaScript."""

import io
import re
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import func, select

from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities.models import Question
from authority_portal.domain.people import sealed
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.outbox import OutboxEvent
from tests.builders.authorities import a_town
from tests.builders.staff import a_member, signed_in


def a_file(form="JPEG"):
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), (90, 120, 90)).save(buffer, form)
    return buffer.getvalue()


@pytest.fixture
def town(house):
    made = a_town()
    bind(made.id)
    with transaction():
        for code, datatype, options in (
            ("name", "string", []),
            ("count", "number", []),
            ("since", "datetime", []),
            ("more", "text", []),
            ("lanes", "multivaluelist", [{"key": "l", "name": "Left"}, {"key": "r", "name": "Right"}]),
        ):
            db.session.add(
                Question(
                    authority_id=made.id,
                    category_id=made.categories["pothole"],
                    code=code,
                    datatype=datatype,
                    prompt=f"Tell us: {code}",
                    options=options,
                    position=1,
                )
            )
        db.session.add(
            Question(
                authority_id=made.id,
                category_id=made.categories["pothole"],
                code="safety",
                datatype="string",
                prompt="Never stand in the road.",
                variable=False,
                position=2,
            )
        )
    return made


@pytest.fixture
def desk(house, town):
    """A caseworker's browser, and what it does with the form."""
    actor = a_member(town, teams=["streets"])
    browser = signed_in(house, actor)
    return SimpleNamespace(browser=browser, actor=actor)


def filled(**more):
    form = {
        "form_id": str(uuid4()),
        "channel": "phone",
        "category": "noise",
        "description": "A dog barks all night.",
        "address": "822 Parker St",
        "coordinates": "42.3297, -71.0993",
        "contact_locale": "en",
    }
    return {name: value for name, value in (form | more).items() if value is not None}


def answers(town, **given):
    """Values by question code, as the form names them."""
    bind(town.id)
    ids = dict(db.session.execute(select(Question.code, Question.id)).all())
    db.session.rollback()
    return {f"answer-{ids[code]}": value for code, value in given.items()} | {"category": "pothole", "asked_of": "pothole"}


def send(desk, files=(), **more):
    data = filled(**more) | {"photos": [(io.BytesIO(raw), name) for raw, name in files]}
    return desk.browser.post("/reports/new", data=data, content_type="multipart/form-data")


def saved(town):
    bind(town.id)
    return db.session.scalars(select(Report).order_by(Report.id)).all()


def wrong(answer):
    """Sentences of the summary."""
    assert answer.status_code == 422
    part = answer.text.split('id="error-summary"')[1].split("</div>")[0]
    return [re.sub("<[^>]+>", "", line).strip() for line in re.findall("<li>(.*?)</li>", part, re.DOTALL)]


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
    page = desk.browser.get(answer.headers["Location"])
    assert page.status_code == 200
    assert f"The report is saved. Its reference is {report.reference}." in page.text


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


def test_the_questions_of_a_category_come_as_a_fragment(desk):
    answer = desk.browser.get("/reports/new/questions?category=pothole", headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    for words in ("How deep is it?", "Deeper than a hand", "Tell us: lanes", "Never stand in the road."):
        assert words in answer.text
    assert desk.browser.get("/reports/new/questions?category=x", headers={"HX-Request": "true"}).status_code == 200


def test_without_javascript_a_button_shows_them_and_keeps_what_was_typed(town, desk):
    page = send(desk, category="pothole", show="questions", address="By the gate", channel="letter")
    assert page.status_code == 200
    assert "How deep is it?" in page.text
    assert "By the gate" in page.text
    assert "There is a problem" not in page.text
    assert saved(town) == []


def test_questions_that_were_never_shown_are_asked_before_saving(town, desk):
    page = send(desk, category="pothole")
    assert "This category asks questions. They stand below now: ask them, then save again." in wrong(page)
    assert "How deep is it?" in page.text


def test_answers_of_every_kind_are_kept(town, desk):
    given = answers(
        town, depth="hand", name="Left of the tree", count="2.50", since="2026-01-15T22:30", more="One\nTwo", lanes=["l", "r"]
    )
    assert send(desk, **given).status_code == 303
    bind(town.id)
    kept = {answer["code"]: answer["values"] for answer in db.session.scalar(select(Report.answers))}
    assert kept["depth"] == [{"key": "hand", "name": "Deeper than a hand"}]
    assert kept["count"] == [{"key": "", "name": "2.5"}]
    assert kept["since"] == [{"key": "", "name": "2026-01-16T03:30:00Z"}]
    assert [value["key"] for value in kept["lanes"]] == ["l", "r"]
    assert kept["more"] == [{"key": "", "name": "One\nTwo"}]
    assert "safety" not in kept


def test_wrong_answers_stand_beside_their_questions(town, desk):
    page = send(desk, **answers(town, count="many", since="soon", lanes=["x"], name="kept words"))
    sentences = wrong(page)
    assert "“Tell us: count” must be a decimal number such as 42.3594." in [
        sentence.replace("&#34;", '"') for sentence in sentences
    ]
    assert len(sentences) == 3
    assert 'value="kept words"' in page.text
    assert 'value="many"' in page.text


def test_photos_come_with_the_report(town, house):
    """Also when another team holds the report from then on."""
    actor = a_member(town, teams=["parks"])
    recorder = SimpleNamespace(browser=signed_in(house, actor))
    assert send(recorder, files=[(a_file(), "../../x.jpg"), (a_file("PNG"), "a\0b.svg")]).status_code == 303
    (report,) = saved(town)
    assert report.photos == 2


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([(b"<svg onload=alert(1)>", "x.jpg")], "File 1: The file is not a photo we can read; JPEG, PNG and WebP are taken."),
        ([(b"", "x.jpg")], "File 1: The file is empty."),
        ([(b"\xff" * (10 * 1024 * 1024 + 1), "x.jpg")], "File 1: The photo is larger than 10 MB; send a smaller one."),
        ([(a_file(), f"{n}.jpg") for n in range(4)], "Choose at most 3 photos at once."),
    ],
)
def test_what_is_no_photo_is_refused_in_words(town, desk, files, sentence):
    assert sentence in wrong(send(desk, files=files))
    assert saved(town) == []


def test_more_than_32_mb_are_refused_with_what_to_do(town, desk):
    page = send(desk, files=[(b"x" * (33 * 1024 * 1024), "x.jpg")])
    assert page.status_code == 413
    assert "choose a smaller file" in page.text


def test_the_map_comes_without_any_report(desk):
    script = desk.browser.get("/reports/new/map.js")
    assert script.mimetype == "text/javascript"
    assert "portal.place(map_place" in script.text


def test_the_form_lives_through_bad_text(town, desk):
    assert send(desk, description="a\x08b").status_code == 422
    assert send(desk, description="\u202egpj.exe").status_code == 303
    assert saved(town)[0].received_at <= clock.now()

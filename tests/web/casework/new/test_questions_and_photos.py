"""The typed questions of a category, photos, and odd text in the form of a new report."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from authority_portal.domain.reports.models import Report
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db
from tests.builders.staff import a_member, signed_in
from tests.web.casework.new.conftest import a_file, answers, saved, send, wrong


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

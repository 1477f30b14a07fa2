"""The words of messages: complete, in the reader's language, harmless whatever staff wrote."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from authority_portal.channels import wording
from authority_portal.channels.contract import Words
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.notifications.letters import Letter
from authority_portal.domain.notifications.planning import Wording
from authority_portal.domain.reports.workflow import Group, Outcome

NASTY = """<img src=x onerror=alert(1)>{{ 7*7 }}${7*7}"'\r\nBcc: evil@example.org"""


def card(**more: object) -> Card:
    values = {
        "id": 1,
        "slug": "boston",
        "name": "City of Boston",
        "prefix": "BOS",
        "zone": "America/New_York",
        "locale": "en_US",
        "accent": "0b5a68",
        "undo_seconds": None,
        "reference_key": b"",
        "west": 0.0,
        "south": 0.0,
        "east": 1.0,
        "north": 1.0,
        "mail_from": None,
        "contact_text": "Call 311.",
        "attribution": "",
    }
    return Card(**(values | more))  # type: ignore[arg-type]  # a builder


def letter(event: Wording = Wording.CLOSED, **more: object) -> Letter:
    values = {
        "wording": event,
        "locale": "en_US",
        "reference": "BOS-7K3P-Q",
        "category": "Pothole",
        "status": "Closed",
        "group": Group.DONE,
        "outcome": Outcome.FIXED,
        "note": "The hole was filled.\nThank you.",
        "at": datetime(2026, 11, 18, 19, 58, tzinfo=UTC),
        "authority": card(),
        "follow": "f" * 32,
        "unsubscribe": "u" * 32,
    }
    return Letter(**(values | more))  # type: ignore[arg-type]  # a builder


def write(app: Flask, made: Letter) -> Words:
    with app.app_context():
        return wording.write(made)


@pytest.mark.parametrize("event", Wording)
def test_every_wording_says_what_a_resident_needs(app: Flask, event: Wording) -> None:
    words = write(app, letter(event))
    for text in (words.text, words.html):
        for needed in (
            "BOS-7K3P-Q",
            "Pothole",
            "Closed",
            "The problem was fixed.",
            "The hole was filled.",
            "City of Boston",
            "Call 311.",
            "There is nothing more to come.",
            "Wed 18 Nov 2026, 14:58",
            f"http://127.0.0.1:8000/r/{'f' * 32}",
            f"http://127.0.0.1:8000/unsubscribe/{'u' * 32}",
        ):
            assert needed in text
    assert "BOS-7K3P-Q" in words.subject


def test_html_asks_nobody_for_anything(app: Flask) -> None:
    html = write(app, letter()).html
    for word in ("<img", "<script", "<link", "url(", "src=", "@import", "<form", "<iframe"):
        assert word not in html.lower()


def test_whatever_staff_wrote_is_text(app: Flask) -> None:
    for field in ("note", "status", "category"):
        words = write(app, letter(Wording.CHANGED, **{field: NASTY}))
        assert "<img src=x" not in words.html
        assert "&lt;img src=x onerror=alert(1)&gt;{{ 7*7 }}" in words.html
        assert "\n" not in words.subject
        assert "\r" not in words.subject


def test_lines_of_a_note_stay_lines(app: Flask) -> None:
    words = write(app, letter())
    assert "The hole was filled.\nThank you." in words.text
    assert "The hole was filled.<br>Thank you." in words.html


def test_a_message_speaks_the_readers_language(app: Flask) -> None:
    words = write(app, letter(locale="es"))
    assert words.subject == "Su aviso BOS-7K3P-Q se ha cerrado"
    assert "El problema se ha resuelto." in words.text
    assert "mié 18 nov 2026, 14:58" in words.text
    assert '<html lang="es">' in words.html


def test_every_text_of_the_messages_has_its_spanish(app: Flask) -> None:
    for event in Wording:
        for group in Group:
            english, spanish = (write(app, letter(event, group=group, locale=locale)).text for locale in ("en_US", "es"))
            ours = {"BOS-7K3P-Q", "City of Boston", "Call 311.", "The hole was filled.", "Thank you.", "--", ""}
            same = {line.strip() for line in english.splitlines()} & {line.strip() for line in spanish.splitlines()}
            assert {line for line in same if not line.startswith("http")} <= ours


@pytest.mark.parametrize(
    ("kept", "english", "spanish"),
    [
        (True, "not beyond January 17, 2027", "más allá del 17 de enero de 2027"),
        (False, "On January 17, 2027", "El 17 de enero de 2027"),
    ],
)
def test_a_notice_names_the_last_day_in_the_authoritys_zone(app: Flask, kept: bool, english: str, spanish: str) -> None:
    ends_at = datetime(2027, 1, 18, 3, 0, tzinfo=UTC)  # still the evening before in Boston
    for locale, words in (("en_US", english), ("es", spanish)):
        written = write(app, letter(Wording.RETENTION, locale=locale, ends_at=ends_at, kept=kept))
        assert words in written.text
        assert words in written.html


def test_plain_text_is_plain_and_html_is_not(app: Flask) -> None:
    words = write(app, letter(category="Bins & <boxes> 100 %"))

    assert "About: Bins & <boxes> 100 %" in words.text
    assert "Bins &amp; &lt;boxes&gt; 100 %" in words.html


def test_every_outcome_and_group_has_words() -> None:
    assert set(wording.OUTCOMES) == set(Outcome)
    assert set(wording.NEXT) == set(Group)


def test_a_preview_says_what_the_message_will_say(app: Flask) -> None:
    sent = write(app, letter())
    with app.app_context():
        shown = wording.preview(
            authority=card(),
            reference="BOS-7K3P-Q",
            category="Pothole",
            before=Group.OPEN,
            status="Closed",
            group=Group.DONE,
            outcome=Outcome.FIXED,
            note="The hole was filled.\nThank you.",
            at=letter().at,
        )
    assert shown.subject == sent.subject
    assert shown.text == sent.text.replace("f" * 32, "…").replace("u" * 32, "…")

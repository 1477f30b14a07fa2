"""One SMTP connection: what it refuses to do, and that what is written arrives unchanged."""

import base64
from datetime import UTC, datetime

import pytest
from flask import Flask

from authority_portal.channels import wording
from authority_portal.channels.contract import LeaseLost, NotNow, Unreachable
from authority_portal.channels.email.line import Line
from authority_portal.domain.notifications.letters import Addressed
from tests.builders.smtp import Sink, a_sink
from tests.channels.test_wording import letter

TO = Addressed(letter(), "rosa@example.org", "k" * 32)


def send(app: Flask, line: Line, to: Addressed = TO) -> None:
    with app.app_context():
        words = wording.write(to.letter)
    line.send(words, to, before_handover=lambda: None)


def a_line(sink: Sink) -> Line:
    return Line(sink.url, sender="portal@localhost.example", timeout=2)


def test_lines_that_begin_with_a_dot_arrive_as_they_were_written(app: Flask) -> None:
    note = ".\n..\n.hidden\nFrom me\n\nend."
    with a_sink() as sink:
        line = a_line(sink)
        send(app, line, Addressed(letter(note=note), "rosa@example.org", "k" * 32))
        line.close()
    text = sink.took[0][1].get_body(("plain",))
    assert text is not None
    assert note in text.get_content().replace("\r\n", "\n")


def test_a_lost_lease_before_the_handover_sends_nothing(app: Flask) -> None:
    def lost() -> None:
        raise LeaseLost

    with a_sink() as sink, app.app_context():
        line = a_line(sink)
        with pytest.raises(LeaseLost):
            line.send(wording.write(TO.letter), TO, before_handover=lost)
        line.send(wording.write(TO.letter), TO, before_handover=lambda: None)
        line.close()
    assert len(sink.took) == 1
    assert sink.connections == 2


def test_many_messages_share_one_connection(app: Flask) -> None:
    with a_sink() as sink:
        line = a_line(sink)
        for _ in range(5):
            send(app, line)
        line.close()
    assert (len(sink.took), sink.connections) == (5, 1)


def test_a_password_never_travels_in_the_open(app: Flask) -> None:
    with a_sink() as sink:
        line = Line(f"smtp://rosa:secret@127.1:{sink.port}", sender="portal@localhost.example", timeout=2)
        with pytest.raises(Unreachable):
            send(app, line)
    assert sink.took == []


@pytest.mark.parametrize("url", ["", "http://x", "smtp://", "localhost:25"])
def test_an_address_that_is_no_server_is_refused_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="PORTAL_SMTP_URL"):
        Line(url, sender="portal@localhost.example", timeout=2)


def test_what_cannot_be_composed_is_refused_without_a_word_of_it(app: Flask) -> None:
    with a_sink() as sink:
        line = a_line(sink)
        with pytest.raises(NotNow) as refusal:
            send(app, line, Addressed(letter(), "rosa\r\nBcc: evil@example.org", "k" * 32))
        assert "evil" not in str(refusal.value)
    assert sink.took == []


def test_headers_carry_no_line_of_somebody_else(app: Flask) -> None:
    nasty = "Closed\r\nBcc: evil@example.org"
    with a_sink() as sink:
        line = a_line(sink)
        send(
            app,
            line,
            Addressed(letter("changed", status=nasty, at=datetime(2026, 1, 1, tzinfo=UTC)), "rosa@example.org", "k" * 32),
        )
        line.close()
    mail = sink.took[0][1]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Your report BOS-7K3P-Q: Closed Bcc: evil@example.org"
    assert base64.b64encode(b"evil") not in mail.as_bytes()


@pytest.mark.parametrize(
    ("address", "goes_to"),
    [
        ("a@straße.de", "a@xn--strae-oqa.de"),
        ("a@φίλος.gr", "a@xn--kxaymmq.gr"),
        ("a@faß.bücher.example", "a@xn--fa-hia.xn--bcher-kva.example"),
        ("a@Example.ORG", "a@example.org"),
    ],
)
def test_mail_goes_to_the_very_domain_that_was_given(app: Flask, address: str, goes_to: str) -> None:
    """IDNA 2003 made ß into ss and ς into σ: other domains, with other owners."""
    with a_sink() as sink:
        line = a_line(sink)
        send(app, line, Addressed(letter(), address, "k" * 32))
        line.close()
    assert [(to, mail["To"]) for to, mail in sink.took] == [(goes_to, goes_to)]

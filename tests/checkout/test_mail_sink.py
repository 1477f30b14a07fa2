"""The demo's mailbox keeps every accepted mail whole, in order, and survives what clients do to it."""

import contextlib
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


class Sink:
    """A running sink and its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "mail"
        port_file = folder / "port"
        command = [
            sys.executable,
            "demo/mail_sink.py",
            "--folder",
            str(self.folder),
            "--port",
            "0",
            "--port-file",
            str(port_file),
        ]
        self.process = subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while not port_file.is_file():
            assert self.process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        self.port = int(port_file.read_text())

    def kept(self) -> list[bytes]:
        return [file.read_bytes() for file in sorted(self.folder.glob("*.eml"))]

    def send(self, subject: str, to: str = "resident@example.org") -> None:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, "portal@boston.example", to
        message.set_content("Your report — “pothole” — is fixed.\n.\n..two dots")
        with smtplib.SMTP("127.0.0.1", self.port) as client:
            client.send_message(message)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    running = Sink(tmp_path)
    yield running
    running.process.kill()
    running.process.communicate()


def test_mails_are_kept_whole_and_in_the_order_of_arrival(sink: Sink) -> None:
    for number in range(25):
        sink.send(f"number {number}")

    parsed = [message_from_bytes(mail, policy=policy.default) for mail in sink.kept()]

    assert [mail["Subject"] for mail in parsed] == [f"number {number}" for number in range(25)]
    assert parsed[0]["Delivered-To"] == "resident@example.org"
    assert parsed[0]["Return-Path"] == "<portal@boston.example>"
    assert parsed[0].get_content().splitlines() == ["Your report — “pothole” — is fixed.", ".", "..two dots"]
    assert [file.name for file in sink.folder.iterdir() if file.suffix != ".eml"] == []


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x00\xff\xfe" * 100 + b"\r\n",
        b"MAIL FROM:<a" + b"a" * 10_000 + b">\r\n",
        b"HELO x\r\nMAIL FROM:<\xc3\x28@example.org>\r\n",
        b"HELO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA\r\nhalf a mail",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"HELO x\r\nDATA\r\nRSET\r\nNOOP\r\n",
    ],
)
def test_nonsense_neither_ends_it_nor_is_kept(sink: Sink, nonsense: bytes) -> None:
    with socket.create_connection(("127.0.0.1", sink.port), timeout=5) as line:
        line.recv(200)
        line.sendall(nonsense)
        line.settimeout(0.3)
        # Some nonsense is answered, some ends the connection, to some nobody says anything.
        with contextlib.suppress(TimeoutError, ConnectionError):
            while line.recv(1000):
                pass

    sink.send("after it")

    assert len(sink.kept()) == 1
    assert sink.process.poll() is None


def test_a_mail_without_sense_is_kept_as_it_came(sink: Sink) -> None:
    body = b"no header at all \xff\xfe\r\n" + b"x" * 900 + b"\r\n"
    with smtplib.SMTP("127.0.0.1", sink.port) as client:
        client.sendmail("a@example.org", ["b@example.org", "c@example.org"], body)

    (mail,) = sink.kept()
    assert mail.endswith(body)
    assert mail.count(b"Delivered-To: ") == 2


def test_what_cannot_be_kept_is_refused_for_now(sink: Sink) -> None:
    shutil.rmtree(sink.folder)

    with pytest.raises(smtplib.SMTPDataError, match="cannot be kept now") as refused:
        sink.send("lost?")
    assert refused.value.smtp_code == 451

    sink.folder.mkdir()
    sink.send("kept")
    assert len(sink.kept()) == 1


def test_it_ends_quietly_when_asked(sink: Sink) -> None:
    sink.process.send_signal(signal.SIGTERM)

    _, said = sink.process.communicate(timeout=10)

    assert (sink.process.returncode, said) == (0, "")

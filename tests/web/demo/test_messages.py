"""The demo's mailbox: text only, newest first, and no way out of its folder."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from authority_portal.config import settings
from tests.builders.authorities import a_town

DATE = "Sun, 22 Nov 2026 12:00:00 +0000"
MAIL = """Delivered-To: rosa@example.org\r
From: {sender} <portal@localhost.example>\r
To: rosa@example.org\r
Subject: {subject}\r
Date: {date}\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary=x\r
\r
--x\r
Content-Type: text/plain; charset=utf-8\r
\r
Follow: http://127.0.0.1:8000/r/abc and http://elsewhere.example/\r
--x\r
Content-Type: text/html; charset=utf-8\r
\r
<p onclick="x()">Hello<script>alert(1)</script></p>\r
--x--\r
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: FlaskClient) -> Path:
    made = tmp_path / "mail"
    made.mkdir()
    monkeypatch.setenv("PORTAL_MAIL_FOLDER", str(made))
    settings.cache_clear()
    return made


@pytest.fixture(autouse=True)
def _settings_as_before(monkeypatch: pytest.MonkeyPatch):
    yield
    monkeypatch.undo()
    settings.cache_clear()


def keep(folder: Path, name: str, subject: str = "News", *, sender: str = "City", date: str = DATE) -> None:
    (folder / name).write_bytes(MAIL.format(subject=subject, sender=sender, date=date).encode())


def test_the_newest_mail_stands_first(folder: Path, client: FlaskClient) -> None:
    keep(folder, "20261122T120000.000000Z-1-000001.eml", "Older")
    keep(folder, "20261122T130000.000000Z-1-000002.eml", "Newer")
    page = client.get("/demo/messages").text
    assert page.index("Newer") < page.index("Older")


def test_an_empty_mailbox_says_so(folder: Path, client: FlaskClient) -> None:
    assert "Nothing yet." in client.get("/demo/messages").text


def test_a_mail_is_shown_as_text_whatever_it_holds(folder: Path, client: FlaskClient) -> None:
    keep(folder, "a.eml", "<img src=x onerror=alert(1)>")
    page = client.get("/demo/messages/a.eml").text
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.usefixtures("house")
def test_times_are_those_of_the_town_that_wrote(folder: Path, client: FlaskClient) -> None:
    a_town()
    for name, sender in (("a.eml", "City of Boston"), ("b.eml", "Nobody We Know")):
        keep(folder, name, sender=sender, date="Sun, 2 Feb 2025 02:30:00 +0000")
    there = '<time datetime="2025-02-01T21:30:00-05:00">{}</time>'
    assert there.format("Sat 1 Feb 2025, 21:30") in client.get("/demo/messages/a.eml").text
    assert "Sun 2 Feb 2025, 02:30" in client.get("/demo/messages/b.eml").text
    listed = client.get("/demo/messages").text
    assert there.format("1 Feb 2025") in listed
    assert "+00:00" in listed
    for page in (listed, client.get("/demo/messages/a.eml").text):
        assert "02:30:00 +0000" not in page


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 99 Feb 2025 99:00:00 +0000", "Sun, 2 Feb 2025 02:30:00 -0000"])
def test_a_date_that_is_none_is_left_out(folder: Path, client: FlaskClient, date: str) -> None:
    keep(folder, "a.eml", date=date)
    readable = date.endswith("-0000")
    for path in ("/demo/messages", "/demo/messages/a.eml"):
        answer = client.get(path)
        assert (answer.status_code, "<time" in answer.text) == (200, readable)


def test_only_links_to_this_portal_can_be_followed(folder: Path, client: FlaskClient) -> None:
    keep(folder, "a.eml")
    page = client.get("/demo/messages/a.eml").text
    assert 'href="http://127.0.0.1:8000/r/abc"' in page
    assert 'href="http://elsewhere.example/"' not in page


@pytest.mark.parametrize(
    "name", ["../secret.eml", "..%2fsecret.eml", ".a.eml.part", "a.txt", "a.eml%00", "a.eml%0a", "%2e%2e/a.eml"]
)
def test_no_name_leads_out_of_the_folder(folder: Path, client: FlaskClient, name: str) -> None:
    keep(folder.parent, "secret.eml")
    keep(folder, "a.eml")
    (folder / "a.txt").write_text("x")
    assert client.get(f"/demo/messages/{name}").status_code in (400, 404)


def test_broken_mail_breaks_nothing(folder: Path, client: FlaskClient) -> None:
    (folder / "b.eml").write_bytes(
        b"\xff\xfe\x00 no header\r\nSubject: =?utf-8?q?=ff?=\r\nContent-Type: text/plain; charset=nonsense\r\n\r\n\xff"
    )
    assert client.get("/demo/messages").status_code == 200
    assert client.get("/demo/messages/b.eml").status_code == 200


def test_in_production_there_is_no_such_page(folder: Path, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "ENV": "production",
        "SECRET_KEY": "s" * 40,
        "DATA_KEYS": "k1:" + "A" * 44,
        "LINK_KEYS": "k1:" + "A" * 44,
        "FETCH_PRIVATE": "0",
    }.items():
        monkeypatch.setenv(f"PORTAL_{name}", value)
    settings.cache_clear()
    keep(folder, "a.eml")
    assert client.get("/demo/messages").status_code == 404
    assert client.get("/demo/messages/a.eml").status_code == 404


def test_without_a_folder_there_is_no_such_page(client: FlaskClient) -> None:
    assert client.get("/demo/messages").status_code == 404

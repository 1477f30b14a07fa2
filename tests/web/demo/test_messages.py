"""The demo's mailbox: text only, newest first, and no way out of its folder."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from authority_portal.config import settings

MAIL = """Delivered-To: rosa@example.org\r
From: City <portal@localhost.example>\r
To: rosa@example.org\r
Subject: {subject}\r
Date: Sun, 22 Nov 2026 12:00:00 +0000\r
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


def keep(folder: Path, name: str, subject: str = "News") -> None:
    (folder / name).write_bytes(MAIL.format(subject=subject).encode())


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

"""From a citizen app's POST to two mails in the resident's mailbox, through every process there is."""

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

from authority_portal.config import settings
from authority_portal.domain.authorities import commands
from authority_portal.foundation.db import bind, transaction
from tests.builders.authorities import a_town
from tests.builders.processes import eventually, the_mail_sink, workers
from tests.builders.staff import a_member, signed_in

UNDO_SECONDS = 3


def mails(folder: Path) -> list[EmailMessage]:
    """What arrived, in order."""
    read = (email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in sorted(folder.glob("*.eml")))
    return [mail for mail in read if isinstance(mail, EmailMessage)]


def test_a_resident_hears_that_the_report_came_and_how_it_ended(
    committed: Flask, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", str(UNDO_SECONDS))
    settings.cache_clear()
    folder, log = tmp_path / "mail", tmp_path / "worker.log"
    town = a_town()
    bind(town.id)
    with transaction():
        client_id, secret = commands.new_key(name="City app", by=town.house)
    assert isinstance(client_id, UUID)
    kim = signed_in(committed, a_member(town, teams=["streets"]))
    bind(None)

    with the_mail_sink(folder) as smtp, workers(environment | {"PORTAL_SMTP_URL": smtp, "PORTAL_WORKERS": "1"}, log):
        answer = committed.test_client().post(
            "/open311/v2/requests.json",
            data={
                "service_code": "pothole",
                "lat": "42.3297",
                "long": "-71.0993",
                "description": "A deep hole.",
                "email": "rosa@example.org",
                "locale": "es",
            },
            headers={"X-Api-Key": secret},
        )
        assert answer.status_code == 201
        reference = answer.json[0]["service_request_id"]  # type: ignore[index]
        eventually(lambda: len(mails(folder)) == 1, seconds=20)

        changed = kim.post(
            f"/reports/{reference}/status",
            data={
                "to": town.statuses["closed"],
                "version": 1,
                "seen_status": town.statuses["received"],
                "outcome": "fixed",
                "note": "The hole was filled.",
            },
        )
        assert changed.status_code == 303
        eventually(lambda: len(mails(folder)) == 2, seconds=20)

    received, closed = mails(folder)
    assert received["Delivered-To"] == closed["Delivered-To"] == "rosa@example.org"
    assert received["Subject"] == f"Hemos recibido su aviso {reference}"
    assert closed["Subject"] == f"Su aviso {reference} se ha cerrado"
    text = closed.get_body(("plain",))
    assert text is not None
    for words in ("The hole was filled.", "El problema se ha resuelto.", "Pothole", "City of Boston", "Call 311."):
        assert words in text.get_content()
    assert closed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert closed["Auto-Submitted"] == "auto-generated"
    assert received["Message-ID"] != closed["Message-ID"]

    link = re.search(r"http://127\.0\.0\.1:8000(/r/[A-Za-z0-9_-]{32})", text.get_content())
    assert link is not None
    page = committed.test_client().get(link[1])
    assert page.status_code == 200
    assert reference in page.text
    assert "rosa" not in log.read_text()
    settings.cache_clear()

"""A report's whole way in a browser without JavaScript, through the processes of a real installation."""

import email
import email.policy
import os
import re
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import update

from authority_portal.config import CHECKOUT, settings
from authority_portal.domain.authorities import commands
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.staff import passwords
from authority_portal.domain.staff.models import Staff
from authority_portal.foundation.db import bind, transaction
from deploy.checkout.house import web_command
from tests.builders.authorities import a_town
from tests.builders.browsing import a_browser, visit
from tests.builders.processes import eventually, the_mail_sink, workers
from tests.builders.reports import a_report
from tests.builders.staff import a_member

UNDO_SECONDS = 3
WORDS = "The hole was filled on Tuesday."


def a_free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def the_web(environment: dict[str, str], port: int, log: Path) -> Iterator[None]:
    """gunicorn with the command of `make run`."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *web_command(port)], cwd=CHECKOUT, env={**os.environ, **environment}, stdout=out, stderr=out
        )
    try:
        eventually(lambda: process.poll() is None and _answers(f"http://127.0.0.1:{port}/readyz"), seconds=30)
        yield
    finally:
        process.terminate()
        process.wait(15)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def mails(folder: Path) -> list[EmailMessage]:
    """What arrived, in order."""
    read = (email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in sorted(folder.glob("*.eml")))
    return [mail for mail in read if isinstance(mail, EmailMessage)]


def words_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def sent_in(base: str, secret: str) -> str:
    """A citizen app's POST; gives the reference."""
    form = {
        "service_code": "pothole",
        "lat": "42.3297",
        "long": "-71.0993",
        "description": "A deep hole beside the tram.",
        "address_string": "822 Parker St",
        "email": "rosa@example.org",
        "first_name": "Rosa",
    }
    request = urllib.request.Request(
        f"{base}/open311/v2/requests.xml", urllib.parse.urlencode(form).encode(), headers={"X-Api-Key": secret}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 201
        reference = ET.fromstring(answer.read()).findtext("request/service_request_id")
    assert reference
    return reference


def close_it(page: Page, base: str, reference: str) -> None:
    """A caseworker signs in, finds the report by the filters, and closes it."""
    page.goto(f"{base}/")
    page.get_by_label("Work e-mail").fill("kim@boston.example")
    page.get_by_label("Password").fill(passwords.DEMO_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name=re.compile("^All")).click()
    expect(page.locator("[data-row]")).to_have_count(2)
    page.locator("#filter-text").fill("beside the tram")
    page.locator("#filter-text").press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.locator("[data-row] a").first.click()
    expect(page.locator(".crumb")).to_contain_text(reference)
    page.get_by_text("Closed", exact=True).first.click()
    page.get_by_role("button", name="Save this step").click()
    expect(page.get_by_role("alert").first).to_contain_text("Choose how the report ended.")
    page.locator("#outcome").select_option("fixed")
    page.locator("#words").fill(WORDS)
    page.get_by_role("button", name="Save this step").click()
    expect(page.locator("#undo")).to_contain_text("Closed is saved.")


def test_without_a_script_a_report_goes_its_whole_way(
    committed: Flask, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = a_town()
    kim = a_member(town, teams=["streets"])
    with transaction() as session:
        known = {"email": "kim@boston.example", "password_hash": passwords.hashed(passwords.DEMO_PASSWORD)}
        session.execute(update(Staff).where(Staff.id == kim.id).values(**known))
    with transaction():
        _, secret = commands.new_key(name="City app", by=town.house)
    a_report(town, category="noise", description="Loud.", contact=Contact())
    bind(None)

    port, folder = a_free_port(), tmp_path / "mail"
    base = f"http://127.0.0.1:{port}"
    monkeypatch.setenv("PORTAL_BASE_URL", base)
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", str(UNDO_SECONDS))
    settings.cache_clear()
    with the_mail_sink(folder) as smtp:
        whole = environment | {
            "PORTAL_BASE_URL": base,
            "PORTAL_UNDO_SECONDS": str(UNDO_SECONDS),
            "PORTAL_SMTP_URL": smtp,
            "PORTAL_MAIL_FOLDER": str(folder),
            "PORTAL_WORKERS": "1",
        }
        with (
            the_web(whole, port, tmp_path / "web.log"),
            workers(whole, tmp_path / "worker.log"),
            a_browser() as chromium,
        ):
            reference = sent_in(base, secret)
            eventually(lambda: len(mails(folder)) == 1, seconds=20)
            with visit(chromium, base, java_script_enabled=False) as page:
                close_it(page, base, reference)
            assert len(mails(folder)) == 1, "nothing leaves inside of the undo window"
            eventually(lambda: len(mails(folder)) == 2, seconds=20)

            with visit(chromium, base, java_script_enabled=False) as page:
                read_and_stop(page, mails(folder)[1], reference)
                page.goto(f"{base}/demo/messages")
                expect(page.locator("main li")).to_have_count(2)
            assert len(mails(folder)) == 2, "once, not twice"

    for log in ("web.log", "worker.log"):
        said = (tmp_path / log).read_text()
        assert not re.search("rosa|tram|Parker", said, re.IGNORECASE)
    monkeypatch.undo()
    settings.cache_clear()


def read_and_stop(page: Page, mail: EmailMessage, reference: str) -> None:
    """The resident opens the links of the mail: sees how it ended, and wants no more."""
    assert mail["Delivered-To"] == "rosa@example.org"
    assert mail["Subject"] == f"Your report {reference} was closed"
    text = words_of(mail)
    assert WORDS in text
    follow, stop = re.search(r"http\S+/r/\S+", text), re.search(r"http\S+/unsubscribe/\S+", text)
    assert follow
    assert stop
    page.goto(follow[0])
    expect(page.locator(".r-now")).to_contain_text("Closed")
    expect(page.locator(".r-steps")).to_contain_text(WORDS)
    expect(page.locator("body")).not_to_contain_text("Rosa")
    expect(page.locator("body")).not_to_contain_text("beside the tram")
    page.goto(stop[0])
    page.get_by_role("button", name="Stop these messages").click()
    expect(page.get_by_role("heading", name="The messages are stopped")).to_be_visible()
    assert f"<{stop[0]}>" in str(mail["List-Unsubscribe"])

"""The page behind a resident's link."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from authority_portal.domain.notifications import links
from authority_portal.domain.notifications.models import LinkToken
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports.commands import status
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report

CANARIES = ("CANARY-name", "canary@example.org", "5550199", "CANARY-words", "CANARY-street")
RESIDENT = Contact(
    name="CANARY-name", email="canary@example.org", phone="+16175550199", address="CANARY-street 1", locale="en", channel="email"
)


@pytest.fixture
def town(house):
    return a_town()


@pytest.fixture
def report(town):
    return a_report(town, contact=RESIDENT, description="CANARY-words", address="822 Parker St")


@pytest.fixture
def link(town):
    """A link to a report; the number stands for its message."""
    numbers = iter(range(1, 1_000))

    def made(report: Report, purpose: links.Purpose = "follow") -> str:
        bind(town.id)
        with transaction():
            return links.make(next(numbers), report.id, town.id, purpose)

    return made


@pytest.fixture
def steps(town):
    """Take a report on; returns the step."""

    def taken(report: Report, to: str, note: str = "", outcome: Outcome | None = None) -> StatusChange:
        bind(town.id)
        with transaction():
            row = db.session.get_one(Report, report.id)
            return status.change(row, to=town.statuses[to], outcome=outcome, note=note, authority=town.card, by=town.house)

    return taken


def test_it_shows_where_the_report_stands(client: FlaskClient, report, link, steps):
    steps(report, "in_progress", "A crew comes on Friday.")
    page = client.get(f"/r/{link(report)}")
    assert page.status_code == 200
    for words in (
        "City of Boston",
        "Pothole at 822 Parker St",
        report.reference,
        "In progress",
        "A crew comes on Friday.",
        "Call 311.",
    ):
        assert words in page.text


def test_nothing_personal_is_on_it(client: FlaskClient, report, link, steps):
    steps(report, "closed", "Done.", Outcome.FIXED)
    page = client.get(f"/r/{link(report)}")
    assert "The problem was fixed." in page.text
    assert [canary for canary in CANARIES if canary in page.text] == []


def test_it_is_named_to_nobody_and_kept_by_nobody(client: FlaskClient, report, link):
    page = client.get(f"/r/{link(report)}")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "no-store" in page.headers["Cache-Control"]
    assert "Set-Cookie" not in page.headers
    assert 'name="referrer"' not in page.text
    assert "<script" not in page.text


def test_a_step_inside_its_undo_window_is_not_there_yet(client: FlaskClient, town, report, link, steps):
    token = link(report)
    change = steps(report, "in_progress", "Not yet public.")
    later = clock.now() + timedelta(seconds=30)
    with transaction():
        db.session.execute(update(StatusChange).where(StatusChange.id == change.id).values(public_at=later))
    before = client.get(f"/r/{token}").text
    assert "Not yet public." not in before
    assert "In progress" not in before
    assert "It is to be done by" not in before
    with clock.frozen(later):
        assert "Not yet public." in client.get(f"/r/{token}").text


def test_no_step_shows_before_an_earlier_one(client: FlaskClient, town, report, link, steps):
    token = link(report)
    earlier = steps(report, "in_progress", "Crew sent.")
    steps(report, "closed", "Done.", Outcome.FIXED)
    later = clock.now() + timedelta(seconds=30)
    with transaction():
        db.session.execute(update(StatusChange).where(StatusChange.id == earlier.id).values(public_at=later))
    before = client.get(f"/r/{token}").text
    assert "Done." not in before
    with clock.frozen(later):
        after = client.get(f"/r/{token}").text
    assert "Crew sent." in after
    assert "Done." in after


def test_an_undone_step_never_was(client: FlaskClient, report, link, steps):
    change = steps(report, "in_progress", "Undone words.")
    with transaction():
        db.session.execute(update(StatusChange).where(StatusChange.id == change.id).values(undone_at=clock.now()))
    page = client.get(f"/r/{link(report)}").text
    assert "Undone words." not in page
    assert "Received" in page


def test_a_report_joined_to_another_shows_what_happens_there(client: FlaskClient, town, report, link, steps):
    lead = a_report(town, address="CANARY-street 9", description="CANARY-words of somebody else")
    steps(lead, "in_progress", "We deal with all of them together.")
    with transaction():
        db.session.execute(update(Report).where(Report.id == report.id).values(lead_report_id=lead.id))
    page = client.get(f"/r/{link(report)}").text
    assert "We deal with all of them together." in page
    assert "Others reported the same." in page
    assert lead.reference not in page
    assert [canary for canary in CANARIES if canary in page] == []


def test_the_end_that_is_expected_stands_last_until_it_is_there(client: FlaskClient, report, link, steps):
    token = link(report)
    assert "Expected by" in client.get(f"/r/{token}").text
    steps(report, "closed", "Filled.", Outcome.FIXED)
    assert "Expected by" not in client.get(f"/r/{token}").text


def test_text_is_shown_as_text(client: FlaskClient, town, link, steps):
    evil = "<img src=x onerror=alert(1)>${7*7}{{7*7}}"
    report = a_report(town, address=evil)
    steps(report, "in_progress", evil)
    page = client.get(f"/r/{link(report)}").text
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=alert(1)&gt;${7*7}{{7*7}}") >= 2


def test_times_are_those_of_the_authority(client: FlaskClient, town, link):
    report = a_report(town)
    with transaction():
        at = clock.now().replace(year=2026, month=1, day=15, hour=3, minute=30)
        db.session.execute(update(Report).where(Report.id == report.id).values(received_at=at))
    page = client.get(f"/r/{link(report)}").text
    assert "2026-01-14T22:30" in page


def _neutral(client: FlaskClient, path: str) -> tuple[int, bytes]:
    answer = client.get(path)
    return answer.status_code, answer.data


def test_every_token_that_opens_nothing_gets_the_same_answer(client: FlaskClient, town, report, link):
    good, other = link(report), link(report, "unsubscribe")
    ended, revoked = link(report), link(report)
    with transaction():
        for token, column in ((ended, "ends_at"), (revoked, "revoked_at")):
            past = clock.now() - timedelta(seconds=1)
            row = LinkToken.digest == links.tokens.digest(token)
            db.session.execute(update(LinkToken).where(row).values({column: past}))
    unknown = _neutral(client, f"/r/{'A' * 32}")
    assert unknown[0] == 404
    tokens = [
        other,
        ended,
        revoked,
        good[:-1],
        good + "A",
        good.swapcase(),
        "".join(f"%25{ord(letter):02x}" for letter in good),
        good + "/",
        good + ".",
        good + "%20",
        good + "//..",
        "A" * 10_240,
        "",
        "..%2f..%2fetc%2fpasswd",
        "%F0%9F%92%A9",
        "'%20OR%201=1--",
    ]
    for token in tokens:
        for door in ("r", "unsubscribe"):
            if not (door == "unsubscribe" and token == other):
                assert _neutral(client, f"/{door}/{token}") == unknown, (door, token[:60])
    assert _neutral(client, f"/unsubscribe/{good}") == unknown
    assert client.get(f"/r/{good}").status_code == 200


def test_a_link_of_one_authority_shows_nothing_of_another(client: FlaskClient, town, report, link):
    token = link(report)
    other = a_town("otherton")
    with transaction():
        row = LinkToken.digest == links.tokens.digest(token)
        db.session.execute(update(LinkToken).where(row).values(authority_id=other.id))
    assert client.get(f"/r/{token}").status_code == 404


def test_it_takes_few_statements(client: FlaskClient, report, link, counted):
    token = link(report)
    client.get(f"/r/{token}")
    with counted() as statements:
        client.get(f"/r/{token}")
    assert len(statements) <= 5, statements

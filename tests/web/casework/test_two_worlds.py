"""Non-interference: two worlds that differ only in what a reader may not know give this reader the same bytes."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.roles import Role
from authority_portal.domain.people import reading
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports.commands import assignment, notes, status
from authority_portal.domain.reports.models import Report
from authority_portal.foundation import clock
from authority_portal.foundation.db import transaction
from authority_portal.foundation.geo import Point
from tests.builders.authorities import Town, a_town
from tests.builders.reports import RESIDENT, a_report
from tests.builders.staff import a_member, signed_in
from tests.web.casework.staging import fresh

NOON = datetime(2026, 11, 19, 17, 0, tzinfo=UTC)
OTHER = Contact(name="Someone Else", phone="+16175550199", channel="phone")


def _answers(words: str) -> list[dict[str, object]]:
    return [{"code": "more", "prompt": "Anything else?", "values": [{"key": words, "name": words}]}]


def _world(
    town: Town, holder: Actor, boss: Actor, *, contact: Contact, number: str, point: Point, street: str, secret: str
) -> Report:
    """The same report to whoever may not know the resident, the notes, the holder and their reasons."""
    words = f"A hole, call {number}."
    report = a_report(
        town, contact=contact, description=words, answers=_answers(f"Mail {secret}@example.org"), position=point, address=street
    )
    with transaction():
        assignment.give(fresh(report), team_id=report.team_id, staff_id=holder.id, reason=secret, by=boss)
    with transaction():
        notes.write(fresh(report), text=secret, by=holder)
        status.change(
            fresh(report), to=town.statuses["in_progress"], note="Public.", reason=secret, authority=town.card, by=holder
        )
        if report.person_id is not None:
            reading.reveal(report.person_id, field="name", reason="danger", by=holder)
    return report


def _same(html: str, report: Report) -> str:
    """The page without what names the request and the report."""
    html = html.replace(report.reference, "REFERENCE")
    html = re.sub(r'name="csrf_token" value="[^"]+"', "", html)
    html = re.sub(r'name="form_id"[^>]* value="[^"]+"', "", html)
    html = re.sub(r'X-CSRFToken": "[^"]+"', "", html)
    return re.sub(r"change=\d+", "", html)


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.ADMINISTRATOR, Role.CREW])
@pytest.mark.parametrize("contact", [OTHER, Contact()])
def test_masked_values_change_no_byte(house: Flask, role: Role, contact: Contact) -> None:
    with clock.frozen(NOON):
        town = a_town()
        kim, lee = a_member(town, teams=["streets"]), a_member(town, Role.SUPERVISOR)
        street = "822 Parker St"
        one = _world(
            town, kim, lee, contact=RESIDENT, number="617 555 0101", point=Point(42.3297, -71.0993), street=street, secret="alpha"
        )
        # An administrator sees neither the street nor where within 100 m it is.
        coarse = role is Role.ADMINISTRATOR
        two = _world(
            town,
            kim if coarse else lee,  # who holds it is an administrator's to know
            lee,
            contact=contact,
            number="617 555 0999",
            point=Point(42.3299, -71.0991) if coarse else Point(42.3297, -71.0993),
            street="4 Other St" if coarse else street,
            secret="beta",
        )
        reader = a_member(town, role, teams=["streets"] if role is Role.CREW else ["parks"])
        client = signed_in(house, reader)
        client.get(f"/reports/{one.reference}")  # the session's token is there from now on

        for path in ("", "/notes?line=staff", "/assign", "/status", "?line=public"):
            pages = [client.get(f"/reports/{report.reference}{path}") for report in (one, two)]
            assert [answer.status_code for answer in pages] == [200, 200]
            assert _same(pages[0].text, one) == _same(pages[1].text, two)
            assert {
                name: value for name, value in pages[0].headers.items() if name not in ("Content-Length", "X-Request-Id")
            } == {name: value for name, value in pages[1].headers.items() if name not in ("Content-Length", "X-Request-Id")}

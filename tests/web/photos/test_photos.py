"""Who sees a photo, and what comes with it."""

import io

import pytest
from flask import current_app
from PIL import Image

from authority_portal.domain.access.roles import Role
from authority_portal.domain.reports.commands import assignment
from authority_portal.domain.reports.models import Report
from authority_portal.foundation import storage
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in


def _status(actor, name, query=""):
    return signed_in(current_app, actor).get(f"/photos/{name}{query}").status_code


def test_the_photo_comes_as_a_picture_and_nothing_else(house, town, a_photo):
    name = a_photo()
    browser = signed_in(house, a_member(town, teams=["streets"]))
    large, small = browser.get(f"/photos/{name}"), browser.get(f"/photos/{name}?size=small")
    assert (large.status_code, small.status_code) == (200, 200)
    assert Image.open(io.BytesIO(large.data)).size == (900, 600)
    assert Image.open(io.BytesIO(small.data)).size == (480, 320)
    for answer in (large, small):
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Disposition"] == "inline; filename=photo.jpg"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.API_CLIENT])
@pytest.mark.parametrize(("held", "cleared"), [(True, True), (True, False), (False, True), (False, False)])
def test_each_role_sees_what_the_matrix_says(town, a_photo, role, held, cleared):
    name = a_photo(cleared=cleared)
    actor = a_member(town, role, teams=["streets"] if held else ["parks"])
    whole = {Role.SUPERVISOR, Role.PRIVACY_OFFICER}
    may = (
        role in whole
        or (held and role in {Role.CASEWORKER, Role.CREW})
        or (cleared and role in {Role.CASEWORKER, Role.ADMINISTRATOR})
    )
    expected = 200 if may else 403 if role is Role.ANALYST else 404
    assert _status(actor, name) == _status(actor, name, "?size=small") == expected


def test_the_same_answer_whether_it_does_not_exist_or_is_not_theirs(house, town, a_photo):
    name, other = a_photo(), a_town("otherton")
    stranger = signed_in(house, a_member(other, Role.SUPERVISOR))
    theirs, unknown = stranger.get(f"/photos/{name}"), stranger.get(f"/photos/{storage.new_name()}")
    assert theirs.status_code == unknown.status_code == 404
    strip = lambda answer: answer.text.replace(answer.headers.get("X-Request-Id", "-"), "")  # noqa: E731
    assert strip(theirs) == strip(unknown)


@pytest.mark.parametrize("name", ["x", "..%2f..%2fetc%2fpasswd", "0" * 31, "0" * 33, "A" * 32, "٠" * 32, "0" * 32 + ".small"])
def test_what_is_no_name_is_not_found(house, town, name):
    assert _status(a_member(town, Role.SUPERVISOR), name) == 404


def test_sizes_that_are_not_offered_are_not_found(house, town, a_photo):
    name = a_photo()
    assert _status(a_member(town, Role.SUPERVISOR), name, "?size=huge") == 404


def test_a_file_that_is_gone_is_not_found(house, town, a_photo):
    name = a_photo()
    storage.remove(town.id, name)
    assert _status(a_member(town, Role.SUPERVISOR), name) == 404


def test_the_crew_loses_sight_with_the_report(house, town, a_photo):
    report = a_report(town)
    name = a_photo(report)
    crew = a_member(town, Role.CREW, teams=["streets"])
    assert _status(crew, name) == 200
    bind(town.id)
    with transaction():
        row = db.session.get_one(Report, report.id)
        assignment.give(row, team_id=town.teams["parks"], staff_id=None, reason="", by=town.house)
    assert _status(crew, name) == 404


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_other_sites_cannot_embed_it(house, town, a_photo, site):
    name = a_photo()
    browser = signed_in(house, a_member(town, Role.SUPERVISOR))
    assert browser.get(f"/photos/{name}", headers={"Sec-Fetch-Site": site}).status_code == 403


def test_visitors_are_not_let_in(client, town, a_photo):
    name = a_photo()
    assert client.get(f"/photos/{name}", headers={"Sec-Fetch-Dest": "image"}).status_code == 401

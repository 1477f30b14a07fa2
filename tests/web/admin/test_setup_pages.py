"""The pages that show how an authority is set up."""

import pytest
from sqlalchemy import update

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities import commands
from authority_portal.domain.authorities.models import ApiKey, Area, Category
from authority_portal.domain.reports.models import Status, StatusStep
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.web.admin.naming import PERMISSIONS
from tests.builders.staff import a_member, signed_in
from tests.web.admin.conftest import said

PAGES = ("", "/staff", "/invitations", "/categories", "/teams", "/areas", "/workflow", "/roles", "/keys")


def test_every_page_shows_the_own_authority_only(admin, town, other):
    for place in (town, other):
        bind(place.id)
        with transaction():
            shape = "SRID=4326;MULTIPOLYGON(((-71.1 42.3,-71.0 42.3,-71.0 42.4,-71.1 42.3)))"
            db.session.add(Area(authority_id=place.id, layer="area", code="1", name=f"Ward of {place.card.slug}", shape=shape))
            commands.new_key(name=f"App of {place.card.slug}", by=place.house)
            db.session.execute(update(Category).where(Category.code == "noise").values(name=f"Noise of {place.card.slug}"))
    a_member(other, Role.ADMINISTRATOR)
    bind(None)
    pages = {page: admin.get(f"/admin{page}").text for page in PAGES}

    assert "Ward of boston" in pages["/areas"]
    assert "App of boston" in pages["/keys"]
    assert "Noise of boston" in pages["/categories"]
    assert [page for page, html in pages.items() if "otherton" in html] == []


def test_a_key_is_shown_without_anything_that_opens(admin, town):
    bind(town.id)
    with transaction():
        _, secret = commands.new_key(name="Citizen app", by=town.house)
    digest = db.session.query(ApiKey.digest).scalar()
    page = admin.get("/admin/keys").text

    assert "Citizen app" in page
    assert "never" in said(page)
    assert secret not in page
    assert digest.hex() not in page


def test_categories_stand_with_their_questions(admin):
    words = said(admin.get("/admin/categories").text)

    assert "How deep is it? (one of a list: Deeper than a hand, Flat)" in words
    assert "48 hours" in words


def test_the_workflow_is_drawn_from_its_table(admin, town):
    page = admin.get("/admin/workflow").text
    bind(town.id)
    statuses, steps = (db.session.query(kind).count() for kind in (Status, StatusStep))

    assert page.count("<rect ") == statuses
    assert page.count("marker-end=") == steps
    assert page.count("stroke-dasharray") == 3  # closed and both waitings lead back to "in progress"


def test_the_matrix_of_roles_names_every_permission(admin):
    words = said(admin.get("/admin/roles").text)

    assert set(PERMISSIONS) == set(Permission)
    assert [str(name) for name in PERMISSIONS.values() if str(name) not in words] == []


def test_a_page_without_anything_says_so(house, town):
    bind(town.id)
    with transaction():
        for table in ("question", "category", "team_member", "team", "status_step", "status"):
            db.session.execute(db.metadata.tables[table].delete().where(db.metadata.tables[table].c.authority_id == town.id))
    client = signed_in(house, a_member(town, Role.ADMINISTRATOR))
    empty = {page: said(client.get(f"/admin{page}").text) for page in PAGES}

    for page, words in (
        ("/categories", "There is no category yet"),
        ("/teams", "There is no team yet"),
        ("/areas", "There is no area yet"),
        ("/workflow", "There is no status yet"),
        ("/keys", "There is no key yet"),
        ("/invitations", "Nobody is invited at present"),
    ):
        assert words in empty[page]


@pytest.mark.parametrize("role", [Role.CASEWORKER, Role.CREW, Role.ANALYST])
def test_others_find_neither_page_nor_way(house, town, role):
    client = signed_in(house, a_member(town, role))

    assert {client.get(f"/admin{page}").status_code for page in PAGES} == {403}
    assert "/admin" not in client.get("/account").text

"""Every route × role × three authorities, drawn from the application's own map of addresses."""

import itertools

import pytest

from authority_portal.domain.access.roles import GRANTS, STAFF_ROLES, Role
from authority_portal.web.guard import entry_of
from tests.proofs.routes import EVERYBODY, ROUTES

OWN_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
doors = pytest.mark.parametrize(
    ("name", "door"), ROUTES.items(), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)


def served(app):
    """(endpoint, method) of every rule."""
    rules = app.url_map.iter_rules()
    return {(rule.endpoint, method) for rule in rules for method in OWN_METHODS if method in rule.methods}


def knock(world, browser, method, door, facts):
    """One request at a door; returns its status. Every answer carries the headers, and nothing that was done remains."""
    with world.undone():
        answer = browser.open(
            door.path.format(**facts),
            method=method,
            query_string={name: value.format(**facts) for name, value in door.query.items()},
            data={name: value.format(**facts) for name, value in door.form.items()} if method == "POST" else None,
            headers={name: value.format(**facts) for name, value in door.headers.items()},
        )
        answer.close()
        carried = answer.headers
        assert carried["Content-Security-Policy"].startswith("default-src 'none'"), door.path
        assert "unsafe" not in carried["Content-Security-Policy"], door.path
        assert carried["X-Content-Type-Options"] == "nosniff", door.path
        assert carried["X-Request-Id"], door.path
        assert "Cookie" in answer.vary, door.path
        if door.staff != EVERYBODY or answer.status_code >= 400:
            assert "public" not in carried["Cache-Control"], door.path
        return answer.status_code


def test_every_route_has_an_entry(app):
    assert served(app) - set(ROUTES) == set(), "add a line to tests/proofs/routes.py"
    assert set(ROUTES) - served(app) == set(), "these doors are gone"


@doors
def test_an_entry_names_the_roles_that_the_route_asks_for(app, name, door):
    entry = entry_of(app.view_functions[name[0]])
    if entry is None or entry[0] != "staff":
        return
    assert {role for role in STAFF_ROLES if entry[1] in GRANTS[role]} == door.staff


@doors
def test_each_role_gets_what_the_entry_says_in_each_authority(world, name, door):
    wrong = []
    for place, role in itertools.product(world.places, STAFF_ROLES):
        expected = door.expected(role)
        got = knock(world, world.browser(place, role), name[1], door, place.facts)
        if got != expected:
            wrong.append((place.town.card.slug, role.value, got, expected))
    assert wrong == [], wrong[:6]


@doors
def test_a_stranger_gets_what_the_entry_says(world, name, door):
    statuses = {knock(world, world.stranger(), name[1], door, place.facts) for place in world.places}

    assert statuses == {door.stranger}


@doors
def test_a_thing_of_another_authority_is_not_there(world, name, door):
    if not door.names_a_thing:
        return
    wrong = []
    for own, other in itertools.permutations(world.places, 2):
        for role in STAFF_ROLES:
            expected = door.elsewhere if role in door.staff else 403
            for method in (name[1], "HEAD") if name[1] == "GET" else (name[1],):
                got = knock(world, world.browser(own, role), method, door, other.facts)
                if got != expected:
                    wrong.append((own.town.card.slug, other.town.card.slug, role.value, method, got, expected))
    assert wrong == [], wrong[:6]


@doors
def test_head_answers_like_get_and_options_lets_nobody_further(world, name, door):
    place = world.places[0]
    for role in STAFF_ROLES:
        if name[1] == "GET":
            assert knock(world, world.browser(place, role), "HEAD", door, place.facts) == door.expected(role)
        # Where two doors share an address, OPTIONS is answered by the one that may be closed to this role.
        assert knock(world, world.browser(place, role), "OPTIONS", door, place.facts) in (200, 403)


@doors
def test_a_method_that_is_not_served_is_refused(app, world, name, door):
    paths = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == name[0]}
    taken = set().union(*(rule.methods for rule in app.url_map.iter_rules() if rule.rule in paths))
    place = world.places[0]
    refused = {
        method: knock(world, world.browser(place, Role.SUPERVISOR), method, door, place.facts)
        for method in ("TRACE", "PROPFIND", "PUT", "PATCH", "DELETE", "POST", "GET")
        if method not in taken
    }
    assert set(refused.values()) <= {405}, refused

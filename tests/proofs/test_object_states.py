"""Who finds what of a report, in every state it can be in: each reader behind every door, in one's own authority and in others.

The table is written by hand from the product's matrix of roles, and says both: what may be found, and what has to be.
"""

import itertools

import pytest
from flask.testing import FlaskClient

from authority_portal.web.guard import cookie_name
from tests.proofs.canaries import STATES, Borough, Marked, a_borough
from tests.proofs.sizes import FULL, sized

SLUGS = sized(small=("boston", "otherton"), full=("boston", "otherton", "thirdville"))
SHOWN = sized(small=("closed, not public yet", "private", "contact erased"), full=tuple(STATES))

STEPS = {"public", "early"}
SEES = {
    "caseworker": {"text", "raw", "street", "answer", "name", "note", "reason", *STEPS},
    "caseworker of another team": {"text", "street", "answer", *STEPS},
    "crew": {"text", "street", "answer", *STEPS},
    "crew of another team": set(),
    "supervisor": {"text", "raw", "street", "answer", "note", "reason", *STEPS},
    "analyst": set(),
    "privacy_officer": {"text", "raw", "street", "answer", "name", "email", "note", "reason", *STEPS},
    "administrator": {"text", "answer", *STEPS},
}
"""What staff find of a report that the team `streets` holds."""

STAFF_DOORS = (
    "/reports/{reference}",
    "/reports/{reference}?line=staff",
    "/reports/{reference}/notes?line=staff",
    "/reports/{reference}/assign",
    "/reports/{reference}/status",
    "/reports/{reference}/photos",
    "/reports/{reference}/preview",
    "/reports",
    "/reports/list",
    "/reports/panel",
    "/reports/places.json?words=1",
    "/reports/map.geojson?view=-71.2,42.2,-70.9,42.4&z=16",
    "/live?since=2026-01-01T00:00:00Z",
    "/analytics",
    "/account",
)
FRAGMENTS = ("/preview", "/list", "/panel")
OPEN_DOORS = (
    "/open311/v2/requests/{reference}.json?jurisdiction_id={slug}",
    "/open311/v2/requests/{reference}.xml?jurisdiction_id={slug}&extensions=true",
    "/open311/v2/requests.json?jurisdiction_id={slug}",
    "/open311/v2/requests.json?jurisdiction_id={slug}&service_request_id={reference}",
    "/open311/v2/tokens/{reference}.json?jurisdiction_id={slug}",
)
LINK_DOORS = ("/r/{follow}",)


def staff_finds(reader: str, state: str) -> set[str]:
    """The table, and what the state takes away."""
    found = set(SEES[reader])
    closed = state.startswith("closed")
    if reader == "crew" and closed:
        found -= {"street"}  # while there is work to do
    if state == "contact erased":
        found -= {"name", "email"}
    return found & (steps_of(state) | (found - STEPS))


def steps_of(state: str) -> set[str]:
    """Which words of steps there are in this state."""
    if state in ("received", "joined to another", "contact erased"):
        return set()
    return {"early"} if "not public yet" in state else {"public"}


def outside_finds(state: str, *, own: bool) -> set[str]:
    """What Open311 shows: cleared text and place of public reports, of one's own also the others, never a step too early."""
    if state == "private" and not own:
        return set()
    return {"text", "street"} | (steps_of(state) - {"early"})


@pytest.fixture(scope="module")
def boroughs(stage):
    """Everything is written once; the readers only read."""
    return [a_borough(stage, slug, SHOWN) for slug in SLUGS]


def opened(browser: FlaskClient, doors: tuple[str, ...], report: Marked, **headers: str) -> set[str]:
    """Everything that is found behind these doors, headers included. None of them may break."""
    found: set[str] = set()
    for door in doors:
        path = door.format(reference=report.reference, slug=report.slug, follow=report.follow)
        fragment = {"HX-Request": "true"} if path.split("?")[0].endswith(FRAGMENTS) else {}
        answer = browser.get(path, headers={**headers, **fragment})
        assert answer.status_code < 500, path
        found |= report.found_in(answer.get_data(as_text=True) + str(answer.headers))
    return found


def reader(app, borough: Borough, name: str) -> FlaskClient:
    """A browser of somebody of this authority."""
    browser = app.test_client()
    browser.set_cookie(cookie_name(), borough.secrets[name])
    return browser


@pytest.mark.parametrize("name", SEES)
def test_staff_find_what_their_role_may_know_and_nothing_else(stage, boroughs, name, proved):
    wrong, looked = [], 0
    for borough in boroughs:
        browser = reader(stage, borough, name)
        for report in borough.reports:
            found, expected = opened(browser, STAFF_DOORS, report), staff_finds(name, report.state)
            looked += len(STAFF_DOORS)
            if found != expected:
                wrong.append((report.slug, report.state, "leaked", found - expected, "missing", expected - found))
    assert wrong == []
    proved(
        size=f"{len(SHOWN)} states × {len(SLUGS)} authorities, {looked} pages", result="0 leaks, everything there that should be"
    )


@pytest.mark.parametrize("name", SEES)
def test_staff_of_another_authority_find_nothing(stage, boroughs, name, proved):
    looked = 0
    for own, other in itertools.permutations(boroughs, 2):
        browser = reader(stage, own, name)
        for report in other.reports:
            assert opened(browser, STAFF_DOORS, report) == set(), (report.slug, report.state)
            looked += len(STAFF_DOORS)
    proved(size=f"{len(SHOWN)} states × {len(SLUGS)} authorities, {looked} pages", result="0 foreign rows")


def test_strangers_and_apps_find_what_is_public_or_their_own(stage, boroughs):
    wrong = []
    for borough in boroughs:
        for report in borough.reports:
            for key, own in ((None, False), ("another app", False), ("their app", True)):
                headers = {"X-Api-Key": borough.keys[key]} if key else {}
                found = opened(stage.test_client(), OPEN_DOORS, report, **headers)
                expected = outside_finds(report.state, own=own)
                if found != expected:
                    wrong.append((report.slug, report.state, key, "leaked", found - expected, "missing", expected - found))
    assert wrong == []


def test_an_app_of_another_authority_is_a_stranger(stage, boroughs):
    for own, other in itertools.permutations(boroughs, 2):
        for report in other.reports:
            found = opened(stage.test_client(), OPEN_DOORS, report, **{"X-Api-Key": own.keys["their app"]})
            assert found <= outside_finds(report.state, own=False), (report.slug, report.state)


def test_a_residents_link_shows_the_place_and_public_steps(stage, boroughs):
    for borough in boroughs:
        for report in borough.reports:
            found = opened(stage.test_client(), LINK_DOORS, report)
            assert found == {"street"} | (steps_of(report.state) - {"early"}), (report.slug, report.state)


def test_a_stranger_finds_nothing_behind_the_doors_of_staff(stage, boroughs):
    for borough in boroughs:
        for report in borough.reports:
            assert opened(stage.test_client(), STAFF_DOORS, report) == set()


def test_every_door_of_staff_is_really_there(stage, boroughs):
    """Else a door that was renamed would show nothing to anybody, and nobody would notice."""
    report = boroughs[0].reports[0]
    browser, answers = reader(stage, boroughs[0], "supervisor"), {}
    for door in STAFF_DOORS:
        fragment = {"HX-Request": "true"} if door.split("?")[0].endswith(FRAGMENTS) else {}
        answers[door] = browser.get(door.format(reference=report.reference), headers=fragment).status_code
    assert answers == dict.fromkeys(STAFF_DOORS, 200)


def test_every_state_is_shown_at_full_size():
    assert not FULL or set(SHOWN) == set(STATES)

"""5.6: attacks on secret links and everything that is signed."""

import base64
import itertools
import json

import pytest
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer

from authority_portal.domain.access.roles import Role
from authority_portal.web import live
from authority_portal.web.browser_session import visitor_cookie
from authority_portal.web.guard import cookie_name
from tests.proofs.attacks.staging import Stage, a_raw_browser, shown

DOORS = {
    "follow": "/r/{}",
    "unsubscribe": "/unsubscribe/{}",
    "invitation": "/invitation/{}",
    "photo": "/photos/{}",
    "report": "/reports/{}",
    "key": "/open311/v2/tokens/{}.json?jurisdiction_id=boston",
}
SECRETS = ("follow_token", "unsubscribe_token", "invitation_token", "key", "photo", "session", "live")
FITTING = {
    ("follow", "follow_token"),
    ("unsubscribe", "unsubscribe_token"),
    ("invitation", "invitation_token"),
    ("photo", "photo"),
}
PAIRS = [pair for pair in itertools.product(DOORS, SECRETS) if pair not in FITTING]


def secret(stage: Stage, name: str) -> str:
    """One of A's secrets, each for a door of its own."""
    if name == "session":
        return stage.a.secrets[Role.SUPERVISOR]
    with stage.world.app.app_context():
        return live.key(stage.a.town.id) if name == "live" else stage.a.facts[name]


@pytest.mark.parametrize(("door", "name"), [pytest.param(*pair, id=f"K02 {pair[1]} at {pair[0]}") for pair in PAIRS])
def test_k02_a_secret_opens_no_door_but_its_own(stage: Stage, door: str, name: str) -> None:
    value = secret(stage, name)
    role = Role.CASEWORKER if door in ("photo", "report") else None
    answer = stage.strike(DOORS[door].format(value), role=role, typed=[value])
    nothing = stage.strike(DOORS[door].format("A" * len(value)), role=role, typed=["A" * len(value)])

    assert answer.status_code == nothing.status_code == 404
    assert shown(answer, value) == shown(nothing, "A" * len(value))


@pytest.mark.parametrize("name", [pytest.param(name, id=f"K02 {name} as a cookie") for name in (*SECRETS[:5], "live")])
def test_k02_no_other_secret_is_a_session(stage: Stage, name: str) -> None:
    browser, headers = a_raw_browser(stage, f"{cookie_name()}={secret(stage, name)}")

    assert stage.strike("/account", role=None, browser=browser, headers=headers).status_code == 303


BEHIND = ["edit", "contact", "notes", "photos", "photos/{photo}", "download", "privacy", "erase", "reveal", "x.css", "../account"]


@pytest.mark.parametrize("what", [pytest.param(what, id=f"K07 {what}") for what in BEHIND])
def test_k07_behind_a_link_that_shows_a_report_there_is_nothing_else(stage: Stage, what: str) -> None:
    path = f"/r/{stage.a.facts['follow_token']}/{what.format(**stage.a.facts)}"

    assert stage.strike(path, role=None).status_code in (303, 404)
    assert stage.strike(path, role=None, method="POST", data={"email": "a@x.test"}, refused=True).status_code == 405


@pytest.mark.parametrize("method", [pytest.param(method, id=f"K07 {method}") for method in ("POST", "PUT", "PATCH", "DELETE")])
def test_k07_a_link_that_shows_changes_nothing(stage: Stage, method: str) -> None:
    data = {"email": "a@x.test", "note": "x", "status": "closed", "_method": method}

    assert (
        stage.strike(f"/r/{stage.a.facts['follow_token']}", role=None, method=method, data=data, refused=True).status_code == 405
    )


def test_k07_it_opens_no_photo_and_no_staff_page(stage: Stage) -> None:
    headers = {"Authorization": f"Bearer {stage.a.facts['follow_token']}", "Referer": f"/r/{stage.a.facts['follow_token']}"}
    for path in (f"/photos/{stage.a.facts['photo']}", f"/reports/{stage.a.facts['reference']}", "/account", "/live"):
        assert stage.strike(path, role=None, headers=headers).status_code in (303, 401)


def _unsigned(payload: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")


def forgeries(authority_id: int) -> dict[str, str]:
    """What looks like something of ours that was signed."""
    head = _unsigned({"alg": "none", "typ": "JWT"})
    return {
        "another key": str(URLSafeTimedSerializer("another-key", salt="live").dumps(authority_id)),
        "an empty key": str(URLSafeTimedSerializer("", salt="live").dumps(authority_id)),
        "without time": str(URLSafeSerializer("another-key", salt="live").dumps(authority_id)),
        "unsigned": _unsigned(authority_id),
        "an empty mark": f"{_unsigned(authority_id)}..",
        "no algorithm": f"{head}.{_unsigned({'sub': authority_id, 'exp': 2**40})}.",
    }


@pytest.mark.parametrize("kind", [pytest.param(kind, id=f"K08 {kind}") for kind in forgeries(1)])
def test_k08_what_we_did_not_sign_is_nothing(stage: Stage, kind: str) -> None:
    forged = forgeries(stage.a.town.id)[kind]
    with stage.world.app.app_context():
        version = live.version(stage.a.town.id)

    news = stage.strike(f"/live?k={forged}&since=2026-11-22T10:00:00Z", role=None, headers={"If-None-Match": f'"{version}"'})
    assert news.status_code == 401
    page = stage.strike(f"/reports?queue=all&after={forged}", typed=[forged])
    assert page.status_code == 400
    browser, headers = a_raw_browser(stage, f"{visitor_cookie()}={forged}; {cookie_name()}={forged}")
    assert stage.strike("/sign-in", role=None, browser=browser, headers=headers).status_code == 200
    assert stage.strike("/account", role=None, browser=browser, headers=headers).status_code == 303


def test_k08_a_mark_of_one_use_is_none_of_another(stage: Stage) -> None:
    """Everything is signed with one key, so each use has a salt of its own."""
    with stage.world.app.app_context():
        mark = live.key(stage.a.town.id)
    assert stage.strike(f"/reports?queue=all&after={mark}", typed=[mark]).status_code == 400
    browser, headers = a_raw_browser(stage, f"{visitor_cookie()}={mark}")
    assert stage.strike("/sign-in", role=None, browser=browser, headers=headers).status_code == 200

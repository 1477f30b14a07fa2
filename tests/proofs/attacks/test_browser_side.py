"""5.8: attacks by htmx headers, caches and other people's pages."""

import json

import pytest

from authority_portal.domain.access.roles import STAFF_ROLES, Role
from tests.proofs.attacks.staging import Stage, filled, token_of
from tests.proofs.routes import ROUTES, Door

STAFF_PAGES = {name[0]: door for name, door in ROUTES.items() if name[1] == "GET" and door.stranger in (303, 401)}
PAGES = pytest.mark.parametrize(
    "door", [pytest.param(door, id=name) for name, door in STAFF_PAGES.items() if name != "sign_in.start"]
)
PLAIN: dict[str, str] = {}
HTMX = {"HX-Request": "true"}
RESTORED = {"HX-Request": "true", "HX-History-Restore-Request": "true"}


def ask(stage: Stage, door: Door, headers: dict[str, str], *, role: Role | None = Role.CASEWORKER, method: str = "GET"):
    facts = stage.a.facts
    query = filled(door.query, facts)
    return stage.strike(door.path.format(**facts), method=method, role=role, query_string=query, headers=headers)


@PAGES
def test_h01_the_header_of_htmx_opens_nothing_and_closes_nothing(stage: Stage, door: Door) -> None:
    for role in STAFF_ROLES:
        answers = [ask(stage, door, headers, role=role).status_code for headers in (PLAIN, HTMX, RESTORED)]
        closed = {status for status in answers if status in (403, 404)}
        assert closed == ({door.expected(role)} & {403, 404}), (role, answers)
    for headers in (PLAIN, HTMX, RESTORED):
        assert ask(stage, door, headers, role=None).status_code in (303, 401)


ECHO = "cnry<script>echo</script>"
TRIED = {
    "HX-Target": ECHO,
    "HX-Trigger": ECHO,
    "HX-Trigger-Name": ECHO,
    "HX-Prompt": f"<img onerror=1 src=x>{ECHO}",
    "HX-Current-URL": f"http://localhost/{ECHO}",
    "HX-Boosted": ECHO,
    "User-Agent": ECHO,
    "Referer": f"http://localhost/{ECHO}",
    "X-Forwarded-For": ECHO,
    "X-Request-Id": ECHO,
    "Accept-Language": ECHO,
    "If-None-Match": ECHO,
}


@PAGES
def test_h02_no_header_comes_back(stage: Stage, door: Door) -> None:
    answer = ask(stage, door, {**TRIED, "HX-Request": "true"})

    assert "cnry<" not in answer.get_data().decode("utf-8", "replace")
    assert "cnry" not in str(answer.headers)


def test_h02_long_headers_are_answered(stage: Stage) -> None:
    for name in ("HX-Target", "HX-Current-URL", "Cookie", "Accept-Language", "User-Agent"):
        headers = {"HX-Request": "true", name: "A" * 65_536}
        assert stage.strike("/reports", headers=headers).status_code in (200, 400, 431)
        assert stage.strike("/reports", role=None, headers=headers).status_code in (303, 400, 401, 431)


@PAGES
def test_h04_a_page_from_history_is_whole(stage: Stage, door: Door) -> None:
    answer = ask(stage, door, RESTORED)

    if answer.status_code == 200 and answer.mimetype == "text/html":
        assert "<!doctype html>" in answer.text or door.path == "/live", "a fragment in place of the page"


@PAGES
def test_h05_no_cache_gives_one_persons_answer_to_another(stage: Stage, door: Door) -> None:
    for headers in (PLAIN, HTMX):
        answer = ask(stage, door, headers)
        control = answer.headers["Cache-Control"]
        assert "no-store" in control or "private" in control
        assert {"HX-Request", "Cookie"} <= set(answer.vary)
        head = ask(stage, door, headers, method="HEAD")
        same = ("Cache-Control", "Vary", "Content-Type", "Location", "Content-Security-Policy")
        assert head.status_code == answer.status_code
        assert [head.headers.get(name) for name in same] == [answer.headers.get(name) for name in same]
        assert head.get_data() == b""


NOTE = {"text": "Written by another page.", "form_id": "7a1f3f0e-0000-4000-8000-000000000002"}
FORGED = {
    "no token": {"data": NOTE},
    "token of nobody": {"data": {**NOTE, "csrf_token": "x"}},
    "json as text": {"data": json.dumps(NOTE), "content_type": "text/plain"},
    "json": {"data": json.dumps({**NOTE, "csrf_token": "x"}), "content_type": "application/json"},
    "beacon": {"data": NOTE, "headers": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}},
    "sibling": {"data": NOTE, "headers": {"Origin": "http://other.localhost", "Sec-Fetch-Site": "same-site"}},
    "origin null": {"data": NOTE, "headers": {"Origin": "null"}},
    "another port": {"data": NOTE, "headers": {"Origin": "http://localhost:9999"}},
    "https": {"data": NOTE, "headers": {"Origin": "https://localhost.evil.example"}},
    "no origin and no referer": {"data": NOTE, "headers": {"Sec-Fetch-Site": "none"}},
    "htmx header": {"data": NOTE, "headers": HTMX},
    "api key": {"data": NOTE, "headers": {"X-Api-Key": "{key}"}},
}


@pytest.mark.usefixtures("checked")
@pytest.mark.parametrize("sent", [pytest.param(sent, id=f"H10 {name}") for name, sent in FORGED.items()])
def test_h10_another_page_writes_nothing(stage: Stage, sent: dict[str, object]) -> None:
    path = f"/reports/{stage.a.facts['reference']}/notes"
    sent = dict(sent)
    if "headers" in sent:
        sent["headers"] = {name: value.format(**stage.a.facts) for name, value in dict(sent["headers"]).items()}  # type: ignore[call-overload]

    assert stage.strike(path, method="POST", refused=True, **sent).status_code in (400, 403)


@pytest.mark.usefixtures("checked")
def test_h10_a_colleagues_token_is_worth_nothing(stage: Stage) -> None:
    """Nor does one of an earlier page of somebody not signed in (login CSRF leads to that)."""
    for place, role in ((stage.a, Role.SUPERVISOR), (stage.b, Role.CASEWORKER)):
        theirs = token_of(stage.world.browser(place, role).get("/account").text)
        path = f"/reports/{stage.a.facts['reference']}/notes"
        answer = stage.strike(path, method="POST", data={**NOTE, "csrf_token": theirs}, refused=True)
        assert answer.status_code == 400


@pytest.mark.usefixtures("checked")
@pytest.mark.parametrize("override", ["_method=POST", "_method=DELETE", "_HttpMethod=POST"])
def test_h10_get_writes_nothing_whatever_it_says(stage: Stage, override: str) -> None:
    path = f"/reports/{stage.a.facts['reference']}/notes?{override}&text=x"
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        answer = stage.strike(path, headers={name: "POST"}, refused=True)
        assert answer.status_code == 200
    assert stage.strike("/sign-out?_method=POST", refused=True).status_code == 405

"""5.9: attacks on sessions and on what a request says about itself."""

import pytest

from authority_portal.domain.access.roles import Role
from authority_portal.web.guard import cookie_name
from tests.proofs.attacks.staging import Stage, a_raw_browser, session_cookie

EVIL = "evil.example"


def cookies(stage: Stage) -> dict[str, tuple[str, bool]]:
    """Cookie headers, and whether they may let in whoever's good secret is among them."""
    good, name = session_cookie(stage.a, Role.CASEWORKER), cookie_name()
    return {
        "bad before good": (f"{name}=preset; {good}", True),
        "good before bad": (f"{good}; {name}=preset", True),
        "10 kB before good": (f"{name}={'A' * 10_000}; {good}", True),
        "quoted": (f'{name}="{stage.a.secrets[Role.CASEWORKER]}"', True),
        "no base64": (f"{name}=%%%%=; x={'é' * 9}", False),
        "no utf-8": (f"{name}=\xff\xfe\xfd", False),
        "one letter more": (f"{good}A", False),
        "one letter less": (good[:-1], False),
        "other case": (good.swapcase(), False),
        "of a host prefix": (f"__Host-{good}; __Secure-{good}", False),
        "of another name": (f"session={stage.a.secrets[Role.CASEWORKER]}", False),
        "a digest": (f"{name}={'0' * 64}", False),
        "2,000 cookies": ("; ".join(f"c{number}=1" for number in range(2_000)), False),
    }


KINDS = (
    *("bad before good", "good before bad", "10 kB before good", "quoted", "no base64", "no utf-8", "one letter more"),
    *("one letter less", "other case", "of a host prefix", "of another name", "a digest", "2,000 cookies"),
)


@pytest.mark.parametrize("kind", [pytest.param(kind, id=f"L01 {kind}") for kind in KINDS])
def test_l01_only_the_secret_itself_is_a_session(stage: Stage, kind: str) -> None:
    header, may_enter = cookies(stage)[kind]
    browser, headers = a_raw_browser(stage, header)

    answer = stage.strike("/account", role=None, browser=browser, headers=headers)

    assert answer.status_code in ((200, 303) if may_enter else (303,))
    assert stage.strike("/sign-in", role=None, browser=browser, headers=headers).status_code in (
        (200, 303) if may_enter else (200,)
    )


def test_l01_the_cookies_of_two_people_are_one_of_them_or_nobody(stage: Stage) -> None:
    pair = [session_cookie(stage.a, Role.CASEWORKER), session_cookie(stage.b, Role.SUPERVISOR)]
    for header in ("; ".join(pair), "; ".join(reversed(pair))):
        browser, headers = a_raw_browser(stage, header)
        with stage.world.undone():
            seen = [
                browser.get(path, headers=headers).status_code
                for path in (
                    f"/reports/{stage.a.facts['reference']}",
                    f"/reports/{stage.b.facts['reference']}",
                )
            ]
        assert sorted(seen) in ([200, 404], [303, 303])


HOSTS = {
    "Host": {"Host": EVIL},
    "X-Forwarded-Host": {"X-Forwarded-Host": EVIL},
    "Forwarded": {"Forwarded": f"host={EVIL};proto=https"},
    "X-Original-URL": {"X-Original-URL": f"http://{EVIL}/admin", "X-Rewrite-URL": "/reports"},
    "two hosts": {"Host": f"localhost, {EVIL}"},
    "a port": {"Host": f"localhost:80@{EVIL}"},
}
EVERYWHERE = (
    "/",
    "/sign-in",
    "/account",
    "/reports",
    "/r/{follow_token}",
    "/unsubscribe/{unsubscribe_token}",
    "/no-such-page",
    "/open311/v2/discovery.json",
    "/open311/v2/requests.json?jurisdiction_id=boston",
)


@pytest.mark.parametrize("name", [pytest.param(name, id=f"L11 {name}") for name in HOSTS])
@pytest.mark.parametrize("role", [None, Role.CASEWORKER])
def test_l11_a_poisoned_host_stands_in_no_link(stage: Stage, name: str, role: Role | None) -> None:
    for path in EVERYWHERE:
        answer = stage.strike(path.format(**stage.a.facts), role=role, headers=HOSTS[name])
        assert answer.status_code < 500
        assert EVIL not in answer.text
        assert EVIL not in str(answer.headers)


METHODS = ("TRACE", "CONNECT", "PROPFIND", "MKCOL", "LOCK", "PURGE", "DEBUG", "\u0420OST", "PO ST")


@pytest.mark.parametrize("method", [pytest.param(method, id=f"L15 {method!a}") for method in METHODS])
def test_l15_a_strange_method_is_refused_at_every_kind_of_door(stage: Stage, method: str) -> None:
    for role in (None, Role.SUPERVISOR):
        for path in ("/", "/reports", "/account/password", "/open311/v2/requests.json", "/unsubscribe/{unsubscribe_token}"):
            answer = stage.strike(path.format(**stage.a.facts), role=role, method=method, refused=True)
            assert answer.status_code in (400, 405)


def test_l15_the_body_of_a_get_is_not_read(stage: Stage) -> None:
    for path in ("/reports?queue=all", "/account"):
        plain, with_body = (
            stage.strike(path, data=data, content_type="text/plain") for data in (b"", b"queue=mine&_method=POST")
        )
        assert plain.status_code == with_body.status_code == 200

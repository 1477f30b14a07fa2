"""The way back after signing in: no address of `next` leads out of the house or to a door that is not a page of staff."""

import pytest

from authority_portal.web.sign_in.way_back import way_back

ATTACKS = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%5Cevil.example",
    "/%2F/evil.example",
    "/%2Fevil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://evil.example/account",
    "http://localhost/account",
    "http://localhost@evil.example/account",
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "/account\r\nLocation: https://evil.example",
    "/account%0d%0aLocation:%20https://evil.example%00\x00",
    "/account\x00",
    " /account",
    "/\t/evil.example",
    "/ /evil.example",
    "account",
    "?account",
    "#account",
    "@evil.example",
    "/.evil.example",
    "/..//evil.example",
    "/account/../..//evil.example",
    "/account/.css",
    "/account%2f..%2fx.png",
    "/%e2%80%a8account",
    "/%ff",
    "/account?x=%ff",
    "/sign-in?next=/sign-in",
    "/sign-out",
    "/",
    "/healthz",
    "/static/favicon.svg",
    "/account/password",
    "/no-such-page",
    "/" + "a" * 3_000,
    "/account?" + "&".join(["x=1"] * 200),
    "",
    None,
]


@pytest.mark.parametrize("wanted", ATTACKS)
def test_an_attack_leads_nowhere(app, wanted):
    with app.test_request_context("/sign-in"):
        assert way_back(wanted) is None


@pytest.mark.parametrize(
    ("wanted", "built"),
    [
        ("/account", "/account"),
        ("/account?", "/account"),
        ("/account?done=password", "/account?done=password"),
        ("/account?next=https://evil.example", "/account?next=https%3A%2F%2Fevil.example"),
        ("/account?a=1&a=2&b=", "/account?a=1&a=2&b="),
        ("/account#//evil.example", "/account"),
        ("/%61ccount", "/account"),
    ],
)
def test_a_page_is_built_anew_from_our_own_routes(app, wanted, built):
    with app.test_request_context("/sign-in"):
        assert way_back(wanted) == built


@pytest.mark.parametrize("wanted", [text for text in ATTACKS if text])
@pytest.mark.usefixtures("town")
def test_an_attack_in_the_form_ends_at_home(client, ama, wanted):
    from tests.web.sign_in.conftest import PASSWORD

    answer = client.post("/sign-in", data={"email": ama, "password": PASSWORD, "next": wanted})

    assert answer.status_code == 400 if "\x00" in wanted else answer.location == "/reports"

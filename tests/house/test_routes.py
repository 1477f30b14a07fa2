"""Every route says who may enter, and every form of a public door says why it needs no token of ours."""

from authority_portal.web.guard import entry_of

WITHOUT_TOKEN = {
    "residents.stop": "a mail program posts it (RFC 8058); the link's own token is all it takes",
}
WITH_OWN_TOKEN = {"sign_in.enter", "invitations.accept"}
"""Public forms that check their CSRF token themselves (`tests/web/sign_in/test_csrf.py`, `tests/web/admin/test_accepting.py`)."""


def test_every_route_says_who_may_enter(app):
    silent = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and entry_of(app.view_functions[rule.endpoint]) is None
    ]

    assert silent == []


def test_public_routes_that_change_something_are_known(app):
    unsafe = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if {"POST", "PUT", "PATCH", "DELETE"} & rule.methods
        and (entry_of(app.view_functions[rule.endpoint]) or ("",))[0] == "public"
    }
    assert unsafe == set(WITHOUT_TOKEN) | WITH_OWN_TOKEN


def test_no_route_with_get_changes_anything_by_its_name(app):
    verbs = ("delete", "remove", "end", "sign-out", "undo", "send-now")
    named = [rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and rule.rule.rsplit("/", 1)[-1] in verbs]

    assert named == []

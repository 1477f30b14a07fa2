"""What is not text, or made to keep us busy, is refused before any view sees it."""

import time

import pytest

from authority_portal.web import ingress

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("raw", [b"/\xff", b"/reports/\xc3\x28", b"/\0", b"/account/\0.css", b"/r/\xed\xa0\x80", b"/static/\0"])
def test_an_address_that_is_not_text_is_refused(client, raw):
    # A server hands over the bytes as Latin-1; the test client would have replaced them.
    assert client.get("/", environ_overrides={"PATH_INFO": raw.decode("latin-1")}).status_code == 400


@pytest.mark.parametrize("query", ["x=%ff", "next=%00", "%c0%af=1", "x=%ed%a0%80", "a=1&b=%f8%88"])
@pytest.mark.parametrize("path", ["/sign-in", "/account", "/healthz", "/no-such-page"])
def test_a_query_that_is_not_text_is_refused(client, path, query):
    assert client.get(path, query_string=query).status_code == 400


@pytest.mark.parametrize("body", [b"email=%ff", b"email=\xff", b"email=a%00b", b"%00=1", b"email=\x00", b"email=%ed%a0%80"])
def test_a_form_that_is_not_text_is_refused(client, body):
    assert client.post("/sign-in", data=body, content_type=FORM).status_code == 400


def test_a_multipart_form_of_staff_with_nul_is_refused(house):
    from tests.builders.authorities import a_town
    from tests.builders.staff import a_member, signed_in

    desk = signed_in(house, a_member(a_town()))
    answer = desk.post("/account/appearance", data={"theme": "da\0rk"}, content_type="multipart/form-data")

    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/sign-in", "/unsubscribe/x"])
@pytest.mark.parametrize("field", ["email", "password", "next", "other"])
def test_a_multipart_form_of_strangers_with_nul_is_refused(client, path, field):
    form = {"email": "a@b.example", "password": "x", field: "a\0b"}

    assert client.post(path, data=form, content_type="multipart/form-data").status_code == 400


@pytest.mark.parametrize("path", ["/sign-in", "/unsubscribe/x"])
def test_a_large_multipart_form_of_strangers_is_refused_unread(client, path):
    form = {"email": "a@b.example", "password": "x" * 100_000}

    assert client.post(path, data=form, content_type="multipart/form-data").status_code == 413


@pytest.mark.parametrize("path", ["/sign-in", "/account/password", "/open311/v2/requests.json", "/unsubscribe/x"])
def test_two_hundred_thousand_fields_are_refused_at_once(client, path):
    begun = time.perf_counter()
    answer = client.post(path, data=b"&".join([b"a=1"] * 200_000), content_type=FORM)

    assert answer.status_code in (400, 413)
    assert time.perf_counter() - begun < 1


def test_many_small_fields_below_the_size_are_refused_too(client):
    assert client.post("/sign-in", data=b"&" * 5_000, content_type=FORM).status_code == 413


def test_a_very_long_query_is_refused(client):
    assert client.get("/sign-in", query_string="x=" + "a" * ingress.LONGEST_QUERY).status_code == 414


def test_text_of_every_script_is_let_through(client):
    assert client.get("/sign-in", query_string="x=Zo%C3%AB%20%F0%9F%9A%B2%20%D8%B4").status_code == 200

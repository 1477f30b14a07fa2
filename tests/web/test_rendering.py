"""The filters every template has: zone and language of the authority, numbers, assets."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import g

from authority_portal.foundation.sentences import Sentence
from authority_portal.web import rendering

NOW = datetime(2026, 11, 19, 15, 24, tzinfo=UTC)  # Thursday, 10:24 in Boston


def test_a_moment_is_shown_in_the_authoritys_zone_with_its_machine_form(render):
    assert render("{{ at|short_time }}", at=NOW) == '<time datetime="2026-11-19T10:24:00-05:00">today 10:24</time>'
    assert render("{{ at|local_time }}", at=NOW) == '<time datetime="2026-11-19T10:24:00-05:00">Thu 19 Nov 2026, 10:24</time>'


def test_a_zone_chosen_for_the_page_goes_before_that_of_the_authority(render):
    g.zone = timezone(timedelta(hours=2))
    assert render("{{ at|time_of_day }}", at=NOW) == '<time datetime="2026-11-19T17:24:00+02:00">17:24</time>'


def test_without_an_authority_times_are_those_of_utc(page):
    with page.test_request_context("/"):
        assert rendering.time_of_day(NOW) == '<time datetime="2026-11-19T15:24:00+00:00">15:24</time>'
        assert rendering.language() == "en"


def test_a_naive_time_is_a_fault_and_not_a_guess(render):
    with pytest.raises(ValueError, match="without a zone"):
        render("{{ at|short_time }}", at=NOW.replace(tzinfo=None))


def test_age_never_counts_into_the_future(render):
    assert render("{{ at|age }}", at=NOW - timedelta(hours=2, minutes=38)) == "2 h 38 min"
    assert render("{{ at|age }}", at=NOW + timedelta(hours=2)) == "less than 1 min"


@pytest.mark.parametrize(("n", "text"), [(0, "0"), (999, "999"), (1000, "1,000+"), (58251, "1,000+")])
def test_counts_stop_at_a_thousand(render, n, text):
    assert render("{{ n|capped }}", n=n) == text


@pytest.mark.parametrize(("metres", "text"), [(0, "0 m"), (72.6, "73 m"), (999.4, "999 m"), (999.6, "1 km"), (1240, "1.2 km")])
def test_distances(render, metres, text):
    assert render("{{ metres|distance }}", metres=metres) == text


def test_numbers_are_written_as_the_language_does(render):
    assert render("{{ 58251|number }}") == "58,251"


def test_numbers_of_another_language(page, monkeypatch):
    monkeypatch.setattr(rendering, "LANGUAGES", ("en", "de"))
    with page.test_request_context("/"):
        g.locale = "de-DE"
        assert rendering.number(58251.5) == "58.251,5"
        assert rendering.language() == "de-DE"


def test_a_sentence_is_said_with_the_numbers_of_its_language(page, monkeypatch):
    monkeypatch.setattr(rendering, "LANGUAGES", ("en", "de"))
    sentence = Sentence("takes at most %(most)s values, %(why)s", most=12500, why=Sentence("not %(n)s", n=0.5))
    with page.test_request_context("/"):
        g.locale = "de-DE"
        assert rendering.said(sentence) == "takes at most 12.500 values, not 0,5"
        assert rendering.said(Sentence("west of %(west)s", west=-71.1912345)) == "west of -71,1912345"
        assert rendering.said("100 %(x)s of data") == "100 %(x)s of data"
        assert rendering.said(Sentence("")) == ""


@pytest.mark.parametrize(("name", "mark"), [("Ama Boateng", "AB"), ("Ana María de la Cruz", "AC"), ("Kim", "K"), ("  ", "?")])
def test_initials(name, mark):
    assert rendering.initials(name) == mark


def test_assets_carry_a_hash_of_their_content(render, page):
    address = render("{{ asset('icons.svg') }}")
    assert address.startswith("/static/icons.svg?v=")
    assert page.test_client().get(address).status_code == 200


def test_an_asset_that_is_not_built_breaks_no_page(render):
    assert render("{{ asset('vendor/not-built.js') }}") == "/static/vendor/not-built.js"

"""The authority's colour: readable, never red, and always with an offer."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from authority_portal.domain.authorities.models import Authority
from authority_portal.foundation.db import db
from authority_portal.web.accent import (
    LEAST_CONTRAST,
    AccentRefused,
    Reason,
    accent_css,
    checked,
    contrast_on_white,
    nearest_passing,
)
from tests.builders.authorities import a_town

COLOURS = st.integers(0, 0xFFFFFF).map("{:06x}".format)


def test_the_standard_colour_becomes_one_token():
    assert accent_css("0b5a68") == ":root{--accent:#0b5a68}\n"


def test_capitals_and_a_hash_are_understood():
    assert checked("#0B5A68") == "0b5a68"


@pytest.mark.parametrize(
    "typed", ["", "0b5a6", "0b5a688", "0b5a6g", "red", "0b5a68}", "#0b5a68;", "0b5a68\n", "٠b5a68", "../etc"]
)
def test_what_is_not_six_hex_digits_never_reaches_a_stylesheet(typed):
    with pytest.raises(AccentRefused) as refused:
        accent_css(typed)
    assert refused.value.reason is Reason.FORM


def test_a_pale_colour_is_refused_and_a_darker_one_of_the_same_hue_offered():
    with pytest.raises(AccentRefused) as refused:
        checked("7fc4d3")
    assert refused.value.reason is Reason.CONTRAST
    assert contrast_on_white(refused.value.nearest) == pytest.approx(4.5, abs=0.15)


@pytest.mark.parametrize("red", ["b0231b", "ff0000", "c8102e", "7a130d", "ff8a80"])
def test_red_is_refused_because_it_means_overdue(red):
    with pytest.raises(AccentRefused) as refused:
        checked(red)
    assert refused.value.reason is Reason.RED
    assert checked(refused.value.nearest) == refused.value.nearest


@pytest.mark.parametrize("colour", ["0b5a68", "1d4f91", "4b2e83", "00563f", "5a4a00", "333333", "000000", "8a4b00"])
def test_dark_colours_that_are_not_red_pass(colour):
    assert checked(colour) == colour
    assert nearest_passing(colour) == colour


def test_contrast_is_that_of_wcag():
    assert contrast_on_white("000000") == pytest.approx(21)
    assert contrast_on_white("ffffff") == pytest.approx(1)
    assert contrast_on_white("0b5a68") == pytest.approx(7.8, abs=0.1)


@given(COLOURS)
def test_every_colour_passes_or_gets_an_offer_that_does(colour):
    try:
        assert checked(colour) == colour
    except AccentRefused as refused:
        assert checked(refused.nearest) == refused.nearest  # the offer is checked, not the refusal


def test_the_database_keeps_no_colour_that_white_text_cannot_be_read_on(house):
    town = a_town()
    for colour, kept in (("7fc4d3", False), ("ffffff", False), ("777777", False), ("0B5A68", False), ("1d4f91", True)):
        change = update(Authority).where(Authority.id == town.id).values(accent=colour)
        if kept:
            db.session.execute(change)
        else:
            with pytest.raises(IntegrityError), db.session.begin_nested():
                db.session.execute(change)


def test_the_database_and_the_pages_agree_on_every_colour(house):
    query = text("SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = 'ck_authority_accent_readable'")
    rule = db.session.scalar(query)
    chance = random.Random(5)
    colours = {f"{grey:02x}" * 3 for grey in range(256)} | {f"{chance.randrange(1 << 24):06x}" for _ in range(3_000)}
    rows = db.session.execute(
        text(f"SELECT accent, {rule} FROM unnest(cast(:colours AS text[])) AS each (accent)"), {"colours": sorted(colours)}
    )
    assert [(colour, passes) for colour, passes in rows if passes is not (contrast_on_white(colour) >= LEAST_CONTRAST)] == []


def test_the_colour_is_served_as_a_stylesheet_that_may_be_kept(client):
    answer = client.get("/accent/0b5a68.css")
    assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/css", ":root{--accent:#0b5a68}\n")
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("digits", ["ff0000", "ffffff", "0b5a6", "%7D", "0b5a68%0A"])
def test_a_colour_that_may_not_be_used_has_no_stylesheet(client, digits):
    answer = client.get(f"/accent/{digits}.css")
    assert answer.status_code == 404
    assert "<h1>There is nothing at this address</h1>" in answer.text

"""How passwords are kept, and which new ones are good enough."""

import threading

import pytest
from argon2 import Type, extract_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from authority_portal.domain.staff import passwords
from authority_portal.foundation.errors import Busy, Invalid

GOOD = "seven lamps by the river"


def test_kept_with_argon2id_at_the_recommended_cost():
    kept = extract_parameters(passwords.hashed(GOOD))

    assert (kept.type, kept.memory_cost, kept.time_cost, kept.parallelism) == (Type.ID, 19_456, 2, 1)


def test_the_same_password_is_kept_differently_each_time():
    assert passwords.hashed(GOOD) != passwords.hashed(GOOD)


def test_only_the_right_one_fits(app):
    stored = passwords.hashed(GOOD)

    assert passwords.fits(GOOD, stored)
    assert not passwords.fits(GOOD + " ", stored)
    assert not passwords.fits(GOOD, None)
    assert not passwords.fits(GOOD, "not a hash")
    assert not passwords.fits("x" * 1_000, stored)


def test_one_password_typed_on_two_keyboards_fits(app):
    assert passwords.fits("cafe\u0301 au lait le matin", passwords.hashed("caf\u00e9 au lait le matin"))


def test_a_hash_of_older_parameters_is_to_be_renewed():
    assert passwords.outdated("$argon2id$v=19$m=8192,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43)
    assert not passwords.outdated(passwords.hashed(GOOD))


@pytest.mark.parametrize(
    "password",
    [GOOD, "Zwölf Boxkämpfer jagen", "correct horse 7 battery!", "ÿ" * 7 + "abcdefgh" + "12", "p" * 3 + "Qx7-lö9Kw2!mzR"],
)
def test_long_ones_are_accepted_whatever_they_are_made_of(password):
    passwords.check_new(password, about=("Ama Boateng", "ama@boston.example", "City of Boston"))


@pytest.mark.parametrize(
    "password",
    [
        "fourteen chars",
        "x" * 129,
        "passwordpassword",
        "PasswordPassword1",
        "123456789012345",
        "543210987654321",
        "aaaaaaaaaaaaaaaaaaaa",
        "abababababababab",
        "abcabcabcabcabcabc",
        "qwertyuiopasdfgh",
        "abcdefghijklmnopq",
        "portal-demo-2026",
        "ama.boateng@boston.example",
        "boston boateng 2026",
        "correct horse battery staple",
    ],
)
def test_short_long_and_guessable_ones_are_refused(password):
    with pytest.raises(Invalid) as refused:
        passwords.check_new(password, about=("Ama Boateng", "ama.boateng@boston.example", "City of Boston"))

    assert list(refused.value.fields) == ["password"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=160))
def test_any_text_is_either_accepted_or_refused(password):
    try:
        passwords.check_new(password, about=("Ama Boateng",))
    except Invalid:
        return
    assert passwords.SHORTEST <= len(password) <= passwords.LONGEST


def test_a_third_check_waits_for_its_turn_and_gives_up_politely(app, monkeypatch):
    monkeypatch.setattr(passwords, "PATIENCE", 0.05)
    taken = [passwords._TURNS.acquire(timeout=1) for _ in range(2)]
    try:
        with pytest.raises(Busy):
            passwords.fits(GOOD, None)
    finally:
        for _ in taken:
            passwords._TURNS.release()
    assert not passwords.fits(GOOD, None)


def test_no_more_than_two_are_checked_at_a_time(app, monkeypatch):
    busy, most = [], []

    def watched(stored, password):
        busy.append(1)
        most.append(len(busy))
        threading.Event().wait(0.01)
        busy.pop()
        return False

    monkeypatch.setattr(passwords, "_matches", watched)
    threads = [threading.Thread(target=passwords.fits, args=(GOOD, None)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert max(most) == 2

"""A seal opens only with its key, in its place, unchanged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.config import DEMO_DATA_KEYS
from authority_portal.foundation import sealing
from authority_portal.foundation.sealing import KeyMissing, Ring, SealBroken, Sealed

KEY = sealing.new_key()
RING = Ring((("a", KEY),))


@given(st.binary(max_size=300))
def test_what_was_sealed_opens_again(value: bytes) -> None:
    raw = sealing.seal(value, key=KEY, key_id="a", bound_to="x:1")
    assert value not in raw or len(value) < 4
    assert sealing.open_with(raw, keys=RING, bound_to="x:1") == value


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_byte_breaks_the_seal(at: int, by: int) -> None:
    raw = bytearray(sealing.seal(b"rosa@example.org", key=KEY, key_id="a", bound_to="x:1"))
    raw[at % len(raw)] ^= by
    with pytest.raises(SealBroken):
        sealing.open_with(bytes(raw), keys=RING, bound_to="x:1")


def test_a_seal_moved_to_another_row_does_not_open() -> None:
    raw = sealing.seal(b"secret", key=KEY, key_id="a", bound_to="person.email:1")
    with pytest.raises(SealBroken):
        sealing.open_with(raw, keys=RING, bound_to="person.email:2")


def test_a_key_that_is_not_on_the_ring_is_told_from_a_value_that_was_changed() -> None:
    raw = sealing.seal(b"secret", key=KEY, key_id="a", bound_to="x")
    with pytest.raises(KeyMissing):
        sealing.open_with(raw, keys=Ring((("b", KEY),)), bound_to="x")
    for damaged in (raw[:-1], raw[:2], raw[:1], b"", b"\x01\xffa" + raw[3:], b"\x01\x01\xff" + raw[3:]):
        with pytest.raises(SealBroken) as broken:
            sealing.open_with(damaged, keys=Ring((("b", KEY), ("a", KEY))), bound_to="x")
        assert not isinstance(broken.value, KeyMissing)


def test_old_keys_open_and_the_newest_seals() -> None:
    old, new = sealing.new_key(), sealing.new_key()
    raw = sealing.seal(b"v", key=old, key_id="old", bound_to="x")
    ring = Ring((("new", new), ("old", old)))
    assert sealing.open_with(raw, keys=ring, bound_to="x") == b"v"
    assert ring.newest[0] == "new"


def test_a_sealed_value_has_no_text_form() -> None:
    value = Sealed(b"secret")
    assert "secret" not in repr(value)
    for show in (str, lambda it: f"{it}", lambda it: f"{it:>5}"):
        with pytest.raises(TypeError):
            show(value)


def test_blind_indexes_are_equal_for_equal_values_in_one_place_only() -> None:
    ring = sealing.ring(DEMO_DATA_KEYS)
    one = sealing.blind_index("rosa@example.org", keys=ring, bound_to="1|email")
    assert one == sealing.blind_index("rosa@example.org", keys=ring, bound_to="1|email")
    assert one != sealing.blind_index("rosa@example.org", keys=ring, bound_to="2|email")


@pytest.mark.parametrize("setting", ["", "a", "a:", ":AAAA", "a:c2hvcnQ=", f"{DEMO_DATA_KEYS},{DEMO_DATA_KEYS}"])
def test_a_bad_ring_is_refused(setting: str) -> None:
    with pytest.raises(ValueError):
        sealing.ring(setting)

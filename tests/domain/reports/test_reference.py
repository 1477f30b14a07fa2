"""References: unique, unordered, forgiving to read, unforgiving to mistakes."""

from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.reports import reference
from authority_portal.domain.reports.reference import ALPHABET, BASE

KEY = b"k" * 32
prefixes = st.text("ABCDEFGHJKLMNOPQRSTUVWXYZ", min_size=2, max_size=4)
numbers = st.integers(1, BASE**6)


@given(prefixes, numbers)
def test_a_reference_reads_back_also_when_it_is_typed_carelessly(prefix: str, number: int) -> None:
    made = reference.of(number, prefix=prefix, key=KEY)
    for typed in (made, made.lower(), made.replace("-", " "), made.replace("-", " – "), f" {made} "):
        assert reference.read(typed) == made
    assert reference.read(made.replace("-", "")) is not None


def test_what_is_read_is_what_was_made() -> None:
    for number in range(1, 2_000):
        made = reference.of(number, prefix="BOS", key=KEY)
        assert reference.read(made.lower().replace("-", " ")) == made


@given(numbers, st.data())
def test_one_wrong_character_is_noticed(number: int, data: st.DataObject) -> None:
    made = reference.of(number, prefix="BOS", key=KEY)
    places = [index for index, letter in enumerate(made) if index > 3 and letter != "-"]
    at = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([letter for letter in ALPHABET if letter != made[at]]))
    assert reference.read(made[:at] + other + made[at + 1 :]) is None


@given(numbers, st.integers(0, 6))
def test_two_neighbours_swapped_are_noticed(number: int, at: int) -> None:
    code = reference.of(number, prefix="BOS", key=KEY).replace("-", "")[3:]
    if at + 1 >= len(code) or code[at] == code[at + 1]:
        return
    assert reference.read("BOS-" + code[:at] + code[at + 1] + code[at] + code[at + 2 :]) is None


def test_no_two_numbers_share_a_reference_and_neighbours_do_not_look_alike() -> None:
    made = [reference.of(number, prefix="BOS", key=KEY) for number in range(1, 20_001)]
    assert len(set(made)) == len(made)
    assert made != sorted(made)
    alike = sum(one[:8] == other[:8] for one, other in zip(made, made[1:], strict=False))
    assert alike < 5
    assert all(len(one) == len("BOS-7K3P-QX") for one in made)


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = reference.read(text)
    assert found is None or found == found.upper()

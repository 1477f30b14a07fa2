"""The first clearing takes contacts out and leaves the rest as it was."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.reports import clearing


@pytest.mark.parametrize(
    ("told", "cleared"),
    [
        ("Call me at 617-555-0123.", "Call me at […]."),
        ("Call (617) 555 0123 or +1 617.555.0123!", "Call […] or […]!"),
        ("Mail rosa@example.org, please.", "Mail […], please."),
        ("See https://example.org/me?x=1 for it", "See […] for it"),
        ("The hole is 20 cm deep at 822 Parker St, 02120.", "The hole is 20 cm deep at 822 Parker St, 02120."),
        ("On 12 May 2026 at 10:30.", "On 12 May 2026 at 10:30."),
    ],
)
def test_contacts_are_taken_out(told: str, cleared: str) -> None:
    assert clearing.clear(told) == cleared


@given(st.text(max_size=500))
def test_clearing_twice_changes_nothing_more(text: str) -> None:
    once = clearing.clear(text)
    assert clearing.clear(once) == once


@pytest.mark.parametrize("piece", ["a@", "1-", "1 ", "www.", "@.", "(", "a.b@c."])
def test_long_rubbish_takes_no_time(piece: str) -> None:
    began = time.process_time()
    clearing.clear(piece * (50_000 // len(piece)))
    assert time.process_time() - began < 5

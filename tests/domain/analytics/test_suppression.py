"""What coarse readers may know: no count under ten, and nothing that rules out one of its ten values."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.analytics import suppression
from authority_portal.domain.analytics.counting import Line
from authority_portal.domain.analytics.suppression import LEAST, rounded, to_hide

LARGE = suppression.whole(Line(None, 100, 100, 100, 100, 60, 60, 60, 60, 100, 50))


@pytest.mark.parametrize(("cells", "largest_sum"), [(2, 100), (3, 90), (4, 45)])
def test_no_hidden_count_can_be_worked_out(cells, largest_sum):
    """The attacker knows the rule, the exact sum, every rounded count, and what is hidden: each value under ten stays possible.

    By enumeration: all inputs are sorted by what they show, and of each hidden cell the values they have there are taken down.
    """
    possible = defaultdict(set)
    for counts in _all(cells, largest_sum):
        hidden = to_hide(counts)
        assert all(at in hidden for at, count in enumerate(counts) if count < LEAST)
        output = sum(counts), tuple(None if at in hidden else rounded(count) for at, count in enumerate(counts))
        for at in hidden:
            possible[output, at].add(counts[at])
    for (output, _), values in possible.items():
        assert values >= set(range(min(LEAST, output[0] + 1))), output


def _all(cells, largest_sum):
    for counts in product(range(largest_sum + 1), repeat=cells - 1):
        if sum(counts) <= largest_sum:
            yield from ((*counts, last) for last in range(largest_sum - sum(counts) + 1))


def test_all_are_hidden_where_a_small_one_would_be_told():
    assert to_hide([3, 40, 100]) == {0, 1, 2}
    assert to_hide([22, 22, 9]) == {0, 1, 2}
    assert to_hide([6, 7, 500]) == {0, 1, 2}, "a sum of 11 or more would tell that neither is 0"
    assert to_hide([40, 100, 12]) == set()
    assert to_hide([]) == set()


def test_small_counts_hide_each_other_if_their_sum_tells_nothing():
    assert to_hide([6, 7, 2, 500, 60]) == {0, 1, 2}


def test_the_smallest_number_told_is_ten_and_all_are_fives():
    assert [rounded(count) for count in (0, 9, 10, 12, 13, 17, 18, 1_002)] == [None, None, 10, 10, 15, 15, 20, 1_000]


@given(st.integers(10, 10_000))
def test_rounding_is_never_further_off_than_two(count):
    assert abs(rounded(count) - count) <= 2


def test_one_small_total_hides_the_others_it_could_be_worked_out_from():
    seen = suppression.whole(Line(None, received=200, closed=4, open=300, responded=60, due=4, met=2))

    assert (seen.received, seen.closed, seen.open, seen.due, seen.kept, seen.close_half) == (None,) * 6
    assert seen.responded == 60


def test_a_small_stock_at_the_beginning_hides_what_came_and_went():
    seen = suppression.whole(Line(None, received=200, closed=150, open=54))

    assert (seen.received, seen.closed, seen.open) == (None, None, None)


def test_a_month_hidden_for_its_closing_stock_hides_the_next():
    months = suppression.steps([Line("1", 100, 96, 9), Line("2", 100, 50, 59), Line("3", 100, 50, 109)])

    assert [each.received for each in months] == [None, None, 100]


def test_parts_do_not_tell_a_hidden_total():
    lines = [Line("1", received=120, closed=2, open=100), Line("2", received=80, closed=2, open=200)]
    together = suppression.whole(Line(None, received=200, closed=4, open=300))

    assert together.received is None
    assert [each.received for each in suppression.parts(lines, together)] == [None, None]


def test_times_are_told_of_ten_or_more():
    times = (7_190, 86_399, 90_100, 86_400 * 3 + 1_801)
    line = Line("1", 50, 60, 0, 30, *times, 9, 9)
    seen = suppression.whole(line._replace(open=60))
    few = suppression.whole(line._replace(open=60, closed=9))

    assert (few.close_half, few.response_half) == (None, 7_200)
    assert (seen.response_half, seen.response_nine) == (7_200, 86_400), "to the minute below a day"
    assert (seen.close_half, seen.close_nine) == (90_000, 86_400 * 3 + 3_600), "to the hour above"
    assert seen.kept is None


def test_a_share_is_told_if_both_its_sides_are_ten_or_more():
    def kept(due, met):
        return suppression.whole(Line(None, 100, 100, 100, 100, 1, 1, 1, 1, due, met)).kept

    assert (kept(100, 95), kept(100, 5), kept(9, 9)) == (None, None, None)
    assert kept(102, 52) == 0.5


def test_open_ones_of_a_part_are_not_told():
    """Month by month they would tell what came in less what went out."""
    assert {each.open for each in suppression.parts([Line("1", 50, 50, 50), Line("2", 50, 50, 50)], LARGE)} == {None}

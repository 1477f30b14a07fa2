"""What coarse readers may know: no count under ten, and nothing that narrows one down to fewer than ten values."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.analytics import suppression
from authority_portal.domain.analytics.counting import Line
from authority_portal.domain.analytics.suppression import LEAST, rounded, to_hide

COUNTS = st.lists(st.one_of(st.integers(0, 12), st.integers(0, 400)), max_size=12)


@given(COUNTS)
def test_no_hidden_count_can_be_worked_out(counts):
    """The attacker knows the rule, the exact sum, every rounded count, and which counts are hidden."""
    hidden = to_hide(counts)
    shown = [rounded(count) for at, count in enumerate(counts) if at not in hidden]
    least, most = sum(counts) - sum(value + 2 for value in shown), sum(counts) - sum(value - 2 for value in shown)
    largest = min([value + 2 for value in shown], default=most)

    assert all(at in hidden for at, count in enumerate(counts) if count < LEAST)
    if len(hidden) == len(counts):
        return  # nothing is shown but the sum
    for at in hidden:
        others = (len(hidden) - 1) * largest
        low, high = max(0, least - others), min(most, largest)
        assert low <= counts[at] <= high
        if counts[at] < LEAST:
            assert high - low + 1 >= LEAST


def test_a_single_small_count_takes_the_next_smallest_along():
    assert to_hide([3, 40, 100]) == {0, 1}
    assert to_hide([40, 100, 12]) == set()
    assert to_hide([]) == set()


def test_two_small_counts_hide_each_other_if_their_sum_tells_nothing():
    assert to_hide([6, 7, 500]) == {0, 1}
    assert to_hide([0, 1, 500, 30]) == {0, 1, 3}, "a sum of 1 would tell both"


def test_the_smallest_number_told_is_ten_and_all_are_fives():
    assert [rounded(count) for count in (0, 9, 10, 12, 13, 17, 18, 1_002)] == [None, None, 10, 10, 15, 15, 20, 1_000]


@given(st.integers(10, 10_000))
def test_rounding_is_never_further_off_than_two(count):
    assert abs(rounded(count) - count) <= 2


def test_one_small_total_hides_the_others_it_could_be_worked_out_from():
    seen = suppression.whole(Line(None, received=200, closed=4, open=300, responded=60, due=4, met=2))

    assert (seen.received, seen.closed, seen.open, seen.due, seen.kept, seen.close_half) == (None,) * 6
    assert seen.responded == 60


def test_times_are_told_of_ten_or_more():
    seen = suppression.parts([Line("1", 50, 9, 0, 30, 60, 70, 80, 90, 9, 9), Line("2", 50, 90, 0, 30, 60, 70, 80, 90, 90, 40)])

    assert (seen[0].close_half, seen[0].response_half) == (None, 60)
    assert seen[0].kept is None


def test_a_share_is_told_if_both_its_sides_are_ten_or_more():
    def kept(due, met):
        return suppression.whole(Line(None, 100, 100, 100, 100, 1, 1, 1, 1, due, met)).kept

    assert (kept(100, 95), kept(100, 5), kept(9, 9)) == (None, None, None)
    assert kept(102, 52) == 0.5


def test_open_ones_of_a_part_are_not_told():
    """Month by month they would tell what came in less what went out."""
    assert {each.open for each in suppression.parts([Line("1", 50, 50, 50), Line("2", 50, 50, 50)])} == {None}


@given(COUNTS)
def test_a_later_look_tells_no_more_than_the_two_looks(counts):
    """Rounding is the same for the same count, so asking again averages nothing out."""
    assert [rounded(count) for count in counts] == [rounded(count) for count in counts]
    ordered = sorted(counts)
    assert all((rounded(one) or 0) <= (rounded(other) or 0) for one, other in pairwise(ordered))

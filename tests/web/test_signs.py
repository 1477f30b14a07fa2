"""Signs follow group and outcome, and bars follow the clock; names and colours decide nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from authority_portal.web import signs

START = datetime(2026, 11, 17, 14, 58, tzinfo=UTC)


@dataclass
class ShownStatus:
    group: str
    outcome: str | None = None
    reopened: bool = False
    name: str = "Closed: done"


@dataclass
class ShownDeadline:
    state: str
    used: float = 0.0
    left: timedelta | None = None
    started_at: datetime | None = START
    due_at: datetime | None = START + timedelta(days=2)


@pytest.mark.parametrize(
    ("status", "sign"),
    [
        (ShownStatus("new"), "st-received"),
        (ShownStatus("open"), "st-progress"),
        (ShownStatus("waiting"), "st-waiting"),
        (ShownStatus("open", reopened=True), "st-reopened"),
        (ShownStatus("done", "fixed"), "st-done"),
        (ShownStatus("done", "fixed", reopened=True), "st-done"),
        (ShownStatus("done", "not_fixed"), "st-rejected"),
        (ShownStatus("done", "not_ours"), "st-rejected"),
        (ShownStatus("done", "duplicate"), "st-merged"),
        (ShownStatus("done", "withdrawn"), "st-rejected"),
        (ShownStatus("done", None), "st-done"),
    ],
)
def test_a_status_has_its_sign_whatever_it_is_called(status, sign):
    assert signs.status_sign(status) == sign


def test_only_work_that_was_done_is_green():
    assert signs.is_fixed(ShownStatus("done", "fixed"))
    assert not signs.is_fixed(ShownStatus("done", "not_ours"))
    assert not signs.is_fixed(ShownStatus("open", None))


@pytest.mark.parametrize(("used", "run"), [(-0.5, 0), (0, 0), (0.41, 23), (1, 56), (3, 56)])
def test_the_fuse_never_leaves_its_frame(used, run):
    assert signs.fuse_run(ShownDeadline("on_time", used)) == run


def test_a_running_clock_ends_at_the_right_edge():
    assert signs.clock_face(ShownDeadline("on_time", 0.41, timedelta(hours=28))) == signs.ClockFace(now=123, end=300)


def test_a_late_clock_shows_how_late():
    assert signs.clock_face(ShownDeadline("overdue", 1.0, timedelta(days=-2))) == signs.ClockFace(now=300, end=150)


def test_a_deadline_of_no_length_is_late_from_its_start():
    late = ShownDeadline("overdue", 1.0, timedelta(hours=-1), due_at=START)
    assert signs.clock_face(late) == signs.ClockFace(now=300, end=0)


def test_no_deadline_has_no_sign_and_no_tone():
    nothing = ShownDeadline("none", due_at=None, started_at=None)
    assert (signs.deadline_sign(nothing), signs.deadline_tone(nothing)) == ("", "")

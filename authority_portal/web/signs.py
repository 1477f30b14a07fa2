"""Which sign stands for a state, and how far its bar is filled. Pure tables: names and colours never decide."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

STATUS_SIGNS = {"new": "st-received", "open": "st-progress", "waiting": "st-waiting"}
OUTCOME_SIGNS = {
    "fixed": "st-done",
    "not_fixed": "st-rejected",
    "not_ours": "st-rejected",
    "duplicate": "st-merged",
    "withdrawn": "st-rejected",
}
REOPENED_SIGN = "st-reopened"

DEADLINE_SIGNS = {
    "on_time": "dl-ok",
    "at_risk": "dl-risk",
    "overdue": "dl-late",
    "paused": "dl-paused",
    "met": "dl-met",
    "missed": "dl-late",
}
# The class that gives a deadline its colour; on time, met and none are quiet.
DEADLINE_TONES = {"at_risk": "risk", "overdue": "late", "paused": "paused", "missed": "late"}

MESSAGE_SIGNS = {
    "pending": "dl-ok",
    "sending": "up-arrow",
    "sent": "check",
    "failed": "warn",
    "unknown": "warn",
    "cancelled": "minus",
}

FUSE_WIDTH = 56
CLOCK_WIDTH = 300


class Status(Protocol):
    """What a sign needs to know of a status: its group and, once done, its outcome."""

    group: str
    outcome: str | None


class Deadline(Protocol):
    """What words and bars need to know of a deadline. Times are aware; `left` is negative when late."""

    state: str
    due_at: datetime | None
    started_at: datetime | None
    used: float
    left: timedelta | None


@dataclass(frozen=True)
class ClockFace:
    """Where the marks of a deadline's bar stand, in units of its drawing (0 to CLOCK_WIDTH)."""

    now: int
    end: int


def status_sign(status: Status) -> str:
    """The sign of a status. A reopened report that is not done again shows the turning arrow."""
    if status.group == "done":
        return OUTCOME_SIGNS.get(status.outcome or "", "st-done")
    if getattr(status, "reopened", False):
        return REOPENED_SIGN
    return STATUS_SIGNS[status.group]


def is_fixed(status: Status) -> bool:
    """True if the sign may be green: only for work that was really done."""
    return status.group == "done" and status.outcome == "fixed"


def deadline_sign(deadline: Deadline) -> str:
    """The sign of a deadline's state; empty if there is no deadline."""
    return DEADLINE_SIGNS.get(deadline.state, "")


def deadline_tone(deadline: Deadline) -> str:
    """`risk`, `late`, `paused`, or empty for quiet."""
    return DEADLINE_TONES.get(deadline.state, "")


def message_sign(state: str) -> str:
    """The sign of a message's delivery state."""
    return MESSAGE_SIGNS[state]


def fuse_run(deadline: Deadline) -> int:
    """How much of the fuse is burnt, in units of its drawing (0 to FUSE_WIDTH)."""
    return round(FUSE_WIDTH * min(1.0, max(0.0, deadline.used)))


def clock_face(deadline: Deadline) -> ClockFace:
    """Start is 0; the later of now and the end is the right edge, so that a late deadline shows how late it is."""
    if deadline.state != "overdue" or deadline.due_at is None or deadline.started_at is None or deadline.left is None:
        return ClockFace(now=round(CLOCK_WIDTH * min(1.0, max(0.0, deadline.used))), end=CLOCK_WIDTH)
    whole = deadline.due_at - deadline.started_at
    share = whole / (whole - deadline.left) if whole > timedelta(0) else 0.0
    return ClockFace(now=CLOCK_WIDTH, end=round(CLOCK_WIDTH * share))

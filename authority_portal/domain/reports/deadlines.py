"""Deadlines: when a report is due, from when it is at risk, how waiting pauses the clock, and what state that gives."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from authority_portal.foundation import sentences
from authority_portal.foundation.sentences import Stored

NEARLY = timedelta(hours=4)

FROM_RECEIPT = Stored("%(hours)s h from receipt", hours=sentences.whole)
NAMED_IN_FILE = Stored("named in the imported file")


class SlaState(StrEnum):
    """How a report stands to its deadline."""

    NONE = "none"
    ON_TIME = "on_time"
    AT_RISK = "at_risk"
    OVERDUE = "overdue"
    PAUSED = "paused"
    MET = "met"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Deadline:
    """A deadline as it stands at one moment. `left` is negative when late; `used` is the share of time gone, 0 … 1."""

    state: SlaState
    started_at: datetime
    due_at: datetime | None
    left: timedelta
    used: float
    reason: str = ""


def at_risk_from(started_at: datetime, due_at: datetime) -> datetime:
    """From when less than a quarter of the time or less than 4 hours are left, whichever comes first."""
    return due_at - max((due_at - started_at) / 4, NEARLY)


def due(received_at: datetime, hours: int | None) -> datetime | None:
    """The deadline of a report whose category answers within `hours` of the clock."""
    return None if hours is None else received_at + timedelta(hours=hours)


def reason(stored: str) -> str:
    """Why a report is due when it is due, from what its row kept."""
    return sentences.read(stored, FROM_RECEIPT, NAMED_IN_FILE)


def state(
    *, due_at: datetime | None, at_risk_at: datetime | None, paused: bool, closed_at: datetime | None, now: datetime
) -> SlaState:
    """The state in the same order in which the queue's SQL decides it."""
    if due_at is None:
        return SlaState.NONE
    if closed_at is not None:
        return SlaState.MET if closed_at <= due_at else SlaState.MISSED
    if paused:
        return SlaState.PAUSED
    if now >= due_at:
        return SlaState.OVERDUE
    if at_risk_at is not None and now >= at_risk_at:
        return SlaState.AT_RISK
    return SlaState.ON_TIME


def seen(
    *,
    received_at: datetime,
    due_at: datetime | None,
    at_risk_at: datetime | None,
    paused_at: datetime | None,
    closed_at: datetime | None,
    now: datetime,
    reason: str = "",
) -> Deadline:
    """The deadline as a page shows it at `now`."""
    stands = state(due_at=due_at, at_risk_at=at_risk_at, paused=paused_at is not None, closed_at=closed_at, now=now)
    if due_at is None:
        return Deadline(stands, received_at, None, timedelta(0), 0.0, reason)
    until = closed_at or paused_at or now
    whole = max((due_at - received_at).total_seconds(), 1.0)
    used = min(1.0, max(0.0, (until - received_at).total_seconds() / whole))
    # A paused clock's words tell how long it has stood still.
    left = now - paused_at if stands is SlaState.PAUSED and paused_at else due_at - (closed_at or now)
    return Deadline(stands, received_at, due_at, left, used, reason)


def resumed(
    due_at: datetime | None, at_risk_at: datetime | None, *, paused_at: datetime, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Both times, moved by as long as the clock stood still."""
    pause = max(now - paused_at, timedelta(0))
    return due_at and due_at + pause, at_risk_at and at_risk_at + pause

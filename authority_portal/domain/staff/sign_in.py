"""Signing in, in two steps: what the person knows, then whatever else their authority asks for.

`passed_password` answers who it is; `next_step` says what is still missing. Today nothing is: a second factor takes its place
between the two, and only `enter` opens a session, so that no door can be reached with a password alone once it is there.
"""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select, text, update

from authority_portal.domain.access.actor import member
from authority_portal.domain.audit import trail
from authority_portal.domain.staff import passwords, sessions, standing, throttle
from authority_portal.domain.staff.models import Staff, StaffRole
from authority_portal.foundation.db import db


class Step(StrEnum):
    """What is still missing before a session may open. A second factor becomes a member of its own."""

    DONE = "done"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try from a network address. `known_as` is who signed in from this browser, known as `browser_id`, before."""

    email: str
    address: str | None = None
    known_as: UUID | None = None
    browser_id: str = ""

    @property
    def account(self) -> str:
        """The address in the form accounts are stored in."""
        return unicodedata.normalize("NFC", self.email).strip().lower()


@dataclass(frozen=True, slots=True)
class Passed:
    """Who gave the right password, and where they may work."""

    staff_id: UUID
    authority_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the house knows about an account before the password is checked."""

    staff_id: UUID
    password_hash: str | None
    open: bool
    authority_ids: tuple[int, ...]


def candidate(attempt: Attempt) -> Candidate | None:
    """The account of this address, or None."""
    held = select(func.array_agg(StaffRole.authority_id.distinct())).where(StaffRole.staff_id == Staff.id, standing.counts())
    places = held.scalar_subquery()
    row = db.session.execute(
        select(Staff.id, Staff.password_hash, Staff.disabled_at, places.label("places")).where(Staff.email == attempt.account)
    ).first()
    if row is None:
        return None
    return Candidate(row.id, row.password_hash, row.disabled_at is None and bool(row.places), tuple(row.places or ()))


def buckets(attempt: Attempt, found: Candidate | None) -> tuple[throttle.Bucket, ...]:
    """Where an attempt counts: in a known browser only there, otherwise against account, network and installation."""
    if found is not None and attempt.known_as == found.staff_id:
        return (throttle.Bucket("browser", f"{found.staff_id}|{attempt.browser_id}"),)
    return (throttle.Bucket("account", attempt.account), *throttle.networks(attempt.address), throttle.Bucket("everybody", ""))


def admit(attempt: Attempt, found: Candidate | None) -> timedelta | None:
    """Count the attempt before anything is checked; None, or how long to wait. The caller commits at once."""
    return throttle.pour(buckets(attempt, found))


def passed_password(found: Candidate | None, password: str) -> Passed | None:
    """First step. Unknown, disabled, without a role, wrong: all the same answer after the same time.

    Runs outside any transaction, because hashing takes long. Raises Busy.
    """
    right = passwords.fits(password, found.password_hash if found else None)
    if found is None or not found.open or not right:
        return None
    return Passed(found.staff_id, found.authority_ids)


def next_step(_passed: Passed) -> Step:
    """Second step: what is still missing. The place of the second factor."""
    return Step.DONE


def enter(passed: Passed, attempt: Attempt, found: Candidate, *, browser: str, password: str) -> str:
    """Open a session in the first of the person's authorities; returns the cookie's secret. The caller commits, bound to it."""
    authority_id = passed.authority_ids[0]
    throttle.take_back(buckets(attempt, found))
    if found.password_hash is not None and passwords.outdated(found.password_hash):
        renewed = passwords.hashed(password)
        db.session.execute(update(Staff).where(Staff.id == passed.staff_id).values(password_hash=renewed))
    trail.append("staff:signed_in", subject=f"staff:{passed.staff_id}", by=member(passed.staff_id, authority_id, ()))
    return sessions.begin(passed.staff_id, authority_id, browser=browser)


def refuse(found: Candidate | None, *, authority_id: int) -> None:
    """Leave an audit line in one authority of a known account. The caller commits, bound to it.

    For an unknown address the same line is written and thrown away at once, because the time that an answer takes must not
    tell whether the account exists. For the same reason neither waits for the disk.
    """
    db.session.execute(text("SET LOCAL synchronous_commit = off"))
    staff_id = found.staff_id if found else UUID(int=0)
    with db.session.begin_nested() as attempt:
        trail.append("staff:sign_in_refused", subject=f"staff:{staff_id}", by=member(staff_id, authority_id, ()))
        db.session.flush()
        if found is None:
            attempt.rollback()

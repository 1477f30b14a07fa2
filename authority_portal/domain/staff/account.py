"""What people change about their own account."""

from sqlalchemy import select, update

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.audit import trail
from authority_portal.domain.staff import passwords, sessions, throttle
from authority_portal.domain.staff.models import Staff
from authority_portal.domain.staff.sessions import Entrance
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Denied, Invalid
from authority_portal.foundation.sentences import Sentence

THEMES = ("system", "light", "dark")


def stored_password(entrance: Entrance) -> str | None:
    """The hash to check the current password against, or None."""
    return db.session.scalar(select(Staff.password_hash).where(Staff.id == entrance.staff_id))


def guess_bucket(entrance: Entrance) -> throttle.Bucket:
    """Where tries of the current password count: somebody at an open screen must not guess it at leisure."""
    return throttle.Bucket("browser", f"{entrance.staff_id}|account page")


def change_password(entrance: Entrance, new_hash: str, *, by: Actor) -> int:
    """Store a checked new password and end every session of the person, this one included; returns how many ended.

    The caller has checked the current password, opens a new session for this browser, and commits.
    """
    _check_own(by)
    at = clock.now()
    db.session.execute(update(Staff).where(Staff.id == entrance.staff_id).values(password_hash=new_hash, password_changed_at=at))
    trail.append("staff:password_changed", subject=f"staff:{entrance.staff_id}", by=by)
    return sessions.end_all(entrance.staff_id)


def change_appearance(entrance: Entrance, *, theme: str, single_keys: bool, by: Actor) -> None:
    """Choose light or dark, and whether single-letter shortcuts work. Raises Invalid. The caller commits."""
    _check_own(by)
    if theme not in THEMES:
        raise Invalid({"theme": Sentence("must be one of %(choices)s", choices=", ".join(THEMES))})
    db.session.execute(update(Staff).where(Staff.id == entrance.staff_id).values(theme=theme, single_keys=single_keys))


def sign_out_everywhere(entrance: Entrance, *, by: Actor) -> int:
    """End every session of the person, this one included; returns how many. The caller commits."""
    _check_own(by)
    trail.append("staff:signed_out_everywhere", subject=f"staff:{entrance.staff_id}", by=by)
    return sessions.end_all(entrance.staff_id)


def move(entrance: Entrance, authority_id: int, *, browser: str, by: Actor) -> str:
    """Go on in another of the person's authorities, in a new session; returns its secret. Raises Denied. The caller commits."""
    _check_own(by)
    if authority_id not in sessions.places(entrance.staff_id):
        raise Denied(Sentence("You have no role in that authority."))
    sessions.end(entrance.digest)
    trail.append("staff:moved", subject=f"staff:{entrance.staff_id}", by=by, to_authority=authority_id)
    return sessions.begin(entrance.staff_id, authority_id, browser=browser)


def _check_own(by: Actor) -> None:
    if not by.holds(Permission.ACCOUNT_OWN):
        raise Denied(Sentence("Only people with an account can change one."))


def checked_new(password: str, *, entrance: Entrance, authority_name: str) -> str:
    """The hash of a new password. Raises Invalid if it is too short, too long or easy to guess, and Busy."""
    passwords.check_new(password, about=(entrance.name, entrance.email, authority_name))
    return passwords.hashed(password)

"""The sign-in as it runs: count, check, enter, each in its own short transaction; hashing happens between them."""

from dataclasses import dataclass
from datetime import timedelta

from authority_portal.domain.authorities import card
from authority_portal.domain.staff import sign_in
from authority_portal.domain.staff.sign_in import Attempt, Candidate, Step
from authority_portal.foundation.db import bound, transaction


@dataclass(frozen=True, slots=True)
class Result:
    """How it went: a session's secret and whose it is, or a time to wait, or neither: refused."""

    secret: str | None = None
    found: Candidate | None = None
    wait: timedelta | None = None


def run(attempt: Attempt, password: str, *, browser: str) -> Result:
    """One whole attempt. Raises Busy when too many passwords are being checked."""
    with transaction():
        found = sign_in.candidate(attempt)
        wait = sign_in.admit(attempt, found)
    if wait is not None:
        return Result(wait=wait)
    passed = sign_in.passed_password(found, password)
    if passed is None or found is None or sign_in.next_step(passed) is not Step.DONE:
        _record_refusal(found)
        return Result()
    with bound(passed.authority_ids[0]), transaction():
        return Result(sign_in.enter(passed, attempt, found, browser=browser, password=password), found)


def _record_refusal(found: Candidate | None) -> None:
    """A line in each authority of a known account; for an unknown one the same work, once, without a trace."""
    places = found.authority_ids if found else ()
    for authority_id in places or [one.id for one in card.cards()[:1]]:
        with bound(authority_id), transaction():
            sign_in.refuse(found if places else None, authority_id=authority_id)

"""What a rule means for one resident at one moment. Pure: facts in, judgement out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from authority_portal.domain.rights.periods import after
from authority_portal.domain.rights.rules import Keeps, Rule


class Act(StrEnum):
    """What is to be done now."""

    NOTHING = "nothing"
    TELL = "tell"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one resident's details without opening them. Times are aware.

    `closed_at`: when the last of their reports was done, None while one is open or if there is none. `reachable`: a message can
    leave by itself and is wanted.
    """

    engaged_at: datetime
    open: bool = False
    closed_at: datetime | None = None
    held: bool = False
    reachable: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """`ends_at`: when the details go if nothing changes, None under a hold. `kept_by`: what keeps them beyond their period."""

    act: Act
    ends_at: datetime | None
    kept_by: Keeps | None = None


def judge(rule: Rule, facts: Facts, *, now: datetime, zone: str) -> Judgement:
    """What `rule` says of these details at `now`, with its periods counted in the authority's `zone`."""
    ends_at, kept_by = _end(rule, facts, zone)
    if ends_at is not None and now >= ends_at:
        return Judgement(Act.ERASE, ends_at)
    past = now >= after(facts.engaged_at, rule.period, zone)
    tells = rule.notice is not None and now >= after(facts.engaged_at, rule.notice, zone)
    act = Act.TELL if tells and facts.reachable and not facts.told else Act.NOTHING
    return Judgement(act, ends_at, kept_by if past else None)


def _end(rule: Rule, facts: Facts, zone: str) -> tuple[datetime | None, Keeps | None]:
    if facts.held and Keeps.HOLD in rule.kept_by:
        return None, Keeps.HOLD
    longest = after(facts.engaged_at, rule.longest, zone)
    if facts.open and Keeps.OPEN in rule.kept_by:
        return longest, Keeps.OPEN
    ends_at = after(facts.engaged_at, rule.period, zone)
    if rule.after_closing is not None and facts.closed_at is not None:
        ends_at = max(ends_at, after(facts.closed_at, rule.after_closing, zone))
    return min(ends_at, longest), None

"""The retention rules: which fields are kept how long, what keeps them longer, and what happens then. One table."""

from dataclasses import dataclass
from enum import StrEnum

from authority_portal.domain.rights.periods import Period


class Mode(StrEnum):
    """How an authority keeps the contact of a reporter whose report is open after the period. One of its settings."""

    UNLESS_OPEN = "unless_open"
    """It stays until the work is done, and at most a year."""
    LITERAL = "literal"
    """It goes when the privacy notice literally says, open or not; nobody can be told the end of a slow repair."""


class Keeps(StrEnum):
    """What can keep details beyond their period."""

    OPEN = "open"
    """The report, or the lead report it hangs on, is not done yet. Ends at the rule's `longest`."""
    HOLD = "hold"
    """A legal hold. Ends when it is released and not before: a hold beats every rule."""


class Group(StrEnum):
    """Fields that one rule is about. `people/register.py` names their columns."""

    CONTACT = "contact"
    """Name, e-mail, phone, postal address, device, the keys that seal them and the wishes about messages."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Details of one group go one `period` after the first engagement: the moment the report they belong to was made.

    `after_closing`: and not before this long after the closing, for an answer or a second look. `notice`: when the resident is
    told. `longest`: when they go although the report is still open. Whoever changes a line raises its `version`.
    """

    group: Group
    version: int
    period: Period
    longest: Period
    kept_by: frozenset[Keeps]
    notice: Period | None = None
    after_closing: Period | None = None

    @property
    def name(self) -> str:
        """How ledger and log call it: `contact/1`."""
        return f"{self.group}/{self.version}"


CONTACT: dict[Mode, Rule] = {
    Mode.UNLESS_OPEN: Rule(
        group=Group.CONTACT,
        version=1,
        period=Period(days=60),
        longest=Period(months=12),
        kept_by=frozenset({Keeps.OPEN, Keeps.HOLD}),
        notice=Period(days=50),
        after_closing=Period(days=14),
    ),
    Mode.LITERAL: Rule(
        group=Group.CONTACT,
        version=1,
        period=Period(days=60),
        longest=Period(days=60),
        kept_by=frozenset({Keeps.HOLD}),
        notice=Period(days=50),
    ),
}
"""The rule for a reporter's contact, by the authority's mode."""

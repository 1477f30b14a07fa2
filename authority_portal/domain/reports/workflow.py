"""How a report may move. Pure: the groups and outcomes the code knows, and what a step asks for.

Statuses and steps are rows of each authority; code never knows a status by its name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from authority_portal.foundation.errors import Invalid, PortalError
from authority_portal.foundation.sentences import Sentence


class Group(StrEnum):
    """The four groups of statuses."""

    NEW = "new"
    OPEN = "open"
    WAITING = "waiting"
    DONE = "done"


UNFINISHED = (Group.NEW, Group.OPEN, Group.WAITING)


class Outcome(StrEnum):
    """How a report ended."""

    FIXED = "fixed"
    NOT_FIXED = "not_fixed"
    NOT_OURS = "not_ours"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


class Channel(StrEnum):
    """How a report came in."""

    APP = "app"
    WEB = "web"
    PHONE = "phone"
    COUNTER = "counter"
    LETTER = "letter"
    EMAIL = "email"
    SOCIAL = "social"
    STAFF = "staff"
    SYSTEM = "system"


class StepRefused(PortalError):
    """The authority's workflow has no such step from where the report is."""


@dataclass(frozen=True, slots=True)
class Step:
    """One allowed step between two statuses of one authority."""

    from_status_id: int
    to_status_id: int
    to_group: Group
    label: str
    needs_outcome: bool = False
    needs_note: bool = False

    def require(self, *, outcome: Outcome | None, note: str) -> "Step":
        """This step, if what it asks for is there. Raises Invalid naming the missing field."""
        wrong = {}
        if self.needs_outcome and outcome is None:
            wrong["outcome"] = Sentence("Choose how the report ended.")
        if not self.needs_outcome and outcome is not None:
            wrong["outcome"] = Sentence("Only a closing step has an outcome.")
        if self.needs_note and not note.strip():
            wrong["note"] = Sentence("Write what the resident should know about this step.")
        if wrong:
            raise Invalid(wrong)
        return self


@dataclass(frozen=True, slots=True)
class Workflow:
    """All steps of one authority."""

    steps: tuple[Step, ...]

    def from_(self, status_id: int) -> tuple[Step, ...]:
        """The steps that lead on from a status, in the authority's order."""
        return tuple(step for step in self.steps if step.from_status_id == status_id)

    def step(self, from_status_id: int, to_status_id: int) -> Step:
        """The step between two statuses. Raises StepRefused if there is none."""
        for step in self.steps:
            if (step.from_status_id, step.to_status_id) == (from_status_id, to_status_id):
                return step
        raise StepRefused(Sentence("The workflow has no such step from the report's present status."))


@dataclass(frozen=True, slots=True)
class StatusDraft:
    """A status as it is set up for a new authority."""

    code: str
    name: str
    group: Group
    steps: tuple[str, ...]


STANDARD: tuple[StatusDraft, ...] = (
    StatusDraft("received", "Received", Group.NEW, ("accepted", "in_progress", "waiting_resident", "waiting_other", "closed")),
    StatusDraft("accepted", "Accepted", Group.OPEN, ("in_progress", "waiting_resident", "waiting_other", "closed")),
    StatusDraft("in_progress", "In progress", Group.OPEN, ("waiting_resident", "waiting_other", "closed")),
    StatusDraft("waiting_resident", "Waiting for resident", Group.WAITING, ("in_progress", "closed")),
    StatusDraft("waiting_other", "Waiting for others", Group.WAITING, ("in_progress", "closed")),
    StatusDraft("closed", "Closed", Group.DONE, ("in_progress",)),
)
"""The workflow every authority starts with. `closed → in_progress` is the reopening."""


def mermaid(statuses: Iterable[StatusDraft]) -> str:
    """The workflow as a Mermaid state diagram, for the docs."""
    lines = ["stateDiagram-v2", "    [*] --> received"]
    lines += [f"    {status.code} --> {target}" for status in statuses for target in status.steps]
    return "\n".join(lines) + "\n"

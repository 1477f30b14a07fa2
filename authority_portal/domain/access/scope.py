"""How far a permission reaches."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID


class Reach(StrEnum):
    """The brackets of the matrix: (o) the whole authority, (a) what they or their team hold, S what is their own."""

    AUTHORITY = "authority"
    HELD = "held"
    OWN = "own"


class Scoped(Protocol):
    """Anything a permission can be asked about."""

    @property
    def authority_id(self) -> int: ...
    @property
    def team_id(self) -> int | None: ...
    @property
    def assignee_id(self) -> UUID | None: ...
    @property
    def owner_id(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """A reach, with the person and the teams it is measured from."""

    reach: Reach
    person_id: UUID
    team_ids: frozenset[int]

    def covers(self, thing: Scoped) -> bool:
        """True if the thing lies within reach. A missing team, holder or owner on either side never matches."""
        if self.reach is Reach.AUTHORITY:
            return True
        if self.reach is Reach.OWN:
            return thing.owner_id is not None and thing.owner_id == self.person_id
        return (thing.team_id is not None and thing.team_id in self.team_ids) or (
            thing.assignee_id is not None and thing.assignee_id == self.person_id
        )

"""What the reading of a row gives, and what it is held against."""

from collections.abc import Mapping as Table
from dataclasses import dataclass
from datetime import datetime

from authority_portal.domain.reports.importing.oddities import Oddity
from authority_portal.domain.reports.workflow import Group, Outcome
from authority_portal.foundation.geo import Box, Point


@dataclass(frozen=True, slots=True)
class CategoryName:
    group: str
    name: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class TeamName:
    code: str
    name: str
    department: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as it will be written. Times are UTC; `status` is a code of the authority, empty: its first new or done one."""

    number: int
    source_id: str
    digest: bytes
    opened_at: datetime
    closed_at: datetime | None
    responded_at: datetime | None
    due_at: datetime | None
    point: Point | None
    address: str
    description: str
    category: CategoryName
    team: TeamName | None
    channel: str
    status: str
    outcome: Outcome | None
    reason: str
    oddities: tuple[Oddity, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not written. `detail` is the cell that was wrong, shortened."""

    number: int
    source_id: str
    oddity: Oddity
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a row is held against: the moment of loading, the authority's bounds, the groups of its statuses by code."""

    moment: datetime
    bounds: Box
    groups: Table[str, Group]

"""The authority's categories, teams and statuses by the names a file uses; what is missing is added."""

import hashlib
import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass, field

from sqlalchemy import select

from authority_portal.domain.authorities.models import Category, Team
from authority_portal.domain.reports import routing
from authority_portal.domain.reports.importing.mapping import Mapping
from authority_portal.domain.reports.importing.records import CategoryName, TeamName
from authority_portal.domain.reports.models import Status
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Invalid

LONGEST_CODE = 60


@dataclass
class Ledger:
    """Ids by name, read once per run. Adding commits with the batch that needed it."""

    authority_id: int
    visibility: str
    has_areas: bool
    statuses: dict[str, tuple[int, Group]]
    categories: dict[CategoryName, tuple[int, str]] = field(default_factory=dict)
    """Id and visibility."""
    teams: dict[str, int] = field(default_factory=dict)
    codes: dict[str, tuple[int, str]] = field(default_factory=dict)
    team_codes: dict[str, int] = field(default_factory=dict)

    @property
    def groups(self) -> dict[str, Group]:
        return {code: group for code, (_, group) in self.statuses.items()}

    def first(self, group: Group) -> str:
        """The code of the authority's first status of a group."""
        return next(code for code, (_, of) in self.statuses.items() if of is group)

    def category(self, wanted: CategoryName) -> tuple[int, str]:
        """Id and visibility of a category, added if the authority has none of that code, or group and name."""
        if wanted.code in self.codes:
            return self.codes[wanted.code]  # the file's own code counts, however it spells the name
        if wanted not in self.categories:
            row = Category(
                authority_id=self.authority_id,
                code=_free(wanted.code or code_of(wanted.name), f"{wanted.group}|{wanted.name}", self.codes),
                name=wanted.name,
                group=wanted.group,
                visibility=self.visibility,
            )
            db.session.add(row)
            db.session.flush()
            self.categories[wanted] = self.codes[row.code] = (row.id, row.visibility)
        return self.categories[wanted]

    def team(self, wanted: TeamName) -> int:
        """Id of a team, added if the authority has none whose code comes from the same word of the file."""
        if wanted.code not in self.teams:
            code = code_of(wanted.code)
            if code not in self.team_codes:
                row = Team(authority_id=self.authority_id, code=code, name=wanted.name, department=wanted.department)
                db.session.add(row)
                db.session.flush()
                self.team_codes[code] = row.id
            self.teams[wanted.code] = self.team_codes[code]
        return self.teams[wanted.code]


def opened(authority_id: int, mapping: Mapping) -> Ledger:
    """What the authority has. Raises Invalid if it has no workflow, or the mapping names statuses that it lacks."""
    statuses = {
        row.code: (row.id, Group(row.group))
        for row in db.session.scalars(select(Status).where(Status.authority_id == authority_id).order_by(Status.position))
    }
    ledger = Ledger(authority_id, mapping.category.visibility, routing.has_areas(authority_id), statuses)
    if not {Group.NEW, Group.DONE} <= set(ledger.groups.values()):
        raise Invalid({"authority": "has no workflow yet: it needs a status for new reports and one for closed ones"})
    unknown = sorted(set(mapping.status.values.values()) - set(statuses)) if mapping.status else []
    if unknown:
        raise Invalid({"status.values": f"the authority has no status {', '.join(unknown)}; it has {', '.join(statuses)}"})
    for row in db.session.scalars(select(Category).where(Category.authority_id == authority_id)):
        ledger.categories[CategoryName(row.group, row.name)] = ledger.codes[row.code] = (row.id, row.visibility)
    for team in db.session.scalars(select(Team).where(Team.authority_id == authority_id)):
        ledger.team_codes[team.code] = team.id
    return ledger


def code_of(words: str) -> str:
    """A code of plain letters and digits, made from a name: the same name gives the same code."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    code = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not code or len(code) > LONGEST_CODE:
        # What was cut or has no Latin letters keeps apart by a digest of the whole.
        code = f"{code[: LONGEST_CODE - 9].strip('-')}-{_short(words)}".strip("-")
    return code


def _free(code: str, whole: str, taken: Container[str]) -> str:
    return code if code not in taken else f"{code[: LONGEST_CODE - 9]}-{_short(whole)}"


def _short(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:8]

"""A mapping: which column of a city's file means what. Written as TOML; `docs/mapping.md` says how."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from authority_portal.domain.reports.workflow import Channel, Outcome
from authority_portal.foundation.errors import Invalid

Column = Annotated[str, Field(min_length=1, max_length=200)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Columns(_Part):
    """Columns that are taken as they are."""

    source_id: Column
    opened: Column
    closed: Column | None = None
    due: Column | None = None
    responded: Column | None = None
    address: Column | None = None


class Times(_Part):
    """How times are written. `iso` or a `strptime` format; a wall time is read in `zone`, one with an offset as it says."""

    zone: str
    format: str = "iso"
    shift: Literal["none", "newest_last_week"] = "none"
    """Move everything by whole weeks so that the newest opening lies 1 to 7 days back: for a demo of old data."""

    @field_validator("zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError("must be an IANA time zone such as Europe/London") from None
        return value


class Positions(_Part):
    """Two columns in degrees (WGS84)."""

    lat: Column
    lon: Column
    decimal: Literal[".", ","] = "."
    none: tuple[tuple[float, float], ...] = ()
    """Points `[lat, lon]` at which the city puts what it has no position of. 0.0 always means none."""


class Categories(_Part):
    name: Column
    group: Column | None = None
    code: Column | None = None
    """Without one, the Open311 service code is made from the name."""
    fallback: str | None = None
    visibility: Literal["public", "private"] = "private"
    response: Literal["median", "none"] = "none"
    """`median`: the category's hours to answer are the median of deadline − opening."""


class Teams(_Part):
    name: Column
    department: Column | None = None
    departments: dict[str, str] = {}
    """Words for the file's codes of departments."""
    tidy: tuple[tuple[str, str], ...] = ()
    """`[old, new]` pieces replaced, in this order, in what people see as the team's name."""


class Channels(_Part):
    column: Column | None = None
    values: dict[str, Channel] = {}
    fallback: Channel = Channel.SYSTEM


class Statuses(_Part):
    """Which word of the file is which status code of the authority."""

    column: Column
    values: dict[str, str]


class Outcomes(_Part):
    column: Column | None = None
    values: dict[str, Outcome] = {}
    fallback: Outcome = Outcome.FIXED


class Words(_Part):
    """The description's column. Where it only repeats `unless_same_as`, there is no description."""

    column: Column
    unless_same_as: Column | None = None


class Mapping(_Part):
    """One city's file."""

    source: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")]
    """The name below which source ids are unique; the reports' source is `import:<name>`."""
    encoding: str = "utf-8-sig"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    columns: Columns
    time: Times
    position: Positions | None = None
    category: Categories
    team: Teams | None = None
    channel: Channels = Channels()
    status: Statuses | None = None
    outcome: Outcomes = Outcomes()
    description: Words | None = None

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            "".encode(value)
        except LookupError:
            raise ValueError("must be an encoding such as utf-8 or cp1252") from None
        return value

    def named(self) -> list[str]:
        """Every column the mapping names, each once, in the order of the sections."""
        parts = (self.position, self.category, self.team, self.channel, self.status, self.outcome, self.description)
        names: list[str | None] = list(self.columns.model_dump().values())
        fields = ("lat", "lon", "name", "group", "code", "department", "column", "unless_same_as")
        names += [getattr(part, field, None) for part in parts for field in fields]
        return list(dict.fromkeys(name for name in names if name))


def read(file: Path) -> Mapping:
    """The mapping in a TOML file. Raises Invalid with every wrong entry at once."""
    try:
        raw: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid({file.name: f"is not TOML: {error}"}) from None
    except OSError as error:
        raise Invalid({file.name: f"cannot be read: {error.strerror}"}) from None
    try:
        return Mapping.model_validate(raw)
    except ValidationError as wrong:
        raise Invalid({".".join(map(str, each["loc"])): each["msg"] for each in wrong.errors()}) from None

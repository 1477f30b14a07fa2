"""The strict parsers: every number, date, coordinate and id from outside passes one of these.

They accept plain ASCII in one notation and raise `ValueError` with a Sentence for the person who typed it. Python's own
`float` and `int` are too kind: they read `nan`, `1_000`, Arabic digits and non-breaking spaces.
"""

import re
from datetime import UTC, date, datetime, tzinfo
from uuid import UUID

from authority_portal.foundation.geo import Box, Point
from authority_portal.foundation.sentences import Sentence

_INTEGER = re.compile(r"-?[0-9]{1,18}\Z")
_DECIMAL = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,15})?\Z")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})\Z"
)
_WALL_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2})?\Z")
_POSITION = re.compile(r"([^,; ]+)(?:[,;] ?| )([^,; ]+)\Z")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def integer(text: str, *, least: int = 0, most: int = 2**53) -> int:
    """A whole number in decimal digits within [least, most]."""
    if not _INTEGER.match(text) or not least <= int(text) <= most:
        raise ValueError(Sentence("must be a whole number from %(least)s to %(most)s", least=least, most=most))
    return int(text)


def decimal(text: str, *, least: float, most: float) -> float:
    """A decimal number such as -71.0587 within [least, most]; no exponent, no comma, never NaN or infinite."""
    if not _DECIMAL.match(text):
        raise ValueError(Sentence("must be a decimal number such as 42.3594"))
    if not least <= float(text) <= most:
        raise ValueError(Sentence("must lie between %(least)s and %(most)s", least=float(least), most=float(most)))
    return float(text)


def latitude(text: str) -> float:
    """Degrees north, -90 … 90."""
    return decimal(text, least=-90, most=90)


def longitude(text: str) -> float:
    """Degrees east, -180 … 180."""
    return decimal(text, least=-180, most=180)


def point(lat: str, lon: str) -> Point:
    """A position from two texts in degrees."""
    return Point(latitude(lat), longitude(lon))


def position(text: str) -> Point:
    """A position in one text, latitude first, as maps show it: `42.3297, -71.0993`."""
    parts = _POSITION.match(text)
    if not parts:
        raise ValueError(Sentence("must be latitude and longitude such as 42.3297, -71.0993"))
    return point(*parts.groups())


def box(text: str) -> Box:
    """A box `west,south,east,north` in degrees."""
    parts = text.split(",")
    if len(parts) != 4:
        raise ValueError(Sentence("must be four numbers: west,south,east,north"))
    return Box(longitude(parts[0]), latitude(parts[1]), longitude(parts[2]), latitude(parts[3]))


def day(text: str) -> date:
    """A calendar day such as 2026-11-22, years 1900 … 2200."""
    if not _DATE.match(text):
        raise ValueError(Sentence("must be a date such as 2026-11-22"))
    try:
        parsed = date.fromisoformat(text)
    except ValueError:
        raise ValueError(Sentence("must be a day that exists, such as 2026-11-22")) from None
    if not 1900 <= parsed.year <= 2200:
        raise ValueError(Sentence("must lie between the years 1900 and 2200"))
    return parsed


def instant(text: str) -> datetime:
    """A W3C date-time with `Z` or an offset, as an aware time in UTC. Naive times are refused."""
    if not _INSTANT.match(text):
        raise ValueError(Sentence("must be a time with its offset, such as 2026-11-22T10:24:00Z"))
    try:
        parsed = datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(Sentence("must be a time that exists, such as 2026-11-22T10:24:00Z")) from None
    if not 1900 <= parsed.year <= 2200:
        raise ValueError(Sentence("must lie between the years 1900 and 2200"))
    return parsed


def wall_time(text: str, zone: tzinfo) -> datetime:
    """A time as clocks in `zone` show it, such as 2026-11-22T10:24, as an aware time in UTC.

    An hour that happens twice is read as the first one; an hour that the clocks skip is refused.
    """
    if not _WALL_TIME.match(text):
        raise ValueError(Sentence("must be a day and a time such as 2026-11-22T10:24"))
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(Sentence("must be a time that exists, such as 2026-11-22T10:24")) from None
    if not 1900 <= wall.year <= 2200:
        raise ValueError(Sentence("must lie between the years 1900 and 2200"))
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != wall:
        raise ValueError(Sentence("does not exist: the clocks skip this hour"))
    return moment


def uuid(text: str) -> UUID:
    """A UUID in its usual lower-case form."""
    if not _UUID.match(text):
        raise ValueError(Sentence("must be an identifier such as 3f2a…"))
    return UUID(text)


def words(text: str, *, most: int, lines: bool = False) -> str:
    """Text for people: no control characters, at most `most` characters, trimmed.

    One line unless `lines`; line ends become `\\n`. Raises instead of cutting, so that nothing typed is lost unseen.
    """
    cleaned = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if _CONTROL.search(cleaned):
        raise ValueError(Sentence("must not contain control characters"))
    if not lines and ("\n" in cleaned or "\u2028" in cleaned or "\u2029" in cleaned):
        raise ValueError(Sentence("must be a single line"))
    if len(cleaned) > most:
        raise ValueError(Sentence("must have at most %(most)s characters, has %(has)s", most=most, has=len(cleaned)))
    return cleaned

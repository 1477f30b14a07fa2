"""Reading one row: kept, kept with what was changed by a named rule, or rejected with the reason. Pure; never anything else."""

import hashlib
import re
from datetime import datetime

from authority_portal.domain.reports.importing.mapping import Mapping
from authority_portal.domain.reports.importing.oddities import Oddity
from authority_portal.domain.reports.importing.records import CategoryName, Frame, Kept, Rejected, TeamName
from authority_portal.domain.reports.importing.times import Clockwork
from authority_portal.domain.reports.workflow import Group, Outcome
from authority_portal.foundation import parsing
from authority_portal.foundation.geo import Point

MOST_NAME, MOST_ADDRESS, MOST_TEXT, MOST_ID = 200, 500, 10_000, 200
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff\u2028\u2029]+")
_SAME_POINT = 6  # decimals of a degree, about 10 cm


class _Refused(Exception):
    def __init__(self, oddity: Oddity, detail: str = "") -> None:
        super().__init__(oddity)
        self.oddity = oddity
        self.detail = detail


class Reader:
    """Reads the rows of one file by its mapping."""

    def __init__(self, mapping: Mapping, header: list[str], clockwork: Clockwork, frame: Frame) -> None:
        self._mapping = mapping
        self._clock = clockwork
        self._frame = frame
        self._width = len(header)
        self._index = {name: header.index(name) for name in mapping.named()}
        none_at = mapping.position.none if mapping.position else ()
        self._nowhere = {(round(lat, _SAME_POINT), round(lon, _SAME_POINT)) for lat, lon in none_at}
        self._teams: dict[tuple[str, str], TeamName] = {}

    def read(self, number: int, cells: list[str] | None) -> Kept | Rejected:
        """Row `number`, or why not."""
        if cells is None:
            return Rejected(number, "", Oddity.ROW_BROKEN)
        if len(cells) != self._width:
            return Rejected(number, "", Oddity.ROW_SHAPE, f"{len(cells)} cells, header has {self._width}")
        try:
            return self._read(number, cells)
        except _Refused as refused:
            source_id = _UNPRINTABLE.sub(" ", self._cell(cells, self._mapping.columns.source_id))[:MOST_ID]
            return Rejected(number, source_id, refused.oddity, _UNPRINTABLE.sub(" ", refused.detail)[:80])

    def _read(self, number: int, cells: list[str]) -> Kept:
        columns, odd = self._mapping.columns, list[Oddity]()
        source_id = self._source_id(cells)
        opened_at = self._opened(cells, odd)
        status, done = self._status(cells, odd)
        closed_at = self._closed(cells, opened_at, done, odd)
        if closed_at is None and done:
            status = ""  # its closing lies ahead
        outcome, reason = self._outcome(cells, odd) if closed_at else (None, "")
        return Kept(
            number=number,
            source_id=source_id,
            digest=hashlib.sha256("\x1f".join(cells).encode("utf-8", "surrogatepass")).digest(),
            opened_at=opened_at,
            closed_at=closed_at,
            responded_at=self._responded(cells, opened_at, closed_at, odd),
            due_at=self._due(cells, opened_at, odd),
            point=self._point(cells, odd),
            address=self._text(self._cell(cells, columns.address), MOST_ADDRESS, odd),
            description=self._description(cells, odd),
            category=self._category(cells, odd),
            team=self._team(cells, odd),
            channel=self._channel(cells, odd),
            status=status,
            outcome=outcome,
            reason=reason,
            oddities=tuple(dict.fromkeys(odd)),
        )

    def _cell(self, cells: list[str], column: str | None) -> str:
        return cells[self._index[column]].strip() if column else ""

    def _source_id(self, cells: list[str]) -> str:
        text = self._cell(cells, self._mapping.columns.source_id)
        if not text:
            raise _Refused(Oddity.SOURCE_ID_MISSING)
        if len(text) > MOST_ID or _UNPRINTABLE.search(text):
            raise _Refused(Oddity.SOURCE_ID_BAD, text)
        return text

    def _time(self, text: str, odd: list[Oddity], *, after: datetime | None = None) -> datetime:
        """The instant; of two readings the first that is not before `after`. Raises ValueError."""
        read = self._clock.read(text)
        if read.gap:
            odd.append(Oddity.TIME_IN_GAP)
        if read.again is None:
            return read.at
        odd.append(Oddity.TIME_TWICE)
        return read.again if after is not None and read.at < after <= read.again else read.at

    def _opened(self, cells: list[str], odd: list[Oddity]) -> datetime:
        text = self._cell(cells, self._mapping.columns.opened)
        if not text:
            raise _Refused(Oddity.OPENED_MISSING)
        try:
            opened_at = self._time(text, odd)
        except ValueError:
            raise _Refused(Oddity.OPENED_BAD, text) from None
        if opened_at > self._frame.moment:
            raise _Refused(Oddity.OPENED_IN_FUTURE, text)
        return opened_at

    def _status(self, cells: list[str], odd: list[Oddity]) -> tuple[str, bool | None]:
        """The status code and whether it is done; empty and None where the file does not say."""
        statuses = self._mapping.status
        if statuses is None:
            return "", None
        code = statuses.values.get(self._cell(cells, statuses.column))
        if code is None:
            odd.append(Oddity.STATUS_UNKNOWN)
            return "", None
        return code, self._frame.groups[code] is Group.DONE

    def _closed(self, cells: list[str], opened_at: datetime, done: bool | None, odd: list[Oddity]) -> datetime | None:
        text = self._cell(cells, self._mapping.columns.closed)
        if not text:
            if done:
                odd.append(Oddity.CLOSED_TIME_MISSING)
                return opened_at
            return None
        try:
            closed_at = self._time(text, odd, after=opened_at)
        except ValueError:
            raise _Refused(Oddity.CLOSED_BAD, text) from None
        if done is False:
            odd.append(Oddity.OPEN_WITH_CLOSING)
            return None
        if closed_at > self._frame.moment:
            odd.append(Oddity.CLOSED_IN_FUTURE)
            return None
        if closed_at < opened_at:
            odd.append(Oddity.CLOSED_BEFORE_OPENED)
            return opened_at
        return closed_at

    def _due(self, cells: list[str], opened_at: datetime, odd: list[Oddity]) -> datetime | None:
        if self._mapping.columns.due is None:
            return None
        text = self._cell(cells, self._mapping.columns.due)
        if not text:
            odd.append(Oddity.DUE_MISSING)
            return None
        try:
            due_at = self._time(text, odd, after=opened_at)
        except ValueError:
            odd.append(Oddity.DUE_BAD)
            return None
        if due_at <= opened_at:
            odd.append(Oddity.DUE_BEFORE_OPENED)
            return None
        return due_at

    def _responded(self, cells: list[str], opened_at: datetime, closed_at: datetime | None, odd: list[Oddity]) -> datetime | None:
        """The first response; a closing is one where the file names no earlier."""
        text = self._cell(cells, self._mapping.columns.responded)
        if not text:
            return closed_at
        try:
            responded_at = self._time(text, odd, after=opened_at)
        except ValueError:
            responded_at = None
        if responded_at is None or not opened_at <= responded_at <= (closed_at or self._frame.moment):
            odd.append(Oddity.RESPONDED_BAD)
            return closed_at
        return responded_at

    def _point(self, cells: list[str], odd: list[Oddity]) -> Point | None:
        columns = self._mapping.position
        if columns is None:
            return None
        texts = [self._cell(cells, column).replace(columns.decimal, ".") for column in (columns.lat, columns.lon)]
        if not any(texts):
            odd.append(Oddity.POSITION_MISSING)
            return None
        try:
            point = parsing.point(*texts)
        except ValueError:
            odd.append(Oddity.POSITION_BAD)
            return None
        inside = self._frame.bounds.holds(point)
        # Greenwich lies at longitude 0: one zero alone means "missing" only where the authority does not reach.
        if (point.lat == 0 and point.lon == 0) or (not inside and 0 in (point.lat, point.lon)):
            odd.append(Oddity.POSITION_ZERO)
        elif (round(point.lat, _SAME_POINT), round(point.lon, _SAME_POINT)) in self._nowhere:
            odd.append(Oddity.POSITION_DEFAULT)
        elif not inside:
            odd.append(Oddity.OUTSIDE_BOUNDS)
        else:
            return point
        return None

    def _category(self, cells: list[str], odd: list[Oddity]) -> CategoryName:
        columns = self._mapping.category
        name = self._text(self._cell(cells, columns.name), MOST_NAME, odd)
        if not name:
            if columns.fallback is None:
                raise _Refused(Oddity.CATEGORY_MISSING)
            odd.append(Oddity.CATEGORY_FALLBACK)
            return CategoryName("", columns.fallback)
        group = self._text(self._cell(cells, columns.group), MOST_NAME, odd)
        return CategoryName(group, name, self._text(self._cell(cells, columns.code), MOST_NAME, odd))

    def _team(self, cells: list[str], odd: list[Oddity]) -> TeamName | None:
        columns = self._mapping.team
        if columns is None:
            return None
        code = self._text(self._cell(cells, columns.name), MOST_NAME, odd)
        department = self._text(self._cell(cells, columns.department), MOST_NAME, odd)
        if not code:
            odd.append(Oddity.TEAM_MISSING)
            return None
        key = (code, department)
        if key not in self._teams:
            name = code
            for old, new in columns.tidy:
                name = name.replace(old, new)
            self._teams[key] = TeamName(code, name.strip() or code, columns.departments.get(department, department))
        return self._teams[key]

    def _channel(self, cells: list[str], odd: list[Oddity]) -> str:
        channels = self._mapping.channel
        if channels.column is None:
            return channels.fallback
        known = channels.values.get(self._cell(cells, channels.column))
        if known is None:
            odd.append(Oddity.CHANNEL_UNKNOWN)
        return known or channels.fallback

    def _outcome(self, cells: list[str], odd: list[Oddity]) -> tuple[Outcome, str]:
        """The outcome, and the file's own words for it."""
        outcomes = self._mapping.outcome
        text = self._text(self._cell(cells, outcomes.column), MOST_NAME, odd)
        known = outcomes.values.get(text)
        if known is None and outcomes.column is not None:
            odd.append(Oddity.OUTCOME_UNKNOWN if text else Oddity.OUTCOME_MISSING)
        return known or outcomes.fallback, text

    def _description(self, cells: list[str], odd: list[Oddity]) -> str:
        words = self._mapping.description
        if words is None:
            return ""
        text = self._cell(cells, words.column)
        return "" if text == self._cell(cells, words.unless_same_as) else self._text(text, MOST_TEXT, odd, lines=True)

    def _text(self, text: str, most: int, odd: list[Oddity], *, lines: bool = False) -> str:
        try:
            return parsing.words(text, most=most, lines=lines)
        except ValueError:
            kept = text.replace("\r\n", "\n").replace("\r", "\n")
            cleaned = "\n".join(_UNPRINTABLE.sub(" ", line) for line in (kept.split("\n") if lines else [kept])).strip()
        if cleaned != kept.strip():
            odd.append(Oddity.TEXT_CLEANED)
        if len(cleaned) > most:
            odd.append(Oddity.TEXT_CUT)
            cleaned = cleaned[:most].rstrip()
        return cleaned

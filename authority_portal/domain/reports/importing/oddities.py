"""What can be odd about a row, and what is done about it: the table behind the printed report and the rejected file."""

from dataclasses import dataclass
from enum import StrEnum


class Oddity(StrEnum):
    """One kind of oddity. A row may have several; one that rejects it ends its reading."""

    ROW_SHAPE = "row_shape"
    ROW_BROKEN = "row_broken"
    SOURCE_ID_MISSING = "source_id_missing"
    SOURCE_ID_BAD = "source_id_bad"
    SOURCE_ID_TAKEN = "source_id_taken"
    OPENED_MISSING = "opened_missing"
    OPENED_BAD = "opened_bad"
    OPENED_IN_FUTURE = "opened_in_future"
    CLOSED_BAD = "closed_bad"
    CATEGORY_MISSING = "category_missing"

    ALREADY_THERE = "already_there"

    POSITION_MISSING = "position_missing"
    POSITION_ZERO = "position_zero"
    POSITION_DEFAULT = "position_default"
    POSITION_BAD = "position_bad"
    OUTSIDE_BOUNDS = "outside_bounds"
    OUTSIDE_AREAS = "outside_areas"
    CLOSED_BEFORE_OPENED = "closed_before_opened"
    CLOSED_IN_FUTURE = "closed_in_future"
    CLOSED_TIME_MISSING = "closed_time_missing"
    OPEN_WITH_CLOSING = "open_with_closing"
    DUE_MISSING = "due_missing"
    DUE_BAD = "due_bad"
    DUE_BEFORE_OPENED = "due_before_opened"
    RESPONDED_BAD = "responded_bad"
    TIME_IN_GAP = "time_in_gap"
    TIME_TWICE = "time_twice"
    CHANNEL_UNKNOWN = "channel_unknown"
    STATUS_UNKNOWN = "status_unknown"
    OUTCOME_MISSING = "outcome_missing"
    OUTCOME_UNKNOWN = "outcome_unknown"
    CATEGORY_FALLBACK = "category_fallback"
    TEAM_MISSING = "team_missing"
    TEXT_CLEANED = "text_cleaned"
    TEXT_CUT = "text_cut"


@dataclass(frozen=True, slots=True)
class Rule:
    """What an oddity means for the row. `field` is the part of the report it is about."""

    field: str
    sentence: str
    rejects: bool = False


def _rejected(field: str, sentence: str) -> Rule:
    return Rule(field, sentence, rejects=True)


RULES: dict[Oddity, Rule] = {
    Oddity.ROW_SHAPE: _rejected("row", "has another number of cells than the header: rejected"),
    Oddity.ROW_BROKEN: _rejected("row", "cannot be read as CSV: rejected"),
    Oddity.SOURCE_ID_MISSING: _rejected("source_id", "no source id: rejected, it could not be recognised again"),
    Oddity.SOURCE_ID_BAD: _rejected("source_id", "source id with control characters or longer than 200: rejected"),
    Oddity.SOURCE_ID_TAKEN: _rejected("source_id", "same source id as an earlier row, other content: rejected, the first stays"),
    Oddity.OPENED_MISSING: _rejected("opened", "no time of opening: rejected"),
    Oddity.OPENED_BAD: _rejected("opened", "unreadable time of opening: rejected"),
    Oddity.OPENED_IN_FUTURE: _rejected("opened", "opened after the moment of loading: rejected, it has not happened"),
    Oddity.CLOSED_BAD: _rejected("closed", "unreadable time of closing: rejected, open or closed cannot be told"),
    Oddity.CATEGORY_MISSING: _rejected("category", "no category, and the mapping names no fallback: rejected"),
    Oddity.ALREADY_THERE: Rule("source_id", "same source id and same content as before: left as it is"),
    Oddity.POSITION_MISSING: Rule("position", "no position in the file: kept without one"),
    Oddity.POSITION_ZERO: Rule("position", "missing position written as 0.0: kept without one"),
    Oddity.POSITION_DEFAULT: Rule("position", "on a point that stands for “unknown”: kept without a position"),
    Oddity.POSITION_BAD: Rule("position", "position is not a pair of numbers in range: kept without one"),
    Oddity.OUTSIDE_BOUNDS: Rule("position", "position outside the authority's bounds: kept without one"),
    Oddity.OUTSIDE_AREAS: Rule("area", "outside every area: kept with its position, without an area"),
    Oddity.CLOSED_BEFORE_OPENED: Rule("closed", "closed before opened: closed at the moment of opening"),
    Oddity.CLOSED_IN_FUTURE: Rule("closed", "closed after the moment of loading: has not happened, stays open"),
    Oddity.CLOSED_TIME_MISSING: Rule("closed", "closed without a time: closed at the moment of opening"),
    Oddity.OPEN_WITH_CLOSING: Rule("closed", "time of closing although the status is open: the status counts"),
    Oddity.DUE_MISSING: Rule("due", "no deadline in the file: has none"),
    Oddity.DUE_BAD: Rule("due", "unreadable deadline: has none"),
    Oddity.DUE_BEFORE_OPENED: Rule("due", "deadline not after the opening: has none"),
    Oddity.RESPONDED_BAD: Rule("responded", "unreadable or impossible first response: left out"),
    Oddity.TIME_IN_GAP: Rule("time", "wall time that was skipped in spring: moved on by the hour skipped"),
    Oddity.TIME_TWICE: Rule(
        "time", "wall time that came twice in autumn: the first, unless the report were closed before it was opened"
    ),
    Oddity.CHANNEL_UNKNOWN: Rule("channel", "channel empty or not in the mapping: the fallback"),
    Oddity.STATUS_UNKNOWN: Rule("status", "status empty or not in the mapping: decided by the time of closing"),
    Oddity.OUTCOME_MISSING: Rule("outcome", "closed without an outcome: the fallback"),
    Oddity.OUTCOME_UNKNOWN: Rule("outcome", "outcome not in the mapping: the fallback"),
    Oddity.CATEGORY_FALLBACK: Rule("category", "no category: the fallback"),
    Oddity.TEAM_MISSING: Rule("team", "no team in the file: has none"),
    Oddity.TEXT_CLEANED: Rule("text", "control characters, line ends or broken bytes in a text: replaced by spaces"),
    Oddity.TEXT_CUT: Rule("text", "text longer than its field: cut"),
}
"""Every oddity has its rule; a test compares."""

"""What a view of the queue is: read strictly from a query string, and written back as the one canonical query string. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlencode
from uuid import UUID

from authority_portal.domain.reports.deadlines import SlaState
from authority_portal.domain.reports.workflow import UNFINISHED, Channel, Group
from authority_portal.foundation import parsing, sentences
from authority_portal.foundation.geo import Box
from authority_portal.foundation.sentences import Sentence

LONGEST_TEXT = 200
MOST_WORDS = 10
MOST_CATEGORIES = 60
EVERY_STATUS = "all"
ME, NOBODY = "me", "nobody"
NONE = "~none"
"""For the reports without a team, or outside of every area."""
SLA_STATES = (SlaState.ON_TIME, SlaState.AT_RISK, SlaState.OVERDUE, SlaState.PAUSED, SlaState.MET, SlaState.MISSED)
SPANS = ("received", "responded", "closed")
DAYS = (*(f"{span}_{end}" for span in SPANS for end in ("from", "to")), "open_on")

T = TypeVar("T")
Member = TypeVar("Member", bound=StrEnum)


class Queue(StrEnum):
    """The tabs: whose reports."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    TEAM = "team"
    OVERDUE = "overdue"
    ALL = "all"


class Sort(StrEnum):
    """The orders of the list: earliest deadline first, or newest first."""

    DEADLINE = "deadline"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Known:
    """The codes this actor may filter by. A code that is not among them is refused, whether it exists elsewhere or not."""

    categories: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    people: frozenset[UUID] = frozenset()
    queues: frozenset[Queue] = frozenset(Queue)
    places: bool = True
    """Whether the actor may know places at all, and so filter by what the map shows."""


@dataclass(frozen=True, slots=True)
class View:
    """One view of the queue. `groups` in the workflow's order; `assignee` is ME, NOBODY, a person or None for anybody.

    Days are those of the authority's zone, the last one included; `open_on` asks for what was unfinished when that day ended.
    """

    queue: Queue
    text: str = ""
    groups: tuple[Group, ...] = UNFINISHED
    categories: tuple[str, ...] = ()
    team: str | None = None
    assignee: str | UUID | None = None
    area: str | None = None
    channel: Channel | None = None
    sla: tuple[SlaState, ...] = ()
    received_from: date | None = None
    received_to: date | None = None
    responded_from: date | None = None
    responded_to: date | None = None
    closed_from: date | None = None
    closed_to: date | None = None
    open_on: date | None = None
    box: Box | None = None
    chosen_sort: Sort | None = None

    @property
    def unfinished_only(self) -> bool:
        """No finished report can be in it: the small indexes serve."""
        return Group.DONE not in self.groups

    @property
    def sort(self) -> Sort:
        """The order in force. Finished reports have no deadline to hurry for, so with them only the newest come first."""
        if not self.unfinished_only:
            return Sort.RECEIVED
        return self.chosen_sort or Sort.DEADLINE

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the search, each of which must be found."""
        return tuple(self.text.split())

    @property
    def is_plain(self) -> bool:
        """Only groups and categories choose: what the map's rollup knows."""
        others = (self.text, self.team, self.assignee, self.area, self.channel, self.sla, self.box)
        return self.queue is Queue.ALL and not any(others) and not any(self.days.values())

    @property
    def days(self) -> dict[str, date | None]:
        """The days it is limited by, by the names of their parameters."""
        return {name: getattr(self, name) for name in DAYS}


@dataclass(slots=True)
class Reading:
    """A query string as it was understood: what was right is in `view`, what was wrong is in `wrong` with its sentence."""

    view: View
    wrong: dict[str, str] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    """What was typed into the fields that are wrong."""


def canonical(view: View) -> list[tuple[str, str]]:
    """The parameters that `read` turns into this view again, in a fixed order, without what goes without saying."""
    pairs: list[tuple[str, str]] = [("queue", view.queue)]
    pairs += [("text", view.text)] if view.text else []
    if view.groups == tuple(Group):
        pairs.append(("status", EVERY_STATUS))
    elif view.groups != UNFINISHED:
        pairs += [("status", group) for group in view.groups]
    pairs += [("category", code) for code in view.categories]
    single = (("team", view.team), ("assignee", view.assignee), ("area", view.area), ("channel", view.channel))
    pairs += [(name, str(value)) for name, value in single if value is not None]
    pairs += [("sla", state) for state in view.sla]
    pairs += [(name, day.isoformat()) for name, day in view.days.items() if day is not None]
    if view.box is not None:
        pairs.append(("bbox", box_text(view.box)))
    if view.chosen_sort is not None and view.unfinished_only and view.chosen_sort is not Sort.DEADLINE:
        pairs.append(("sort", view.chosen_sort))
    return pairs


@lru_cache(maxsize=2_000)
def query_string(view: View, *more: tuple[str, str]) -> str:
    """The canonical query string, with `more` parameters at its end. A page asks for a dozen, the next page for the same."""
    return urlencode([*canonical(view), *more])


def box_text(box: Box) -> str:
    """`west,south,east,north` with five decimals (about a metre)."""
    return ",".join(f"{edge:.5f}" for edge in (box.west, box.south, box.east, box.north))


def read(args: Mapping[str, Sequence[str]], *, known: Known, first: Queue) -> Reading:
    """The view a query string asks for; `first` is the tab of somebody who names none.

    Empty values are what a form sends for an untouched field, and are skipped. Nothing is guessed: a parameter that does not
    exist, stands twice, or has a value outside its list is named in `wrong`, and the rest of the view stays.
    """
    reader = _Reader(args)
    reader.refuse_others()
    view = View(
        queue=reader.one("queue", _among(Queue, known.queues), first),
        text=reader.one("text", _text, ""),
        groups=_groups(reader),
        categories=reader.several("category", _code(known.categories), most=MOST_CATEGORIES),
        team=reader.one("team", _code(known.teams | {NONE}), None),
        assignee=reader.one("assignee", _assignee(known), None),
        area=reader.one("area", _code(known.areas | {NONE}), None),
        channel=reader.one("channel", _among(Channel, tuple(Channel)), None),
        sla=tuple(sorted(reader.several("sla", _among(SlaState, SLA_STATES)), key=SLA_STATES.index)),
        **_days(reader),
        box=reader.one("bbox", _box(known), None),
        chosen_sort=reader.one("sort", _among(Sort, tuple(Sort)), None),
    )
    return Reading(view, reader.wrong, reader.given)


PARAMETERS = frozenset(
    (
        *("queue", "text", "status", "category", "team", "assignee", "area", "channel", "sla"),
        *(*DAYS, "bbox", "sort", "after", "before"),
    )
)
"""Every parameter of the list. `after` and `before` are cursors, which the door reads."""


class _Reader:
    """Takes values out of a query string one by one, and remembers what was wrong."""

    def __init__(self, args: Mapping[str, Sequence[str]]) -> None:
        self.args = args
        self.wrong: dict[str, str] = {}
        self.given: dict[str, str] = {}

    def refuse_others(self) -> None:
        for name in self.args:
            if name not in PARAMETERS:
                self.wrong[name[:40]] = Sentence("is not a filter of this list")

    def values(self, name: str) -> list[str]:
        return [value for value in self.args.get(name, ()) if value.strip()]

    def one(self, name: str, parse: Callable[[str], T], otherwise: T) -> T:
        values = self.values(name)
        if len(values) > 1:
            self.wrong[name] = Sentence("can be given only once")
        if len(values) != 1:
            return otherwise
        try:
            return parse(values[0])
        except ValueError as error:
            self.wrong[name], self.given[name] = sentences.of(error), values[0][:LONGEST_TEXT]
            return otherwise

    def several(self, name: str, parse: Callable[[str], T], *, most: int = 20) -> tuple[T, ...]:
        values = list(dict.fromkeys(self.values(name)))
        if len(values) > most:
            self.wrong[name] = Sentence("takes at most %(most)s values", most=most)
            return ()
        parsed = []
        for value in values:
            try:
                parsed.append(parse(value))
            except ValueError as error:
                self.wrong[name] = sentences.of(error)
        return tuple(parsed)


def _days(reader: _Reader) -> dict[str, Any]:
    days = {name: reader.one(name, parsing.day, None) for name in DAYS}
    for first, last in ((f"{span}_from", f"{span}_to") for span in SPANS):
        begins, ends = days[first], days[last]
        if begins and ends and begins > ends:
            reader.wrong[last], reader.given[last] = Sentence("must not be before the first day"), ends.isoformat()
            days[last] = None
    return days


def _groups(reader: _Reader) -> tuple[Group, ...]:
    if reader.values("status") == [EVERY_STATUS]:
        return tuple(Group)
    chosen = reader.several("status", _among(Group, tuple(Group)))
    return tuple(group for group in Group if group in chosen) or UNFINISHED


def _among(kind: type[Member], allowed: Iterable[Member]) -> Callable[[str], Member]:
    values = {str(member): member for member in kind if member in tuple(allowed)}

    def parse(text: str) -> Member:
        if text not in values:
            raise ValueError(Sentence("must be one of %(choices)s", choices=", ".join(values)))
        return values[text]

    return parse


def _code(codes: frozenset[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in codes:
            raise ValueError(Sentence("is not in the list"))
        return text

    return parse


def _assignee(known: Known) -> Callable[[str], str | UUID]:
    def parse(text: str) -> str | UUID:
        if text in (ME, NOBODY):
            return text
        person = parsing.uuid(text)
        if person not in known.people:
            raise ValueError(Sentence("is not in the list"))
        return person

    return parse


def _box(known: Known) -> Callable[[str], Box]:
    def parse(text: str) -> Box:
        if not known.places:
            raise ValueError(Sentence("needs the right to see places"))
        return parsing.box(text)

    return parse


def _text(text: str) -> str:
    words = parsing.words(text, most=LONGEST_TEXT).split()
    if len(words) > MOST_WORDS:
        raise ValueError(Sentence("must have at most %(most)s words", most=MOST_WORDS))
    return " ".join(words)

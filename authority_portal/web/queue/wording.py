"""What the queue calls things: tabs, states, channels, and the chips of the filters in force."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from flask_babel import format_date, gettext, lazy_gettext

from authority_portal.domain.reports.deadlines import SlaState
from authority_portal.domain.reports.filters import ME, NOBODY, NONE, Queue, Sort, View
from authority_portal.domain.reports.queries.filter_choices import Choice, FilterChoices
from authority_portal.domain.reports.workflow import UNFINISHED, Group
from authority_portal.web.channel_names import CHANNELS

QUEUES = {
    Queue.MINE: lazy_gettext("Mine"),
    Queue.UNASSIGNED: lazy_gettext("Unassigned"),
    Queue.TEAM: lazy_gettext("Team"),
    Queue.OVERDUE: lazy_gettext("Overdue"),
    Queue.ALL: lazy_gettext("All"),
}
HEADINGS = {
    Queue.MINE: lazy_gettext("My reports"),
    Queue.UNASSIGNED: lazy_gettext("Reports with nobody"),
    Queue.TEAM: lazy_gettext("Reports of my teams"),
    Queue.OVERDUE: lazy_gettext("Overdue reports"),
    Queue.ALL: lazy_gettext("All reports"),
}
GROUPS = {
    Group.NEW: lazy_gettext("new"),
    Group.OPEN: lazy_gettext("in work"),
    Group.WAITING: lazy_gettext("waiting"),
    Group.DONE: lazy_gettext("done"),
}
SLA = {
    SlaState.ON_TIME: lazy_gettext("on time"),
    SlaState.AT_RISK: lazy_gettext("at risk"),
    SlaState.OVERDUE: lazy_gettext("overdue"),
    SlaState.PAUSED: lazy_gettext("paused"),
    SlaState.MET: lazy_gettext("kept"),
    SlaState.MISSED: lazy_gettext("missed"),
}
SORTS = {
    Sort.DEADLINE: lazy_gettext("by deadline, earliest first"),
    Sort.RECEIVED: lazy_gettext("newest first"),
}
FIELDS = {
    "text": lazy_gettext("Words"),
    "status": lazy_gettext("Status"),
    "category": lazy_gettext("Category"),
    "team": lazy_gettext("Team"),
    "assignee": lazy_gettext("With"),
    "area": lazy_gettext("Area"),
    "sla": lazy_gettext("Deadline"),
    "received_from": lazy_gettext("Reported from"),
    "received_to": lazy_gettext("Reported until"),
    "responded_from": lazy_gettext("First answered from"),
    "responded_to": lazy_gettext("First answered until"),
    "closed_from": lazy_gettext("Closed from"),
    "closed_to": lazy_gettext("Closed until"),
    "open_on": lazy_gettext("Open at the end of"),
    "channel": lazy_gettext("Came by"),
    "bbox": lazy_gettext("Place"),
    "sort": lazy_gettext("Order"),
    "queue": lazy_gettext("Queue"),
    "after": lazy_gettext("Page"),
    "before": lazy_gettext("Page"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force: its field, its value in words, and the view without it."""

    field: str
    name: str
    value: str
    without: View


def chips(view: View, choices: FilterChoices) -> list[Chip]:
    """The filters in force, in the order of the panel."""
    return [Chip(field, str(FIELDS[field]), value, without) for field, value, without in _in_force(view, choices)]


def _in_force(view: View, choices: FilterChoices) -> Iterator[tuple[str, str, View]]:
    if view.text:
        yield "text", view.text, replace(view, text="")
    if len(view.groups) < len(Group):
        yield "status", _groups(view.groups), replace(view, groups=tuple(Group))
    if view.categories:
        yield "category", _categories(view, choices), replace(view, categories=())
    if view.team is not None:
        yield "team", _name(view.team, choices.teams, gettext("no team")), replace(view, team=None)
    if view.assignee is not None:
        yield "assignee", _assignee(view, choices), replace(view, assignee=None)
    if view.area is not None:
        yield "area", _name(view.area, choices.areas, gettext("no area")), replace(view, area=None)
    if view.channel is not None:
        yield "channel", str(CHANNELS[view.channel]), replace(view, channel=None)
    if view.sla:
        yield "sla", ", ".join(str(SLA[state]) for state in view.sla), replace(view, sla=())
    for name, day in view.days.items():
        if day is not None:
            yield name, _day(day), replace(view, **{name: None})
    if view.box is not None:
        yield "bbox", gettext("what the map shows"), replace(view, box=None)


def cleared(view: View) -> View:
    """The same tab without any filter."""
    return View(queue=view.queue)


def _groups(groups: tuple[Group, ...]) -> str:
    return gettext("not done") if groups == UNFINISHED else ", ".join(str(GROUPS[group]) for group in groups)


def _categories(view: View, choices: FilterChoices) -> str:
    names = [category.name for category in choices.categories if category.code in view.categories]
    return names[0] if len(names) == 1 else gettext("%(first)s and %(more)d more", first=names[0], more=len(names) - 1)


def _name(code: str, choices: tuple[Choice, ...], nothing: str) -> str:
    return next((choice.name for choice in choices if choice.code == code), nothing if code == NONE else code)


def _assignee(view: View, choices: FilterChoices) -> str:
    if view.assignee == ME:
        return gettext("me")
    if view.assignee == NOBODY:
        return gettext("nobody")
    return next(name for person, name in choices.people if person == view.assignee)


def _day(day: date) -> str:
    return str(format_date(datetime.combine(day, time(12)), gettext("EEE d MMM y"), rebase=False))

"""What the queue calls things: tabs, states, channels, and the chips of the filters in force."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from flask_babel import format_date, gettext, lazy_gettext

from authority_portal.domain.reports.deadlines import SlaState
from authority_portal.domain.reports.filters import ME, NOBODY, Queue, Sort, View
from authority_portal.domain.reports.queries.filter_choices import FilterChoices
from authority_portal.domain.reports.workflow import UNFINISHED, Channel, Group

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
}
SORTS = {
    Sort.DEADLINE: lazy_gettext("by deadline, earliest first"),
    Sort.RECEIVED: lazy_gettext("newest first"),
}
CHANNELS = {
    Channel.APP: lazy_gettext("App"),
    Channel.WEB: lazy_gettext("Web"),
    Channel.PHONE: lazy_gettext("Phone"),
    Channel.COUNTER: lazy_gettext("Counter"),
    Channel.LETTER: lazy_gettext("Letter"),
    Channel.EMAIL: lazy_gettext("E-mail"),
    Channel.SOCIAL: lazy_gettext("Social media"),
    Channel.STAFF: lazy_gettext("Staff"),
    Channel.SYSTEM: lazy_gettext("System"),
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
        yield "team", next(team.name for team in choices.teams if team.code == view.team), replace(view, team=None)
    if view.assignee is not None:
        yield "assignee", _assignee(view, choices), replace(view, assignee=None)
    if view.area is not None:
        yield "area", next(area.name for area in choices.areas if area.code == view.area), replace(view, area=None)
    if view.sla:
        yield "sla", ", ".join(str(SLA[state]) for state in view.sla), replace(view, sla=())
    if view.received_from is not None:
        yield "received_from", _day(view.received_from), replace(view, received_from=None)
    if view.received_to is not None:
        yield "received_to", _day(view.received_to), replace(view, received_to=None)
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


def _assignee(view: View, choices: FilterChoices) -> str:
    if view.assignee == ME:
        return gettext("me")
    if view.assignee == NOBODY:
        return gettext("nobody")
    return next(name for person, name in choices.people if person == view.assignee)


def _day(day: date) -> str:
    return str(format_date(datetime.combine(day, time(12)), gettext("EEE d MMM y"), rebase=False))

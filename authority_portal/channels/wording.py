"""The words of a message: from a letter to subject, text and HTML, in the reader's language and the authority's zone."""

import re
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import current_app
from flask_babel import force_locale, get_babel, get_locale, gettext, lazy_gettext

from authority_portal.channels.contract import Head, Words
from authority_portal.config import settings
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.notifications.letters import Letter
from authority_portal.domain.notifications.planning import News, wording_of
from authority_portal.domain.reports.workflow import Group, Outcome
from authority_portal.foundation import clock

OUTCOMES = {
    Outcome.FIXED: lazy_gettext("The problem was fixed."),
    Outcome.NOT_FIXED: lazy_gettext("The problem was looked at and will not be fixed."),
    Outcome.NOT_OURS: lazy_gettext("The problem is not ours to fix."),
    Outcome.DUPLICATE: lazy_gettext("Somebody had reported the same problem before."),
    Outcome.WITHDRAWN: lazy_gettext("The report was withdrawn."),
}
"""How a report ended, as a resident reads it."""

NEXT = {
    Group.NEW: lazy_gettext("Your report is read and given to the team it belongs to. We write again when something changes."),
    Group.OPEN: lazy_gettext("The work goes on. We write again when something changes."),
    Group.WAITING: lazy_gettext("The work stands still until an answer comes. We write again when it goes on."),
    Group.DONE: lazy_gettext("There is nothing more to come. The page of your report stays open for 90 days."),
}
"""What a resident can expect, by the group of the status."""

_SPACE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def write(letter: Letter) -> Words:
    """Subject, text and HTML of one message."""
    with force_locale(letter.locale):
        known = _known(replace(letter, note=letter.note.strip()))
        # Not flask.render_template: its context belongs to pages and their requests.
        find = current_app.jinja_env.get_template
        subject = find(f"messages/{letter.wording}/subject.txt").render(known)
        known["subject"] = _SPACE.sub(" ", subject).strip()[:200]
        return Words(
            subject=known["subject"],
            text=find(f"messages/{letter.wording}/body.txt").render(known).strip() + "\n",
            html=find(f"messages/{letter.wording}/body.html").render(known),
        )


def preview(
    *,
    authority: Card,
    reference: str,
    category: str,
    before: Group,
    status: str,
    group: Group,
    outcome: Outcome | None = None,
    note: str = "",
    locale: str | None = None,
    at: datetime | None = None,
) -> Words:
    """What a follower would receive about a step that is not taken yet. Knows no reader; the link is shown as dots."""
    news = News(change_id=0, before=before, now=group)
    return write(
        Letter(
            wording=wording_of(news),
            locale=locale or authority.locale,
            reference=reference,
            category=category,
            status=status,
            group=group,
            outcome=outcome,
            note=note,
            at=at or clock.now(),
            authority=authority,
            follow="…",
            unsubscribe="…",
        )
    )


@cache
def spoken() -> frozenset[str]:
    """The languages there are words in, by the names of their catalogues; English is what the words are written in."""
    return frozenset(str(locale) for locale in get_babel().instance.list_translations()) | {"en"}


def follow_address(letter: Letter) -> str:
    """The resident's page of this report."""
    return f"{settings().BASE_URL}/r/{letter.follow}"


def unsubscribe_address(letter: Head) -> str:
    """Where the news about this report is stopped."""
    return f"{settings().BASE_URL}/unsubscribe/{letter.unsubscribe}"


def _known(letter: Letter) -> dict[str, Any]:
    return {
        "letter": letter,
        "authority": letter.authority,
        "outcome": OUTCOMES[Outcome(letter.outcome)] if letter.outcome else "",
        "next": _next(letter),
        "when": _moment(letter.at, letter.authority.zone),
        "follow": follow_address(letter),
        "unsubscribe": unsubscribe_address(letter),
        "language": str(get_locale()).replace("_", "-"),
    }


def _next(letter: Letter) -> Any:
    """What a resident can expect. After a notice on erasing the contact no further message is promised beyond its day."""
    if letter.ends_at is None:
        return NEXT[Group(letter.group)]
    day = _day(letter.ends_at, letter.authority.zone)
    if letter.kept:
        return gettext(
            "We keep your contact details while the work goes on, so that we can tell you how it ends, but not beyond %(day)s. "
            "Once they are erased we cannot write to you any more about this report. The link below keeps working.",
            day=day,
        )
    return gettext(
        "On %(day)s we erase your contact details. From then on we cannot write to you any more about this report. "
        "The link below keeps working.",
        day=day,
    )


def _day(at: datetime, zone: str) -> str:
    return str(format_date(at.astimezone(ZoneInfo(zone)), "long", locale=get_locale()))


def _moment(at: datetime, zone: str) -> str:
    there = ZoneInfo(zone)
    return str(format_datetime(at.astimezone(there), gettext("EEE d MMM y, HH:mm"), tzinfo=there, locale=get_locale()))

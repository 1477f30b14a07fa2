"""Spans and moments in short words, the same way on every page. Pure: the caller says what time it is, and in which zone."""

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from babel import Locale
from babel.dates import format_datetime
from flask_babel import get_locale, gettext, lazy_gettext, ngettext

from authority_portal.web.signs import Deadline

KEPT = 4_096
"""Moments and spans of which the words are kept: a list shows the same ones again and again."""

NO_DEADLINE = lazy_gettext("no deadline")
WITH_SPAN = {
    "on_time": lazy_gettext("%(span)s left"),
    "at_risk": lazy_gettext("%(span)s left"),
    "overdue": lazy_gettext("%(span)s late"),
    "paused": lazy_gettext("paused, %(span)s"),
    "paused late": lazy_gettext("paused, %(span)s late"),
    "met": lazy_gettext("kept, after %(span)s"),
    "missed": lazy_gettext("missed by %(span)s"),
}
WITHOUT_SPAN = {"paused": lazy_gettext("paused"), "met": lazy_gettext("kept"), "missed": lazy_gettext("missed")}

# From here on the smaller unit no longer tells anybody anything.
HOURS_WITHOUT_MINUTES = 10
DAYS_WITHOUT_HOURS = 10
# Within this many days a weekday is enough to know which day is meant.
DAYS_NAMED_BY_WEEKDAY = 6


def span(duration: timedelta, *, locale: Locale | None = None) -> str:
    """A span in short: "28 min", "2 h 03 min", "22 h", "1 d 4 h", "13 d". The sign is ignored, parts are cut and not rounded.

    `locale` is the language in use, for callers who have asked already.
    """
    return _span(*_parts(duration), locale or get_locale())


@lru_cache(maxsize=KEPT)
def _span(days: int, hours: int, minutes: int, _locale: Locale | None) -> str:
    if days >= DAYS_WITHOUT_HOURS or (days and not hours):
        return gettext("%(days)d d", days=days)
    if days:
        return gettext("%(days)d d %(hours)d h", days=days, hours=hours)
    if hours >= HOURS_WITHOUT_MINUTES or (hours and not minutes):
        return gettext("%(hours)d h", hours=hours)
    if hours:
        return gettext("%(hours)d h %(minutes)02d min", hours=hours, minutes=minutes)
    if minutes:
        return gettext("%(minutes)d min", minutes=minutes)
    return gettext("less than 1 min")


def span_in_words(duration: timedelta) -> str:
    """A span for residents and for the ear: "2 hours 3 minutes", "1 day"."""
    days, hours, minutes = _parts(duration)
    if days >= DAYS_WITHOUT_HOURS:
        hours = 0
    if days or hours >= HOURS_WITHOUT_MINUTES:
        minutes = 0
    words = [
        ngettext("%(num)d day", "%(num)d days", days) if days else "",
        ngettext("%(num)d hour", "%(num)d hours", hours) if hours else "",
        ngettext("%(num)d minute", "%(num)d minutes", minutes) if minutes else "",
    ]
    return " ".join(word for word in words if word) or gettext("less than a minute")


def deadline_words(deadline: Deadline, *, locale: Locale | None = None) -> str:
    """Where a deadline stands: "4 h 45 min left", "1 d late", "paused, 1 d", "kept, after 1 min". `locale` as in `span`."""
    state = deadline.state
    amount = _took(deadline) if state == "met" else deadline.left
    if amount is None:
        return str(WITHOUT_SPAN.get(state, NO_DEADLINE))
    if state == "paused" and amount < timedelta(0):
        state = "paused late"
    return _with_span(state, span(amount, locale=locale), locale or get_locale())


@lru_cache(maxsize=KEPT)
def _with_span(state: str, amount: str, _locale: Locale | None) -> str:
    return str(WITH_SPAN.get(state, NO_DEADLINE)) % {"span": amount}


def moment(at: datetime, *, zone: tzinfo, locale: Locale) -> str:
    """A moment in full: "Wed 18 Nov 2026, 14:58". Raises ValueError for a time without a zone."""
    return _written(_aware(at), gettext("EEE d MMM y, HH:mm"), zone, locale)


def moment_in_short(at: datetime, *, now: datetime, zone: tzinfo, locale: Locale) -> str:
    """A moment as a list shows it: "today 08:30", "Wed 12:16", "19 Nov", "3 Feb 2025". Raises ValueError if it has no zone."""
    return moment_by_day(at, _aware(now).astimezone(zone).date(), zone, locale)


@lru_cache(maxsize=KEPT)
def moment_by_day(at: datetime, today: date, zone: tzinfo, locale: Locale) -> str:
    """The same by the day that is today in `zone`; `locale` is the language in use."""
    there = _aware(at).astimezone(zone)
    days = abs((there.date() - today).days)
    if days == 0:
        return gettext("today %(time)s", time=_written(at, gettext("HH:mm"), zone, locale))
    if days <= DAYS_NAMED_BY_WEEKDAY:
        return _written(at, gettext("EEE HH:mm"), zone, locale)
    if there.year == today.year:
        return _written(at, gettext("d MMM"), zone, locale)
    return _written(at, gettext("d MMM y"), zone, locale)


def day(at: datetime, *, now: datetime, zone: tzinfo, locale: Locale) -> str:
    """The heading of a day: "Today, Thu 19 November", "Yesterday, Wed 18 November", "Mon 3 February 2025"."""
    there, here = _aware(at).astimezone(zone), _aware(now).astimezone(zone)
    pattern = gettext("EEE d MMMM") if there.year == here.year else gettext("EEE d MMMM y")
    written = _written(at, pattern, zone, locale)
    match (here.date() - there.date()).days:
        case 0:
            return gettext("Today, %(day)s", day=written)
        case 1:
            return gettext("Yesterday, %(day)s", day=written)
    return written


def time_of_day(at: datetime, *, zone: tzinfo, locale: Locale) -> str:
    """Hours and minutes: "14:58". Raises ValueError for a time without a zone."""
    return _written(_aware(at), gettext("HH:mm"), zone, locale)


def _written(at: datetime, pattern: str, zone: tzinfo, locale: Locale) -> str:
    """`at` by a date pattern of Unicode TR35. Patterns go through gettext, because their order is a matter of language."""
    # No pattern of ours shows seconds, so that one minute is written once.
    return _minute(at.astimezone(zone).replace(second=0, microsecond=0), pattern, zone, locale)


@lru_cache(maxsize=KEPT)
def _minute(there: datetime, pattern: str, zone: tzinfo, locale: Locale) -> str:
    return str(format_datetime(there, pattern, tzinfo=zone, locale=locale))


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown: nobody knows when it was")
    return at


def _parts(duration: timedelta) -> tuple[int, int, int]:
    """Days, hours and minutes of the span without its sign."""
    whole = abs(duration)
    return whole.days, whole.seconds // 3_600, whole.seconds % 3_600 // 60


def _took(deadline: Deadline) -> timedelta | None:
    """How long it took until a kept deadline was met: what was left then is what `left` says."""
    if deadline.due_at is None or deadline.started_at is None or deadline.left is None:
        return None
    return deadline.due_at - deadline.left - deadline.started_at

"""What the figures' page calls things."""

from datetime import date
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from flask_babel import gettext, lazy_gettext

from authority_portal.domain.analytics.counting import Dimension
from authority_portal.domain.analytics.overview import Named
from authority_portal.domain.analytics.periods import Period
from authority_portal.web.channel_names import CHANNELS
from authority_portal.web.rendering import locale

DIMENSIONS = {
    Dimension.CATEGORY: lazy_gettext("Category"),
    Dimension.AREA: lazy_gettext("Area"),
    Dimension.TEAM: lazy_gettext("Team"),
    Dimension.CHANNEL: lazy_gettext("Channel"),
}
HEADINGS = {
    Dimension.CATEGORY: lazy_gettext("By category"),
    Dimension.AREA: lazy_gettext("By area"),
    Dimension.TEAM: lazy_gettext("By team"),
    Dimension.CHANNEL: lazy_gettext("By channel"),
}
NOBODYS = {Dimension.AREA: lazy_gettext("no area"), Dimension.TEAM: lazy_gettext("no team")}
PRESETS = {
    "7d": lazy_gettext("Last 7 days"),
    "28d": lazy_gettext("Last 28 days"),
    "90d": lazy_gettext("Last 90 days"),
    "365d": lazy_gettext("Last 365 days"),
    "month": lazy_gettext("This month so far"),
    "last-month": lazy_gettext("Last month"),
    "year": lazy_gettext("This year so far"),
}
FIELDS = {
    "period": lazy_gettext("Period"),
    "from": lazy_gettext("From"),
    "to": lazy_gettext("Until"),
    "by": lazy_gettext("Broken down by"),
    "rows": lazy_gettext("Rows"),
}
AGES = {
    "0": lazy_gettext("that day"),
    "1": lazy_gettext("1–2 days"),
    "3": lazy_gettext("3–6 days"),
    "7": lazy_gettext("1–2 weeks"),
    "14": lazy_gettext("2–4 weeks"),
    "28": lazy_gettext("4 weeks–2 months"),
    "60": lazy_gettext("2–3 months"),
    "90": lazy_gettext("90 days and more"),
}


def name_of(named: Named, dimension: Dimension) -> str:
    """The key in words."""
    if dimension is Dimension.CHANNEL:
        return str(next((name for channel, name in CHANNELS.items() if channel == named.code), named.name))
    return named.name or str(NOBODYS.get(dimension, named.code))


def day(value: date) -> str:
    """A day with its year: "19 Oct 2026"."""
    return _written(value, gettext("d MMM y"))


def short_day(value: date) -> str:
    """A day where the year is known: "19 Oct"."""
    return _written(value, gettext("d MMM"))


def month(period: Period) -> str:
    """A month: "October 2026"."""
    return _written(period.first, gettext("MMMM y"))


def short_month(period: Period) -> str:
    """A month below a chart: "Oct"."""
    return _written(period.first, gettext("MMM"))


def period(value: Period) -> str:
    """A period: "19 Oct – 15 Nov 2026", "October 2026"."""
    if value.is_month:
        return month(value)
    if value.days == 1:
        return day(value.first)
    first = short_day(value.first) if value.first.year == value.last.year else day(value.first)
    return gettext("%(first)s – %(last)s", first=first, last=day(value.last))


def _written(value: date, pattern: str) -> str:
    return _in(locale(), value, pattern)


@lru_cache(maxsize=10_000)
def _in(language: Locale, value: date, pattern: str) -> str:
    """The same days stand on every page, and writing one takes 100 µs."""
    return format_date(value, pattern, locale=language)

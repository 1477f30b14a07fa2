"""Single figures in words, each with the way to its rows."""

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from babel import Locale
from babel.numbers import format_decimal
from flask import url_for
from flask_babel import gettext
from markupsafe import escape

from authority_portal.domain.analytics.overview import Overview
from authority_portal.domain.analytics.suppression import Shown
from authority_portal.web.analytics.links import Link, Links, aged
from authority_portal.web.rendering import locale
from authority_portal.web.wording_of_time import span

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure in words; `href` leads to its rows, empty where there are none to look at. A page holds hundreds of them."""

    text: str
    href: str = ""

    def __html__(self) -> str:
        """As templates write it."""
        return f'<a href="{escape(self.href)}">{escape(self.text)}</a>' if self.href else str(escape(self.text))


class Writer:
    """Puts figures into words for one reader."""

    def __init__(self, found: Overview) -> None:
        self.coarse, self.locale = found.coarse, locale()
        self.queue = "" if found.coarse else url_for("queue.index")
        self.now, self.before = Links(self.queue, found.now.period), Links(self.queue, found.before.period)

    def count(self, value: int | None, link: Link | None = None, which: str = "") -> Cell:
        """A count with its rows; nobody looks at rows that are not there."""
        if value is None:
            return Cell(gettext("hidden"))
        return Cell(_number(value, self.locale), link(which) if link and value and not self.coarse else "")

    def share(self, value: float | None, link: Link, which: str = "") -> Cell:
        """A share in percent, with the rows it is the share of."""
        if value is None:
            return Cell(gettext("hidden") if self.coarse else NOTHING)
        return Cell(
            gettext("%(share)s %%", share=_number(round(100 * value, 1), self.locale)), "" if self.coarse else link(which)
        )

    def change(self, value: int | None, before: int | None) -> str:
        """By how much it grew or shrank, in percent of what it was; empty where that cannot be said."""
        if value is None or not before:
            return ""
        percent = round(100 * (value - before) / before, 1)
        sign = "+" if percent > 0 else "−" if percent < 0 else ""
        return gettext("%(sign)s%(percent)s %%", sign=sign, percent=_number(abs(percent), self.locale))

    def number(self, value: int) -> str:
        """A number that is no figure, such as those beside a chart."""
        return _number(value, self.locale)

    def time(self, seconds: int | None) -> str:
        """A length of time in short."""
        if seconds is None:
            return gettext("hidden") if self.coarse else NOTHING
        return _time(seconds, self.locale)

    def aged(self, shown: Shown, found: Overview) -> Cell:
        """The open ones of one group of ages."""
        return self.count(shown.open, lambda _which: aged(self.queue, found.now.period.last, int(shown.key or 0)))


# The same numbers come again with every look at a page, and writing one by the rules of a language takes 50 µs.
@lru_cache(maxsize=20_000)
def _number(value: float, language: Locale) -> str:
    return str(format_decimal(value, locale=language))


@lru_cache(maxsize=20_000)
def _time(seconds: int, _language: Locale) -> str:
    return span(timedelta(seconds=seconds))

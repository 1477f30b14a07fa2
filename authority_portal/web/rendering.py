"""What every template can use: language and zone of the authority, times and numbers in words, addresses of assets, signs."""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_decimal
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, get_locale, gettext
from markupsafe import Markup, escape

from authority_portal.config import CHECKOUT
from authority_portal.domain.access.permissions import Permission
from authority_portal.foundation import clock
from authority_portal.foundation.sentences import Sentence
from authority_portal.web import signs
from authority_portal.web import wording_of_time as words

LANGUAGES = ("en",)
"""The languages the pages are written in, besides messages, which may speak more. A house test proves that each is complete."""

# Counting stops here: nobody needs to know whether it is 1,204 or 1,377, and the database is spared.
COUNTED_UP_TO = 1_000

# What may follow a part of town: a state, and a postcode of the United States or of the United Kingdom.
_AFTER_PLACE = re.compile(r"([\s,]+[A-Z]{2})?([\s,]+(\d{5}(-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}))?[\s,]*\Z", re.ASCII)


def init_app(app: Flask) -> None:
    """Install Flask-Babel, the filters and the globals below."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(CHECKOUT / "translations"))
    Babel(app, locale_selector=_locale, timezone_selector=zone)
    app.extensions["asset_hashes"] = {}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        may=may, asset=asset, language=language, fuse_width=signs.FUSE_WIDTH, clock_width=signs.CLOCK_WIDTH
    )
    app.jinja_env.tests.update(fixed=signs.is_fixed, ending_in=ends_in)
    app.jinja_env.filters.update(
        age=age,
        capped=capped,
        clock_face=signs.clock_face,
        day_heading=day_heading,
        deadline_sign=signs.deadline_sign,
        deadline_tone=signs.deadline_tone,
        deadline_words=words.deadline_words,
        distance=distance,
        duration_words=words.span_in_words,
        fuse_run=signs.fuse_run,
        initials=initials,
        local_time=local_time,
        message_sign=signs.message_sign,
        number=number,
        said=said,
        short_text=short_text,
        short_time=short_time,
        span=words.span,
        status_sign=signs.status_sign,
        time_of_day=time_of_day,
    )


def may(permission: str) -> bool:
    """Whether the visitor holds a permission such as `report:record` at any reach: ways to closed doors are not shown."""
    actor = g.get("actor")
    return actor is not None and actor.holds(Permission(permission))


def zone() -> tzinfo:
    """The zone every time is shown in: `g.zone`, else that of `g.authority`, else UTC."""
    chosen = g.get("zone") or getattr(g.get("authority"), "zone", None) or "UTC"
    return ZoneInfo(chosen) if isinstance(chosen, str) else chosen


def locale() -> Locale:
    """The language in use. Flask-Babel keeps it for the request; who changes `g.locale` later calls `flask_babel.refresh()`."""
    return get_locale() or Locale("en")


def language() -> str:
    """The language as HTML wants it: "en", "pt-BR"."""
    return str(locale()).replace("_", "-")


def said(text: object) -> str:
    """A Sentence in the reader's language, its numbers written as that language does. Any other text is data and stays."""
    if not isinstance(text, Sentence) or not text:
        return str(text)
    values = {name: _in_full(value) if isinstance(value, int | float) else said(value) for name, value in text.values.items()}
    return str(gettext(text.msgid, **values))


def asset(path: str) -> str:
    """Address of a file below static/, with a hash of its content so that it can be cached for good.

    A file that is not there keeps its plain address: pages work without scripts, so a vendor folder not built yet breaks none.
    """
    known: dict[str, str] = current_app.extensions["asset_hashes"]
    if path in known:
        return known[path]
    file, plain = Path(current_app.static_folder or "") / path, f"{current_app.static_url_path}/{path}"
    if not file.is_file():
        return plain
    known[path] = f"{plain}?v={hashlib.sha256(file.read_bytes()).hexdigest()[:10]}"
    return known[path]


@dataclass(frozen=True, slots=True)
class Moments:
    """How moments are shown here and now, for whoever shows many: zone and language are asked once."""

    zone: tzinfo
    locale: Locale
    today: date

    @classmethod
    def here(cls, now: datetime) -> "Moments":
        """As this request shows them."""
        return cls(zone(), locale(), now.astimezone(zone()).date())

    def short(self, at: datetime) -> Markup:
        """A moment as lists show it, with its tag."""
        return _tagged_in_short(at, self.today, self.zone, self.locale)


def local_time(at: datetime) -> Markup:
    """The moment in full, in the authority's zone."""
    return _tagged(at, words.moment(at, zone=zone(), locale=locale()))


def short_time(at: datetime) -> Markup:
    """The moment as lists show it, in the authority's zone."""
    return Moments.here(clock.now()).short(at)


def short_text(at: datetime) -> str:
    """The same without its tag, for labels and drawings."""
    return words.moment_in_short(at, now=clock.now(), zone=zone(), locale=locale())


def time_of_day(at: datetime) -> Markup:
    """Hours and minutes below the heading of their day."""
    return _tagged(at, words.time_of_day(at, zone=zone(), locale=locale()))


def day_heading(at: datetime) -> str:
    """The day of a moment, in the authority's zone: "Today, Thu 19 November"."""
    return words.day(at, now=clock.now(), zone=zone(), locale=locale())


def age(at: datetime) -> str:
    """How long ago: "3 d", "2 h 38 min"."""
    return words.span(max(timedelta(0), clock.now() - at))


def number(value: float) -> str:
    """A number as people of this language write it."""
    return str(format_decimal(value, locale=locale()))


def capped(value: int, cap: int = COUNTED_UP_TO) -> str:
    """A count, or "1,000+" from `cap` on."""
    return number(value) if value < cap else gettext("%(number)s+", number=number(cap))


def distance(metres: float) -> str:
    """A distance: "73 m", "1.2 km"."""
    if round(metres) < 1_000:
        return gettext("%(metres)s m", metres=number(round(metres)))
    return gettext("%(kilometres)s km", kilometres=number(round(metres / 1_000, 1)))


def ends_in(address: str, locality: str) -> bool:
    """Whether an address ends with this part of town, but for its state and postcode. A street may carry the name as well."""
    words = _AFTER_PLACE.sub("", address).casefold().replace(",", " ").split()
    wanted = locality.casefold().replace(",", " ").split()
    return words[-len(wanted) :] == wanted


def initials(name: str) -> str:
    """The first letters of the first and the last word of a name, for the round mark of an account."""
    parts = name.split()
    return "".join(part[0] for part in dict.fromkeys((parts[0], parts[-1]))).upper() if parts else "?"


def _in_full(value: float) -> str:
    """A number with every digit it has: what a sentence names may be a coordinate."""
    return str(format_decimal(value, locale=locale(), decimal_quantization=False))


def _locale() -> Locale | None:
    """`g.locale`, else the authority's language, else what a stranger's browser asks for; never one without words."""
    chosen = str(g.get("locale") or getattr(g.get("authority"), "locale", None) or _asked_for()).replace("-", "_")
    return _parsed(chosen) if chosen.partition("_")[0] in LANGUAGES else None


@lru_cache(maxsize=256)
def _parsed(name: str) -> Locale:
    """One object per language, so that what is kept by language is found by a glance."""
    return Locale.parse(name)


def _asked_for() -> str:
    wanted = request.accept_languages.values() if has_request_context() else ()
    return next((bare for each in wanted if (bare := each.partition("-")[0].lower()) in LANGUAGES), LANGUAGES[0])


@lru_cache(maxsize=words.KEPT)
def _tagged_in_short(at: datetime, today: date, there: tzinfo, speech: Locale) -> Markup:
    return _tagged(at, words.moment_by_day(at, today, there, speech), there)


def _tagged(at: datetime, text: str, here: tzinfo | None = None) -> Markup:
    there = at.astimezone(here or zone()).isoformat(timespec="seconds")
    return Markup(f'<time datetime="{there}">{escape(text)}</time>')  # noqa: S704  # digits and an escaped text

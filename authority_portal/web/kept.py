"""What pages make once and keep: small pieces that look the same every time, and the words of a language.

A row of a list has four signs, a status and a deadline, and every page a few hundred words. Making them anew each time was two
thirds of what the queue cost. Kept is only what depends on nothing but the key it is kept under.

A row of the queue is kept under all that its reader may see of it, a holder's name and an address among it: in memory alone, and
shown only to whoever was given the same row.
"""

from collections.abc import Callable, Hashable
from typing import Any

from babel import Locale
from flask import Flask
from flask_babel import Domain, get_locale
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from authority_portal.web import signs
from authority_portal.web import wording_of_time as words

MOST = 4_096
"""Pieces of one kind; then it begins anew."""

Key = Callable[..., Hashable | None]


class Words(Domain):  # type: ignore[misc]  # flask-babel has no types
    """The catalogues as flask-babel has them, each text kept by its language: its own way to one looks nine times into `g`."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: dict[Locale | None, dict[str, str]] = {}
        self._marked: dict[Locale | None, dict[str, Markup]] = {}

    def gettext(self, string: str, **variables: Any) -> str:
        """The text in the language in use."""
        found = self._text(string)
        return found % variables if variables else found

    def marked(self, string: str, /, **variables: Any) -> Markup:
        """The same for templates: safe by itself, its variables escaped."""
        if variables:
            return Markup(self._text(string)) % variables  # noqa: S704  # our own words; what goes into them is escaped
        kept = self._marked.setdefault(get_locale(), {})
        found = kept.get(string)
        if found is None:
            found = kept[string] = Markup(self._text(string)) % {}  # noqa: S704  # our own words
        return found

    def _text(self, string: str) -> str:
        kept = self._texts.setdefault(get_locale(), {})
        found = kept.get(string)
        if found is None:
            found = super().gettext(string)
            if len(kept) < MOST:
                kept[string] = found
        return found


def init_app(app: Flask) -> None:
    """Let the templates keep their words and their small pieces. Call after Flask-Babel is there."""
    catalogues = app.extensions["babel"].instance.domain_instance = Words()
    app.jinja_env.globals["_"] = app.jinja_env.globals["gettext"] = _for_templates(catalogues)
    keep(app.jinja_env, "components/icon.html", "icon", _icon)
    keep(app.jinja_env, "components/status_tag.html", "status_tag", _status_tag)
    keep(app.jinja_env, "components/due.html", "due", _due)
    keep(app.jinja_env, "components/due.html", "fuse", _fuse)
    keep(app.jinja_env, "queue/_row.html", "row", _row)


def _for_templates(catalogues: Words) -> Callable[..., str]:
    """The texts as templates ask for them: marked as safe on pages, plain in the text part of a mail."""

    @pass_context
    def gettext(context: Context, string: str, /, **variables: Any) -> str:
        if context.eval_ctx.autoescape:
            return catalogues.marked(string, **variables)
        return catalogues.gettext(string) % variables

    return gettext


def keep(environment: Environment, template: str, macro: str, key: Key) -> None:
    """Let `macro` be made once for each key; a key of None is made anew every time."""
    module = environment.get_template(template).module
    make = getattr(module, macro)
    kept: dict[Hashable, Markup] = {}

    def piece(*args: Any, **named: Any) -> Markup:
        known_as = key(*args, **named)
        if known_as is None:
            return make(*args, **named)  # type: ignore[no-any-return]  # macros give Markup
        found = kept.get(known_as)
        if found is None:
            if len(kept) >= MOST:
                kept.clear()
            found = kept[known_as] = make(*args, **named)
        return found

    setattr(module, macro, piece)


def _icon(name: str, label: str | None = None, **named: Any) -> Hashable | None:
    # A label is somebody's words, safe or not yet: it is escaped anew every time.
    return None if label is not None or "label" in named else (name, named.get("class"))


def _status_tag(status: Any, boxed: bool = False) -> Hashable:
    return signs.status_sign(status), signs.is_fixed(status), type(status.name), status.name, boxed


def _due(deadline: Any, boxed: bool = False, with_date: bool = False) -> Hashable | None:
    return None if with_date else (deadline.state, words.deadline_words(deadline), boxed)


def _fuse(deadline: Any) -> Hashable:
    return deadline.state, signs.fuse_run(deadline)


def _row(line: Hashable) -> Hashable:
    return line, get_locale()

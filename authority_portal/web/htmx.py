"""htmx-flask, wrapped once: its bugs are covered here and nowhere else.

The library refuses modifiers in `reswap`, loses `replace_url` when `push_url=False` stands beside it, breaks on non-Latin-1
trigger names and sets no `Vary`. So this module sets headers itself, sends triggers as JSON only, and varies always.
"""

import json
from typing import Any

from flask import Flask, make_response, request
from htmx_flask import Htmx
from werkzeug.wrappers import Response


def init_app(app: Flask) -> None:
    """Let `request.htmx` work, and tell every cache that fragments and pages differ."""
    Htmx().init_app(app)

    @app.after_request
    def vary(answer: Response) -> Response:
        answer.vary.update(("HX-Request", "Cookie"))
        return answer


def wants_fragment() -> bool:
    """True for an htmx request that is not restoring history: a restored page must be whole."""
    asked = request.htmx  # type: ignore[attr-defined]  # the request class htmx-flask installs
    return bool(asked) and not asked.history_restore_request


def fragment(body: str, status: int = 200, *, replace_url: str | None = None, trigger: dict[str, Any] | None = None) -> Response:
    """A fragment's answer. `trigger` maps event names to plain values; `replace_url` is a path of this site."""
    answer: Response = make_response(body, status)
    if replace_url is not None:
        answer.headers["HX-Replace-Url"] = replace_url
    if trigger:
        answer.headers["HX-Trigger"] = json.dumps(trigger)
    return answer

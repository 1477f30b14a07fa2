"""The first lock of every door: the route says who may enter, and nobody enters a route that says nothing.

`@requires(Permission.X)` for staff, `@public` for everybody, `@by_key(Permission.X)` for API clients, whose key the Open311
door checks itself. The second lock, on the object, is the command's policy.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin
from werkzeug.wrappers import Response

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities import card
from authority_portal.domain.staff import sessions
from authority_portal.foundation.db import bind, transaction
from authority_portal.web import addresses, ingress
from authority_portal.web.browser_session import BrowserSessions, cookie_name, drop_cookie, visitor_cookie

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"
HOMES = (
    ("queue.index", Permission.REPORT_READ),
    ("analytics.overview", Permission.FIGURES_READ),
    ("account.show", Permission.ACCOUNT_OWN),
)
"""Where people begin: the first of these that they may enter."""

POLLED = frozenset({"queue.news"})
"""What pages ask by themselves: it must not keep a session alive that nobody uses."""

_SECRET = re.compile(r"[A-Za-z0-9_-]{20,100}\Z")
_DATA = (".geojson", ".json", ".js", ".css", "/live")


@dataclass(frozen=True, slots=True)
class Visitor(UserMixin):
    """Flask-Login's view of who is signed in: what templates know as `current_user`."""

    id: str
    name: str
    email: str


def requires(permission: Permission) -> Callable[[View], View]:
    """Only signed-in staff who hold `permission` at any reach enter."""
    return _declare(("staff", permission))


def by_key(permission: Permission) -> Callable[[View], View]:
    """API clients enter with their key; the Open311 door reads it and answers in its own form."""
    return _declare(("client", permission))


def public(view: View) -> View:
    """Everybody enters."""
    return _declare((PUBLIC, None))(view)


def entry_of(view: Callable[..., Any]) -> tuple[str, Permission | None] | None:
    """What a view declared; None if it declared nothing."""
    return getattr(view, "portal_entry", None)


def init_app(app: Flask) -> None:
    """Put the lock in front of every route."""
    app.session_interface = BrowserSessions()
    manager = LoginManager(app)
    manager.session_protection = None  # our sessions live in the database; there is nothing in the cookie to protect
    manager.request_loader(_visitor)
    app.before_request(_admit)


def recognised() -> sessions.Entrance | None:
    """Whom the request's cookie belongs to. Public doors ask for it when it makes a difference; the others were asked."""
    secret = request.cookies.get(cookie_name(), "")
    return sessions.recognise(secret) if _SECRET.match(secret) else None


def home(actor: Actor) -> str:
    """The first page this person may see."""
    return url_for(next(endpoint for endpoint, permission in HOMES if actor.holds(permission)))


def left(answer: Response) -> Response:
    """An answer after which the browser knows nothing of the session any more. The cookie of a known browser stays.

    From here on the visitor is a stranger: what is flashed now is for the sign-in page.
    """
    g.entrance = None
    for name in (cookie_name(), visitor_cookie()):
        drop_cookie(answer, name)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _declare(entry: tuple[str, Permission | None]) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.portal_entry = entry  # type: ignore[attr-defined]  # read back by entry_of
        return view

    return mark


def _admit() -> Response | None:
    if request.endpoint is None:
        return None  # no route: Flask answers 404 or 405
    if request.endpoint == "static":
        return None
    entry = entry_of(_view())
    if entry is None:
        abort(404)
    kind, permission = entry
    if kind != "staff":
        ingress.check_form(largest=ingress.LARGEST_OF_STRANGERS)
        return None
    entrance = recognised()
    if entrance is None:
        return _to_the_door()
    if request.endpoint not in POLLED and sessions.due(entrance):
        with transaction():
            sessions.seen(entrance)
    g.entrance, g.actor = entrance, entrance.actor()
    g.authority = card.by_id(entrance.authority_id)
    g.theme, g.keys = entrance.theme, "on" if entrance.single_keys else "off"
    bind(entrance.authority_id)
    if permission is None or not g.actor.holds(permission):
        abort(403)
    ingress.check_form()
    if current_app.config["WTF_CSRF_ENABLED"]:
        current_app.extensions["csrf"].protect()
    return None


def _visitor(_request: object) -> Visitor | None:
    entrance = g.get("entrance")
    return None if entrance is None else Visitor(str(entrance.staff_id), entrance.name, entrance.email)


def _view() -> Callable[..., Any]:
    return current_app.view_functions[request.endpoint or ""]


def _to_the_door() -> Response:
    """A page goes to the sign-in and comes back; a fragment makes the whole page go; data gets a plain 401."""
    if request.headers.get("HX-Request") == "true":
        answer = Response(status=401)
        answer.headers["HX-Redirect"] = url_for("sign_in.form", next=_path_of(request.headers.get("HX-Current-URL")))
        return answer
    if request.path.endswith(_DATA) or request.headers.get("Sec-Fetch-Dest", "document") != "document":
        return Response(status=401)
    here = request.full_path.rstrip("?") if request.method == "GET" else _path_of(request.referrer)
    return redirect(url_for("sign_in.form", next=here), code=303)


def _path_of(address: str | None) -> str | None:
    """Path and query of a page of ours. Only a hint: the sign-in checks it like everything that comes from outside."""
    parts = addresses.parts(address)
    if not addresses.is_ours(parts):
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path

"""The first lock of every door: the route says who may enter, and nobody enters a route that says nothing.

`@requires(Permission.X)` for staff, `@public` for everybody, `@by_key(Permission.X)` for API clients, whose key the Open311
door checks itself. The second lock, on the object, is the command's policy.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from authority_portal.config import settings
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities import card
from authority_portal.domain.staff import sessions
from authority_portal.foundation.db import bind, transaction

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"


def cookie_name() -> str:
    """`__Host-` binds the cookie to this host, path / and TLS; plain http on loopback cannot have that."""
    return "__Host-portal" if settings().BASE_URL.startswith("https://") else "portal"


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
    app.before_request(_admit)


def _declare(entry: tuple[str, Permission | None]) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.portal_entry = entry  # type: ignore[attr-defined]  # read back by entry_of
        return view

    return mark


def _admit() -> Response | None:
    bind(None)
    if request.endpoint is None:
        return None  # no route: Flask answers 404 or 405
    if request.endpoint == "static":
        return None
    entry = entry_of(_view())
    if entry is None:
        abort(404)
    kind, permission = entry
    if kind != "staff":
        return None
    entrance = _recognised()
    if entrance is None:
        return _to_the_door()
    if sessions.due(entrance):
        with transaction():
            sessions.seen(entrance)
    g.entrance, g.actor = entrance, entrance.actor()
    g.authority = card.by_id(entrance.authority_id)
    g.theme, g.keys = entrance.theme, "on" if entrance.single_keys else "off"
    bind(entrance.authority_id)
    if permission is None or not g.actor.holds(permission):
        abort(403)
    return None


def _view() -> Callable[..., Any]:
    return current_app.view_functions[request.endpoint or ""]


def _recognised() -> sessions.Entrance | None:
    secret = request.cookies.get(cookie_name(), "")
    return sessions.recognise(secret) if 20 <= len(secret) <= 100 else None


def _to_the_door() -> Response:
    """A page goes to the sign-in and comes back; a fragment makes the whole page go; data gets a plain 401."""
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    if request.headers.get("HX-Request") == "true":
        answer = Response(status=401)
        answer.headers["HX-Redirect"] = url_for("sign_in.form")
        return answer
    if request.path.endswith((".geojson", ".json", "/live")):
        return Response(status=401)
    return redirect(url_for("sign_in.form", next=here), code=303)

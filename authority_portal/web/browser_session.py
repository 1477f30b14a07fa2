"""Flask's `session`, kept where it belongs: with signed-in staff in their session's row, otherwise in one short signed cookie.

The row was read by the guard anyway, so there is no further statement and no second cookie; nothing is written unless
something changed. Visitors get a cookie only when a form needs a CSRF token, which is the sign-in form alone, or when they have
just signed out and are told so there.
"""

from collections.abc import Iterator
from typing import Any

from flask import Flask, g, request
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Request, Response

from authority_portal.config import settings
from authority_portal.domain.staff import sessions
from authority_portal.domain.staff.sessions import Entrance
from authority_portal.foundation.db import transaction

VISITOR_SECONDS = 2 * 60 * 60
LONGEST_COOKIE = 2_000
"""Characters: what a CSRF token needs many times over; anything longer is not ours."""


class BrowserSession(SessionMixin):
    """Read at first use, because only the guard knows whether somebody is signed in."""

    modified = False

    def __init__(self) -> None:
        self._values: dict[str, Any] | None = None
        self.entrance: Entrance | None = None

    def _read(self) -> dict[str, Any]:
        entrance = g.get("entrance")
        if self._values is None or entrance is not self.entrance:
            self.entrance = entrance
            self._values = dict(entrance.data) if entrance is not None else _of_a_visitor()
        return self._values

    def __getitem__(self, key: str) -> Any:
        return self._read()[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._read()[key] = value
        self.modified = True

    def __delitem__(self, key: str) -> None:
        del self._read()[key]
        self.modified = True

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


class BrowserSessions(SessionInterface):
    """Where Flask finds and leaves `session`."""

    def open_session(self, app: Flask, request: Request) -> BrowserSession:  # noqa: ARG002  # Flask's signature
        return BrowserSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002  # Flask's signature
        if not session.modified or not isinstance(session, BrowserSession):
            return
        if session.entrance is not None:
            with transaction():
                sessions.keep(session.entrance.digest, dict(session))
            return
        set_cookie(response, visitor_cookie(), _signer().dumps(dict(session)), seconds=VISITOR_SECONDS)


def visitor_cookie() -> str:
    """Name of the short cookie of people who are not signed in."""
    return _host_bound("portal-form")


def cookie_name() -> str:
    """Name of the cookie that carries a session's secret."""
    return _host_bound("portal")


def browser_cookie() -> str:
    """Name of the cookie by which the throttle knows a browser in which somebody signed in before."""
    return _host_bound("portal-browser")


def set_cookie(response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """A cookie that no script reads and no other site sends; without `seconds` it ends with the browser."""
    response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="Lax", secure=_on_tls())


def drop_cookie(response: Response, name: str) -> None:
    """Take a cookie away, with the same attributes it was set with (`__Host-` asks for them)."""
    response.delete_cookie(name, path="/", httponly=True, samesite="Lax", secure=_on_tls())


def _host_bound(name: str) -> str:
    """`__Host-` binds a cookie to this host, path / and TLS; plain http on loopback cannot have that."""
    return f"__Host-{name}" if _on_tls() else name


def _on_tls() -> bool:
    return settings().BASE_URL.startswith("https://")


def _of_a_visitor() -> dict[str, Any]:
    text = request.cookies.get(visitor_cookie(), "")
    if not text or len(text) > LONGEST_COOKIE:
        return {}
    try:
        values = _signer().loads(text, max_age=VISITOR_SECONDS)
    except BadSignature:
        return {}
    return values if isinstance(values, dict) else {}


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().SECRET_KEY, salt="visitor session")

"""What every answer carries, and what no unsafe request may lack."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, request
from werkzeug.wrappers import Response

from authority_portal.config import settings
from authority_portal.web import addresses

View = TypeVar("View", bound=Callable[..., Any])
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
KEPT = "public, max-age=31536000, immutable"


def init_app(app: Flask) -> None:
    """Install the checks before and the headers after."""
    app.before_request(_same_origin)
    app.after_request(_protect)


def from_anywhere(view: View) -> View:
    """Mark a view whose address alone is the right to use it, without any cookie: other pages and programs may post to it."""
    view.portal_from_anywhere = True  # type: ignore[attr-defined]  # read back below
    return view


def _same_origin() -> None:
    """Unsafe requests come from our own pages. API clients send neither header and carry a key instead of a cookie."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in SAFE or getattr(view, "portal_from_anywhere", False):
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    origin = request.headers.get("Origin")
    if origin is not None and not addresses.is_ours(addresses.parts(origin)):
        abort(403)


def _protect(answer: Response) -> Response:
    headers = answer.headers
    headers.setdefault("Content-Security-Policy", POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "geolocation=(), camera=(), microphone=(), payment=(), usb=()")
    headers.setdefault("X-Frame-Options", "DENY")
    if settings().BASE_URL.startswith("https://"):
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint == "static" and "v" in request.args and answer.status_code == 200:
        headers["Cache-Control"] = KEPT
    elif request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return answer

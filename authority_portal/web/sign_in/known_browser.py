"""The cookie that says "somebody signed in from here before": the throttle lets them try beside a stranger's flood.

It opens nothing. Strictly necessary: without it anybody could keep a person out by trying wrong passwords in their name.
"""

import secrets
from uuid import UUID

from flask import request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from authority_portal.config import settings
from authority_portal.web.browser_session import LONGEST_COOKIE, browser_cookie, set_cookie

KEPT_SECONDS = 180 * 24 * 60 * 60


def read() -> tuple[UUID | None, str]:
    """Who signed in from this browser before, and the browser's random name; (None, "") for a new one."""
    text = request.cookies.get(browser_cookie(), "")
    try:
        staff_id, name = _signer().loads(text) if 0 < len(text) <= LONGEST_COOKIE else ("", "")
        return UUID(staff_id), str(name)
    except (BadSignature, ValueError, TypeError):
        return None, ""


def remember(response: Response, staff_id: UUID) -> None:
    """Know this browser for half a year, under the name it has for this person or a new one."""
    known_as, name = read()
    kept = name if known_as == staff_id else secrets.token_urlsafe(16)
    set_cookie(response, browser_cookie(), _signer().dumps([str(staff_id), kept]), seconds=KEPT_SECONDS)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(settings().SECRET_KEY, salt="known browser")

"""Where to go after signing in: never an address that somebody wrote into `next`, only one that is built anew from our routes."""

from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from flask import current_app, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from authority_portal.web.guard import entry_of

LONGEST = 2_000


def way_back(wanted: str | None) -> str | None:
    """`wanted` as a path of this site that signed-in staff can open with GET; None if it is anything else."""
    if not wanted or len(wanted) > LONGEST or not wanted.startswith("/") or wanted.startswith("//"):
        return None
    if "\\" in wanted or any(ord(character) < 0x21 or ord(character) == 0x7F for character in wanted):
        return None
    parts = urlsplit(wanted)
    if parts.scheme or parts.netloc:
        return None
    try:
        path = unquote(parts.path, errors="strict")
        endpoint, values = current_app.url_map.bind("").match(path, method="GET")
        query = parse_qsl(parts.query, keep_blank_values=True, errors="strict", max_num_fields=100)
    except (HTTPException, RequestRedirect, ValueError):
        return None
    entry = entry_of(current_app.view_functions[endpoint])
    if entry is None or entry[0] != "staff":
        return None
    path = url_for(endpoint, **values)
    return f"{path}?{urlencode(query)}" if query else path

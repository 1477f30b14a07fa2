"""What no view ever gets to see: addresses and forms that are not text, and forms made to keep us busy.

Werkzeug replaces bytes that are not UTF-8, and PostgreSQL refuses NUL with an exception in the middle of the work. Both are
refused here with 400, before routing matters and before the database is asked.
"""

from urllib.parse import unquote_to_bytes

from flask import Flask, abort, request

LONGEST_QUERY = 8_000
MOST_FIELDS = 2_000
"""More than any form or filter of ours sends. Werkzeug limits the parts of multipart forms only."""

LARGEST_OF_STRANGERS = 16 * 1024
"""Bytes of a multipart form at a public door: a few words, never a file."""

FORM = "application/x-www-form-urlencoded"
OWN_READERS = ("open311",)
"""Doors that read their forms themselves, as strictly, because their answer has to name the field."""


def init_app(app: Flask) -> None:
    """Check every request first."""
    app.before_request(_check)


def check_form(*, largest: int | None = None) -> None:
    """Refuse NUL in the values of a multipart form, and one of more than `largest` bytes.

    Called once the guard let somebody in, because reading such a form costs disk.
    """
    if request.mimetype != "multipart/form-data" or request.blueprint in OWN_READERS:
        return
    if largest is not None:
        request.max_content_length = largest
    if any("\0" in value for _, value in request.form.items(multi=True)):
        abort(400)


def _check() -> None:
    query = request.query_string
    if len(query) > LONGEST_QUERY:
        abort(414)
    _check_text(request.environ.get("PATH_INFO", "").encode("latin-1", "replace"))
    _check_text(unquote_to_bytes(query))
    if request.mimetype == FORM and request.blueprint not in OWN_READERS and request.method not in ("GET", "HEAD", "OPTIONS"):
        request.max_content_length = request.max_form_memory_size
        body = request.get_data()
        if body.count(b"&") >= MOST_FIELDS:
            abort(413)
        _check_text(unquote_to_bytes(body.replace(b"+", b" ")))


def _check_text(raw: bytes) -> None:
    if b"\0" in raw:
        abort(400)
    try:
        raw.decode()
    except UnicodeDecodeError:
        abort(400)

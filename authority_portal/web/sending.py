"""Sending a photo's file, the same way from every door that was asked for one and knows that it may be seen."""

from flask import abort, send_file
from werkzeug.wrappers import Response

from authority_portal.config import settings
from authority_portal.foundation import storage

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
}
"""Should a photo ever be opened as a page, it can do nothing; and nobody keeps it who may lose the right to see it."""


def photo(authority_id: int, name: str, *, small: bool = False) -> Response:
    """The file of a stored photo, whose name the caller found in the database; 404 if it is gone.

    With MEDIA_PREFIX the proxy in front is told where the file lies and sends it itself, under the same headers.
    """
    file = storage.path(authority_id, name, small=small)
    if not file.is_file():
        abort(404)
    if prefix := settings().MEDIA_PREFIX:
        answer = Response(mimetype="image/jpeg", headers={"Content-Disposition": "inline; filename=photo.jpg"})
        answer.headers["X-Accel-Redirect"] = f"{prefix}/{file.relative_to(settings().storage_folder).as_posix()}"
    else:
        answer = send_file(file, mimetype="image/jpeg", download_name="photo.jpg", etag=False, conditional=False)
    answer.headers.update(HEADERS)
    return answer

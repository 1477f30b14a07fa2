"""Photos: one address each, for those who may see them."""

from flask import Blueprint, abort, g, request, send_file
from werkzeug.wrappers import Response

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.reports.queries import photos as queries
from authority_portal.foundation import storage
from authority_portal.web.guard import requires

photos = Blueprint("photos", __name__, url_prefix="/photos")

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
}
"""Should a photo ever be opened as a page, it can do nothing; and nobody keeps it who may lose the right to see it."""


@photos.get("/<name>")
@requires(Permission.REPORT_READ)
def show(name: str) -> Response:
    """A photo, or with `?size=small` its small version."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    queries.check_may_see(name, by=g.actor)
    size = request.args.get("size", "")
    file = storage.path(g.actor.authority_id, name, small=size == "small")
    if size not in ("", "small") or not file.is_file():
        abort(404)
    answer = send_file(file, mimetype="image/jpeg", download_name="photo.jpg", etag=False, conditional=False)
    answer.headers.update(HEADERS)
    return answer

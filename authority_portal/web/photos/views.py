"""Photos: one address each, for those who may see them."""

from flask import Blueprint, abort, g, request
from werkzeug.wrappers import Response

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.reports.queries import photos as queries
from authority_portal.web import sending
from authority_portal.web.guard import requires

photos = Blueprint("photos", __name__, url_prefix="/photos")


@photos.get("/<name>")
@requires(Permission.REPORT_READ)
def show(name: str) -> Response:
    """A photo, or with `?size=small` its small version."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    queries.check_may_see(name, by=g.actor)
    size = request.args.get("size", "")
    if size not in ("", "small"):
        abort(404)
    return sending.photo(g.actor.authority_id, name, small=size == "small")

"""Photos that come with a POST: looked at only if the rest can be taken, and made into pictures outside any transaction."""

from contextlib import AbstractContextManager

from flask import g

from authority_portal.domain.reports.commands import photos
from authority_portal.domain.reports.models import Report
from authority_portal.foundation.db import db
from authority_portal.web import uploads
from authority_portal.web.open311 import payloads, repeats
from authority_portal.web.open311.failures import Refused
from authority_portal.web.open311.wire import Fields
from authority_portal.web.uploads import Stored, Uploads

MOST = 6
"""Photos in one POST, as many as staff may choose at once."""


def stored(fields: Fields) -> AbstractContextManager[Stored]:
    """The photos of a POST, stored for the block that takes its report in. Raises Refused (400), Conflict."""
    return uploads.stored(_made(fields), g.authority.id)


def attach(report: Report, files: Stored) -> None:
    """Give the photos to the report that was made just now. The caller commits."""
    for name, picture in files.pictures:
        photos.came_with(report, picture, name, by=g.actor)
    files.keep()


def _made(fields: Fields) -> Uploads:
    if not fields.media:
        return Uploads()
    # Decoding costs seconds: not for a form that is refused for its words anyway, nor for one that was taken before.
    if repeats.known(fields, by=g.actor) is not None:
        return Uploads()
    payloads.new_report(fields, authority=g.authority, by=g.actor)
    db.session.rollback()
    made = uploads.made_of(fields.media, most=MOST)
    if made.wrong:
        raise Refused(400, {"media": " ".join(made.wrong)})
    return made

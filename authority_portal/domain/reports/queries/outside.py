"""How far somebody from outside sees: everybody the public reports, an API client what its key carries."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, false, or_

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.reports.models import Report
from authority_portal.foundation.errors import Denied
from authority_portal.foundation.sentences import Sentence


class Sight(NamedTuple):
    """Which reports are in sight: those that are public, and those that the client sent itself."""

    public: bool
    own: bool


def sight_of(by: Actor | None) -> Sight:
    """What the API client `by` sees; somebody without a key sees what is public. Raises Denied for a key without any sight."""
    if by is None:
        return Sight(public=True, own=False)
    sight = Sight(by.holds(Permission.CLIENT_READ_PUBLIC), by.holds(Permission.CLIENT_READ_OWN))
    if not any(sight):
        raise Denied(Sentence("This key carries no reading of reports."))
    return sight


def in_sight(by: Actor | None) -> ColumnElement[bool]:
    """The condition on `Report` for what `by` sees. Raises Denied."""
    sight = sight_of(by)
    public = Report.visibility == "public" if sight.public else false()
    return or_(public, Report.client_id == by.id) if by is not None and sight.own else public

"""Which report a token of a client stands for."""

from sqlalchemy import and_, or_, select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.queries.outside import in_sight, sight_of
from authority_portal.domain.reports.reference import read as reference_from
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import NotFound
from authority_portal.foundation.sentences import Sentence


def reference(token: str, *, authority_id: int, source: str | None, by: Actor | None) -> str:
    """The reference of the report that `by` sent under this id of its own (`source` names whose ids they are), or whose
    reference this is, if `by` may see it. Raises NotFound for every other; Denied for a key that reads nothing."""
    given = and_(Report.source == source, Report.source_id == token)
    named = and_(Report.reference == reference_from(token), in_sight(by))
    found = db.session.scalar(
        select(Report.reference)
        .where(Report.authority_id == authority_id, or_(given, named) if source and sight_of(by).own else named)
        .order_by(given.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound(Sentence("There is no report for this token, or it is not public."))
    return found

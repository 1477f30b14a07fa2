"""Every table of the house in one place: for migrations, for installing rights, for the proofs over all of them."""

from sqlalchemy import MetaData

from authority_portal.domain.analytics import models as analytics
from authority_portal.domain.audit import models as audit
from authority_portal.domain.authorities import models as authorities
from authority_portal.domain.notifications import models as notifications
from authority_portal.domain.people import models as people
from authority_portal.domain.reports import map_models as map_cells
from authority_portal.domain.reports import models as reports
from authority_portal.domain.reports import photo_models as photos
from authority_portal.domain.reports.importing import models as importing
from authority_portal.domain.rights import models as rights
from authority_portal.domain.staff import models as staff
from authority_portal.foundation import outbox
from authority_portal.foundation.db import Base

ROOMS = (analytics, audit, authorities, importing, map_cells, notifications, people, photos, reports, rights, staff, outbox)
"""Importing a room's models is what registers its tables."""


def metadata() -> MetaData:
    """The metadata with every table registered."""
    return Base.metadata


def of_kind(kind: str) -> list[str]:
    """Names of all `tenant` or all `installation` tables."""
    return sorted(table.name for table in Base.metadata.tables.values() if table.info.get("kind") == kind)

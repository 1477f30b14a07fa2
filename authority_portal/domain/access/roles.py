"""Who may do what: the matrix of product.md as one table, for the permissions that exist so far.

Pictures in the docs and the route × role × authority proof are drawn from this table.
"""

from enum import StrEnum

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach


class Role(StrEnum):
    """What somebody is in one authority. A person may hold several."""

    CASEWORKER = "caseworker"
    CREW = "crew"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    PRIVACY_OFFICER = "privacy_officer"
    ADMINISTRATOR = "administrator"
    API_CLIENT = "api_client"


STAFF_ROLES = tuple(role for role in Role if role is not Role.API_CLIENT)

HELD, WHOLE, OWN = Reach.HELD, Reach.AUTHORITY, Reach.OWN

GRANTS: dict[Role, dict[Permission, Reach]] = {
    Role.CASEWORKER: {
        Permission.ACCOUNT_OWN: OWN,
        Permission.REPORT_READ: WHOLE,
        Permission.REPORT_READ_PLACE: WHOLE,
        Permission.REPORT_READ_TEXT: HELD,
        Permission.REPORT_READ_TEXT_CLEARED: WHOLE,
        Permission.REPORT_READ_PHOTO: HELD,
        Permission.REPORT_READ_PHOTO_CLEARED: WHOLE,
        Permission.REPORT_READ_NOTES: HELD,
        Permission.REPORT_READ_MESSAGES: HELD,
        Permission.REPORT_READ_HOLDER: HELD,
        Permission.REPORTER_READ_NAME: HELD,
        Permission.REPORTER_READ_PRESENCE: HELD,
        Permission.REPORTER_REVEAL: HELD,
        Permission.REPORT_RECORD: WHOLE,
        Permission.REPORT_PROGRESS: HELD,
        Permission.REPORT_ASSIGN: HELD,
        Permission.REPORT_NOTE: HELD,
    },
    Role.CREW: {
        Permission.ACCOUNT_OWN: OWN,
        Permission.REPORT_READ: HELD,
        Permission.REPORT_READ_PLACE: HELD,
        Permission.REPORT_READ_TEXT_CLEARED: HELD,
        Permission.REPORT_READ_PHOTO: HELD,
        Permission.REPORT_PROGRESS: HELD,
        Permission.REPORT_NOTE: HELD,
    },
    Role.SUPERVISOR: {
        Permission.ACCOUNT_OWN: OWN,
        Permission.REPORT_READ: WHOLE,
        Permission.REPORT_READ_PLACE: WHOLE,
        Permission.REPORT_READ_TEXT: WHOLE,
        Permission.REPORT_READ_TEXT_CLEARED: WHOLE,
        Permission.REPORT_READ_PHOTO: WHOLE,
        Permission.REPORT_READ_PHOTO_CLEARED: WHOLE,
        Permission.REPORT_READ_NOTES: WHOLE,
        Permission.REPORT_READ_MESSAGES: WHOLE,
        Permission.REPORT_READ_HOLDER: WHOLE,
        Permission.REPORTER_READ_PRESENCE: WHOLE,
        Permission.REPORTER_REVEAL: WHOLE,
        Permission.REPORT_RECORD: WHOLE,
        Permission.REPORT_PROGRESS: WHOLE,
        Permission.REPORT_ASSIGN: WHOLE,
        Permission.REPORT_NOTE: WHOLE,
        Permission.FIGURES_READ: WHOLE,
        Permission.FIGURES_READ_EXACT: WHOLE,
        Permission.STAFF_READ: WHOLE,
    },
    Role.ANALYST: {
        Permission.ACCOUNT_OWN: OWN,
        Permission.FIGURES_READ: WHOLE,
    },
    Role.PRIVACY_OFFICER: {
        Permission.ACCOUNT_OWN: OWN,
        Permission.REPORT_READ: WHOLE,
        Permission.REPORT_READ_PLACE: WHOLE,
        Permission.REPORT_READ_TEXT: WHOLE,
        Permission.REPORT_READ_TEXT_CLEARED: WHOLE,
        Permission.REPORT_READ_PHOTO: WHOLE,
        Permission.REPORT_READ_PHOTO_CLEARED: WHOLE,
        Permission.REPORT_READ_NOTES: WHOLE,
        Permission.REPORT_READ_HOLDER: WHOLE,
        Permission.REPORTER_READ_NAME: WHOLE,
        Permission.REPORTER_READ_PRESENCE: WHOLE,
        Permission.REPORTER_READ_CONTACT: WHOLE,
        Permission.STAFF_READ: WHOLE,
    },
    Role.ADMINISTRATOR: {
        Permission.ACCOUNT_OWN: OWN,
        Permission.REPORT_READ: WHOLE,
        Permission.REPORT_READ_PLACE_COARSE: WHOLE,
        Permission.REPORT_READ_TEXT_CLEARED: WHOLE,
        Permission.REPORT_READ_PHOTO_CLEARED: WHOLE,
        Permission.REPORT_READ_HOLDER: WHOLE,
        Permission.STAFF_READ: WHOLE,
        Permission.STAFF_MANAGE: WHOLE,
        Permission.CONFIG_READ: WHOLE,
    },
    Role.API_CLIENT: {
        Permission.CLIENT_SUBMIT: WHOLE,
        Permission.CLIENT_READ_OWN: OWN,
        Permission.CLIENT_READ_PUBLIC: WHOLE,
    },
}
SCOPES = tuple(GRANTS[Role.API_CLIENT])
"""What a key of an API client may carry: each key has some of these, or all."""

MAY_GIVE: dict[Role, frozenset[Role]] = {
    Role.ADMINISTRATOR: frozenset({Role.CASEWORKER, Role.CREW, Role.SUPERVISOR, Role.ANALYST, Role.ADMINISTRATOR}),
}
"""Which roles somebody may give to others and take from them. An administrator sees no resident's contact and gives nobody the
right to read it at will: privacy officers, who also look at what administrators do, are made on the command line only."""

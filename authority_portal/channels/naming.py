"""What roles are called by people."""

from flask_babel import lazy_gettext

from authority_portal.domain.access.roles import Role

ROLES = {
    Role.CASEWORKER: lazy_gettext("Caseworker"),
    Role.CREW: lazy_gettext("Field crew"),
    Role.SUPERVISOR: lazy_gettext("Supervisor"),
    Role.ANALYST: lazy_gettext("Analyst"),
    Role.PRIVACY_OFFICER: lazy_gettext("Privacy officer"),
    Role.ADMINISTRATOR: lazy_gettext("Administrator"),
    Role.API_CLIENT: lazy_gettext("Program (API client)"),
}


def role_name(role: Role) -> str:
    """The role in the language of the page or message."""
    return str(ROLES[role])

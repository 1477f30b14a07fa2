"""The pages of administration, and which of them this visitor may open."""

from typing import Any

from flask import g, request, url_for
from flask_babel import gettext, lazy_gettext

from authority_portal.domain.access.permissions import Permission
from authority_portal.web.admin.door import admin

PAGES = (
    ("admin.overview", lazy_gettext("Overview"), Permission.STAFF_READ),
    ("admin.staff", lazy_gettext("Staff"), Permission.STAFF_READ),
    ("admin.invitations", lazy_gettext("Invitations"), Permission.STAFF_MANAGE),
    ("admin.roles", lazy_gettext("Roles"), Permission.CONFIG_READ),
    ("admin.teams", lazy_gettext("Teams"), Permission.CONFIG_READ),
    ("admin.categories", lazy_gettext("Categories"), Permission.CONFIG_READ),
    ("admin.areas", lazy_gettext("Areas"), Permission.CONFIG_READ),
    ("admin.workflow", lazy_gettext("Workflow"), Permission.CONFIG_READ),
    ("admin.keys", lazy_gettext("Keys"), Permission.CONFIG_READ),
)
BELOW = {
    "admin.colleague": "admin.staff",
    "admin.change": "admin.staff",
    "admin.ask_to_suspend": "admin.staff",
    "admin.suspend": "admin.staff",
    "admin.restore": "admin.staff",
    "admin.invite": "admin.invitations",
    "admin.ask_to_withdraw": "admin.invitations",
    "admin.send_again": "admin.invitations",
}
"""Pages that have no tab of their own."""


@admin.context_processor
def tabs() -> dict[str, Any]:
    """`admin_tabs` for the macro that draws views side by side."""
    here = BELOW.get(request.endpoint or "", request.endpoint)
    return {
        "admin_tabs": [
            {"label": label, "href": url_for(endpoint), "count": None, "current": endpoint == here}
            for endpoint, label, permission in PAGES
            if g.get("actor") is not None and g.actor.holds(permission)
        ],
        "admin_label": gettext("Administration"),
    }

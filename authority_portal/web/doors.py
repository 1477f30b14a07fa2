"""Which doors the house has."""

from flask import Flask

from authority_portal.web.account import views as account
from authority_portal.web.admin import invitations as admin_invitations
from authority_portal.web.admin import staff as admin_staff
from authority_portal.web.admin import views as admin_views
from authority_portal.web.admin import ways as admin_ways
from authority_portal.web.admin.door import admin
from authority_portal.web.analytics import views as analytics
from authority_portal.web.casework import acts as casework_acts
from authority_portal.web.casework import contact as casework_contact
from authority_portal.web.casework import new as casework_new
from authority_portal.web.casework import page as casework_page
from authority_portal.web.casework import photos as casework_photos
from authority_portal.web.casework.door import casework
from authority_portal.web.demo import views as demo
from authority_portal.web.invitations import views as invitations
from authority_portal.web.open311 import views as open311
from authority_portal.web.ops import views as ops
from authority_portal.web.photos import views as photos
from authority_portal.web.queue import map_views as queue_map
from authority_portal.web.queue import views as queue_views
from authority_portal.web.queue.door import queue
from authority_portal.web.residents import views as residents
from authority_portal.web.sign_in import views as sign_in

ADMIN = (admin_invitations, admin_staff, admin_views, admin_ways)
CASEWORK = (casework_acts, casework_contact, casework_new, casework_page, casework_photos)
QUEUE = (queue_map, queue_views)
"""Importing a door's modules is what gives it its views."""


def init_app(app: Flask) -> None:
    """Open every door."""
    for blueprint in (
        account.account,
        admin,
        analytics.analytics,
        casework,
        demo.demo,
        invitations.invited,
        open311.open311,
        ops.ops,
        photos.photos,
        queue,
        residents.residents,
        sign_in.sign_in,
    ):
        app.register_blueprint(blueprint)

"""What code words are called on the pages of administrators."""

from flask_babel import lazy_gettext

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.reports.workflow import Group

PERMISSIONS = {
    Permission.ACCOUNT_OWN: lazy_gettext("Look after one's own account"),
    Permission.REPORT_READ: lazy_gettext("See reference, category, status, deadlines"),
    Permission.REPORT_READ_PLACE: lazy_gettext("See the exact place and address"),
    Permission.REPORT_READ_PLACE_COARSE: lazy_gettext("See the area and the place within 100 m"),
    Permission.REPORT_READ_TEXT: lazy_gettext("Read description and answers in full"),
    Permission.REPORT_READ_TEXT_CLEARED: lazy_gettext("Read description and answers after clearing"),
    Permission.REPORT_READ_PHOTO: lazy_gettext("See photos"),
    Permission.REPORT_READ_PHOTO_CLEARED: lazy_gettext("See photos that were cleared"),
    Permission.REPORT_READ_NOTES: lazy_gettext("Read internal notes"),
    Permission.REPORT_READ_MESSAGES: lazy_gettext("See how far messages came"),
    Permission.REPORT_READ_HOLDER: lazy_gettext("See which colleague holds a report"),
    Permission.REPORTER_READ_NAME: lazy_gettext("See the reporter's name"),
    Permission.REPORTER_READ_PRESENCE: lazy_gettext("See whether there is a contact, its channel and language"),
    Permission.REPORTER_READ_CONTACT: lazy_gettext("See e-mail address and phone number"),
    Permission.REPORTER_REVEAL: lazy_gettext("Reveal a contact for 15 minutes, with a reason"),
    Permission.REPORT_RECORD: lazy_gettext("Write down a report that came by phone or letter"),
    Permission.REPORT_PROGRESS: lazy_gettext("Change the status"),
    Permission.REPORT_ASSIGN: lazy_gettext("Give a report to a team or a person"),
    Permission.REPORT_NOTE: lazy_gettext("Write notes, add photos"),
    Permission.FIGURES_READ: lazy_gettext("See figures, small counts hidden"),
    Permission.FIGURES_READ_EXACT: lazy_gettext("See exact figures"),
    Permission.STAFF_READ: lazy_gettext("See who works here"),
    Permission.STAFF_MANAGE: lazy_gettext("Invite and suspend people, give roles and teams"),
    Permission.CONFIG_READ: lazy_gettext("See how the authority is set up"),
    Permission.CLIENT_SUBMIT: lazy_gettext("Send reports in"),
    Permission.CLIENT_READ_OWN: lazy_gettext("Read the reports it sent"),
    Permission.CLIENT_READ_PUBLIC: lazy_gettext("Read the reports that everybody may see"),
}
REACHES = {
    Reach.AUTHORITY: lazy_gettext("all"),
    Reach.HELD: lazy_gettext("held"),
    Reach.OWN: lazy_gettext("own"),
}
GROUPS = {
    Group.NEW: lazy_gettext("New"),
    Group.OPEN: lazy_gettext("Open"),
    Group.WAITING: lazy_gettext("Waiting"),
    Group.DONE: lazy_gettext("Done"),
}
VISIBILITIES = {"public": lazy_gettext("Public"), "private": lazy_gettext("Private")}
DATATYPES = {
    "string": lazy_gettext("a line of text"),
    "text": lazy_gettext("text"),
    "number": lazy_gettext("a number"),
    "datetime": lazy_gettext("a date and time"),
    "singlevaluelist": lazy_gettext("one of a list"),
    "multivaluelist": lazy_gettext("several of a list"),
}
LAYERS = {"area": lazy_gettext("Areas that count reports"), "locality": lazy_gettext("Names of places")}

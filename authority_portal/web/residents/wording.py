"""What a resident reads about the state of a report."""

from flask_babel import lazy_gettext

from authority_portal.domain.reports.workflow import Group

NEXT = {
    Group.NEW: lazy_gettext("Somebody reads the report and gives it to the team it belongs to."),
    Group.OPEN: lazy_gettext("The team has the report and works on it."),
    Group.WAITING: lazy_gettext("The work stands still until an answer comes."),
    Group.DONE: lazy_gettext("There is nothing more to come."),
}
"""What happens next, by the group of the status."""

"""Who may do what to a report. Each `check_` raises `Denied` where its `may_` says no."""

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Scoped
from authority_portal.foundation.errors import Denied
from authority_portal.foundation.sentences import Sentence


def may_progress(actor: Actor, report: Scoped) -> bool:
    """Those who hold the report, or their team does, or who lead the whole authority, move it along."""
    return actor.may(Permission.REPORT_PROGRESS, report)


def check_may_progress(actor: Actor, report: Scoped) -> None:
    if not may_progress(actor, report):
        raise Denied(Sentence("Only the team that holds this report can change its status."))


def may_assign(actor: Actor, report: Scoped) -> bool:
    """Those who hold it may hand it on; supervisors may give any report to anybody."""
    return actor.may(Permission.REPORT_ASSIGN, report)


def check_may_assign(actor: Actor, report: Scoped) -> None:
    if not may_assign(actor, report):
        raise Denied(Sentence("Only the team that holds this report can hand it on."))


def may_note(actor: Actor, report: Scoped) -> bool:
    """Notes and photos are added by those who work on the report."""
    return actor.may(Permission.REPORT_NOTE, report)


def check_may_note(actor: Actor, report: Scoped) -> None:
    if not may_note(actor, report):
        raise Denied(Sentence("Only the team that holds this report can add notes and photos."))


def may_see_photos(actor: Actor, report: Scoped) -> bool:
    """Every photo, and not only those that were cleared."""
    return actor.may(Permission.REPORT_READ_PHOTO, report)


def check_may_see_photos(actor: Actor, report: Scoped) -> None:
    if not may_see_photos(actor, report):
        raise Denied(Sentence("Only those who may see a photo can say what it shows."))


def may_reveal(actor: Actor, report: Scoped) -> bool:
    """A contact is opened by those who work on the report, with a reason, for a while."""
    return actor.may(Permission.REPORTER_REVEAL, report)


def check_may_reveal(actor: Actor, report: Scoped) -> None:
    if not may_reveal(actor, report):
        raise Denied(Sentence("Only the team that holds this report can see its reporter's contact."))


def may_record(actor: Actor) -> bool:
    """Any caseworker or supervisor writes down a report for a resident."""
    return actor.holds(Permission.REPORT_RECORD)


def check_may_record(actor: Actor) -> None:
    if not (may_record(actor) or actor.holds(Permission.CLIENT_SUBMIT)):
        raise Denied(Sentence("Recording a report needs the role of a caseworker."))

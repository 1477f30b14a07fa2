"""What can be done or seen, one word each. Search for `Permission.NAME` to find every door and every policy that asks."""

from enum import StrEnum


class Permission(StrEnum):
    """`THING_ACT = "thing:act"`. The row of `product.md`'s matrix that it stands for is named behind each."""

    ACCOUNT_OWN = "account:own"
    """One's own account: password, sessions, appearance."""

    REPORT_READ = "report:read"
    """Reference, category, status, deadlines."""
    REPORT_READ_PLACE = "report:read_place"
    """Exact point, address."""
    REPORT_READ_PLACE_COARSE = "report:read_place_coarse"
    """Area, and the point on a 100 m grid."""
    REPORT_READ_TEXT = "report:read_text"
    """Description and answers in full."""
    REPORT_READ_TEXT_CLEARED = "report:read_text_cleared"
    """Description and answers after clearing."""
    REPORT_READ_PHOTO = "report:read_photo"
    """Photos."""
    REPORT_READ_PHOTO_CLEARED = "report:read_photo_cleared"
    """Photos that somebody cleared."""
    REPORT_READ_NOTES = "report:read_notes"
    """Internal notes."""
    REPORT_READ_MESSAGES = "report:read_messages"
    """Which messages left, and how far they came; never to whom."""
    REPORT_READ_HOLDER = "report:read_holder"
    """Which member of staff holds the report. The team is part of REPORT_READ."""

    REPORTER_READ_NAME = "reporter:read_name"
    """Reporter's name."""
    REPORTER_READ_PRESENCE = "reporter:read_presence"
    """That there is an e-mail address or a phone number, the channel and the language; never the value."""
    REPORTER_READ_CONTACT = "reporter:read_contact"
    """E-mail and phone in full (the privacy officer's F)."""
    REPORTER_REVEAL = "reporter:reveal"
    """Reveal with reason, time-boxed, logged (B)."""

    REPORT_RECORD = "report:record"
    """Write down a report that came by phone, counter, letter or e-mail."""
    REPORT_PROGRESS = "report:progress"
    """Take a report along its workflow."""
    REPORT_ASSIGN = "report:assign"
    """Give a report to a team or a person."""
    REPORT_NOTE = "report:note"
    """Write an internal note or add a photo."""

    CLIENT_SUBMIT = "client:submit"
    """API client: send reports in."""
    CLIENT_READ_OWN = "client:read_own"
    """API client: read the reports it sent."""

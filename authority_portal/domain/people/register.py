"""The field register: every column of the database, said to be personal (why, how long, who reads it) or plain.

Bases are those of the GDPR, Article 6(1): (c) legal obligation, (e) public task, (f) legitimate interest. Periods are the
installation's defaults in ISO 8601, counted from the named event. A column that is in neither list fails the build.
"""

from dataclasses import dataclass

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.roles import GRANTS, Role


@dataclass(frozen=True, slots=True)
class Entry:
    """Columns (`table.column`) that are kept for one purpose, on one basis, for one period."""

    columns: tuple[str, ...]
    category: str
    purpose: str
    basis: str
    retention: str
    read_with: Permission | None
    """What a role must hold to see the value in full; None: no page shows it."""

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that may see the value, straight from the access table."""
        return frozenset(role for role, grants in GRANTS.items() if self.read_with in grants)


def _of(table: str, names: str) -> tuple[str, ...]:
    return tuple(f"{table}.{name}" for name in names.split())


PERSONAL = (
    Entry(
        _of("person", "name_sealed"),
        "resident's name",
        "Address the reporter, and tell two reporters apart.",
        "6(1)(e)",
        "P60D after first engagement, unless the report is open",
        Permission.REPORTER_READ_NAME,
    ),
    Entry(
        _of("person", "email_sealed email_index phone_sealed phone_index address_sealed"),
        "resident's contact",
        "Tell the reporter what happens to the report, on the channel they chose.",
        "6(1)(e)",
        "P60D after first engagement, unless the report is open",
        Permission.REPORTER_READ_CONTACT,
    ),
    Entry(
        _of("person", "device_sealed wrapped_key"),
        "resident's device and account ids",
        "Answer the app that sent the report; the key seals this row's other values.",
        "6(1)(e)",
        "P60D after first engagement, unless the report is open",
        None,
    ),
    Entry(
        _of("report", "source_digest"),
        "keyed digest of what was sent, name and contact included",
        "Tell a report that is sent again from a second one.",
        "6(1)(e)",
        "P60D after first engagement, unless the report is open",
        None,
    ),
    Entry(
        _of("person", "locale channel stopped_at") + _of("report", "locale person_id") + _of("message", "locale person_id"),
        "resident's preferences",
        "Write in the reporter's language, on their channel, and stop when they say so.",
        "6(1)(e)",
        "with the contact",
        Permission.REPORTER_READ_PRESENCE,
    ),
    Entry(
        _of("report", "description answers search_original source_id"),
        "free text",
        "Understand what is wrong and where.",
        "6(1)(e)",
        "P60D after closing",
        Permission.REPORT_READ_TEXT,
    ),
    Entry(
        _of("report", "cleared_description cleared_answers search_cleared"),
        "cleared free text",
        "Let those work and follow who need not know the reporter's own words.",
        "6(1)(e)",
        "P60D after closing",
        Permission.REPORT_READ_TEXT_CLEARED,
    ),
    Entry(
        _of("report", "position lat lon tile address locality"),
        "place",
        "Find the place. A report may be about the reporter's own home.",
        "6(1)(e)",
        "exact point P60D after closing, area for good",
        Permission.REPORT_READ_PLACE,
    ),
    Entry(
        _of("photo", "name source_url cleared"),
        "photo",
        "See what is wrong. A photo may show people, plates or homes.",
        "6(1)(e)",
        "P60D after closing; the source address until the photo is fetched",
        Permission.REPORT_READ_PHOTO,
    ),
    Entry(
        _of("note", "text") + _of("assignment", "reason"),
        "internal notes",
        "Hand work over among colleagues.",
        "6(1)(e)",
        "P60D after closing",
        Permission.REPORT_READ_NOTES,
    ),
    Entry(
        _of("report", "reason") + _of("status_change", "note reason before"),
        "public words of staff",
        "Tell residents and the public what was done.",
        "6(1)(e)",
        "P60D after closing",
        Permission.REPORT_READ,
    ),
    Entry(
        _of("message", "details dedupe_key"),
        "message log",
        "Show that news was sent, and never send it twice.",
        "6(1)(e)",
        "P7D after sending",
        Permission.REPORT_READ_MESSAGES,
    ),
    Entry(
        _of("staff", "email name")
        + _of("staff_role", "role staff_id authority_id")
        + _of("team_member", "staff_id team_id")
        + _of("staff_suspension", "staff_id authority_id suspended_at"),
        "staff account",
        "Know who works here and what they may do.",
        "6(1)(e)",
        "P6Y after leaving",
        Permission.REPORT_READ_HOLDER,
    ),
    Entry(
        _of("staff", "id password_hash password_changed_at disabled_at theme single_keys created_at"),
        "staff account, own part",
        "Sign in, and show pages as the person wants them.",
        "6(1)(e)",
        "P6Y after leaving",
        Permission.ACCOUNT_OWN,
    ),
    Entry(
        _of("invitation", "email name roles team_ids invited_by"),
        "invitation of staff",
        "Let somebody begin to work here.",
        "6(1)(e)",
        "P30D after it was used, withdrawn or over",
        Permission.STAFF_MANAGE,
    ),
    Entry(
        _of("staff_session", "digest staff_id authority_id data created_at seen_at ends_at browser"),
        "staff sessions",
        "Keep people signed in, and show them where they are.",
        "6(1)(f)",
        "PT30M after last use, PT12H at most",
        Permission.ACCOUNT_OWN,
    ),
    Entry(
        _of("report", "assignee_id")
        + _of("assignment", "staff_id by_staff_id")
        + _of("note", "staff_id")
        + _of("photo", "staff_id")
        + _of("status_change", "staff_id"),
        "who did what",
        "Know whom to ask about a report.",
        "6(1)(e)",
        "with the report",
        Permission.REPORT_READ_HOLDER,
    ),
    Entry(
        _of("audit_line", "actor_id subject details at request_id"),
        "audit",
        "Prove who did what and who read whose data. Names of fields, never values.",
        "6(1)(c)",
        "P2Y",
        None,
    ),
    Entry(
        _of("throttle", "bucket"),
        "network address and account, as a keyed digest",
        "Stop guessing of passwords.",
        "6(1)(f)",
        "P1D at most",
        None,
    ),
    Entry(
        _of("link_token", "digest"),
        "resident's link",
        "Open one report to the resident who got the message.",
        "6(1)(e)",
        "P90D after closing",
        None,
    ),
)

PLAIN = {
    "api_client": "id authority_id name per_minute created_at",
    "api_key": "id client_id digest scopes created_at ends_at used_at revoked_at",
    "area": "id authority_id layer code name position shape",
    "assignment": "id authority_id report_id team_id assigned_at",
    "audit_line": "id authority_id actor_kind action seq prev_hash hash",
    "authority": "id slug name prefix zone locale accent undo_seconds reference_key west south east north mail_from contact_text "
    "attribution retention_mode retention_swept_on created_at",
    "category": "id authority_id code name group_name description keywords team_id visibility decimals response_hours active",
    "erasure": "id authority_id person_id batch_id",
    "erasure_batch": "id authority_id rule rule_version reason persons digest erased_at",
    "figure": "authority_id report_id received_on responded_on closed_on response_seconds close_seconds due_met category_id "
    "area_id team_id channel",
    "figure_dirt": "id authority_id report_id",
    "figure_period": "authority_id first_day last_day dimension lines counted_at stale",
    "import_run": "id authority_id source file_digest rows_done tally started_at finished_at",
    "invitation": "id authority_id round digest made_at ends_at sent_at failure accepted_at withdrawn_at",
    "link_token": "authority_id report_id message_id purpose made_at ends_at revoked_at",
    "map_cell": "authority_id level cell status_group category_id n late sum_lat sum_lon report_id counted_at",
    "map_dirt": "id authority_id tile",
    "message": "id authority_id report_id change_id channel event made_at",
    "message_dispatch": "message_id authority_id channel stream state attempts ambiguous next_attempt_at enqueued_at batch_id "
    "lease_until token handed_at sent_at failure refusals",
    "note": "id authority_id report_id written_at sending",
    "outbox_event": "id authority_id kind subject stream payload state created_at due_at enqueued_at attempts last_error",
    "person": "id authority_id created_at retention_told_at erased_at erased_because",
    "photo": "id authority_id report_id state width height size failure attempts added_at sending",
    "question": "id authority_id category_id code datatype prompt hint required variable position options",
    "report": "id authority_id reference source client_id channel category_id status_id status_group outcome "
    "team_id area_id lead_report_id visibility redacted_at photos cleared_photos received_at closed_at first_response_at due_at "
    "at_risk_at due_reason paused_at assigned_at updated_at version",
    "status": "id authority_id code name group_name position",
    "status_change": "id authority_id report_id from_status_id to_status_id outcome changed_at public_at undone_at",
    "status_step": "id authority_id from_status_id to_status_id label position needs_outcome needs_note",
    "team": "id authority_id code name department",
    "team_member": "authority_id",
    "throttle": "level touched_at free_at ends_at",
}
"""Columns that say nothing about a person: configuration, counts, codes, times and states of things."""


def personal() -> dict[str, Entry]:
    """The entry of every personal column."""
    return {column: entry for entry in PERSONAL for column in entry.columns}


def plain() -> frozenset[str]:
    """Every column that holds no personal data."""
    return frozenset(column for table, names in PLAIN.items() for column in _of(table, names))

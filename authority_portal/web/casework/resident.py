"""The resident's panel: masks, what the role shows, and what was revealed with a reason for a while."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from flask import g

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.people import reading
from authority_portal.domain.people.reading import FIELDS, Opened
from authority_portal.domain.reports import policy
from authority_portal.domain.reports.queries.report import SeenReport
from authority_portal.foundation.db import transaction
from authority_portal.web.casework import naming

log = structlog.get_logger("web")


@dataclass(frozen=True, slots=True, repr=False)
class Detail:
    """One line of the panel. `state`: `masked` says nothing, `absent`, `closed` (there is one), `open` or `stuck`."""

    field: str
    label: Any
    state: str
    value: str = ""
    until: datetime | None = None
    revealable: bool = False


def details(report: SeenReport) -> list[Detail]:
    """The lines of the panel for the reader of this request. Whatever is about to be shown is logged and committed first."""
    if not g.actor.may(Permission.REPORTER_READ_PRESENCE, report):
        return [Detail(field, naming.FIELDS[field], "masked") for field in FIELDS] if report.masks_reporter else []
    given = [field for field in FIELDS if report.reporter is not None and getattr(report.reporter, f"has_{field}")]
    found = _opened(report, given)
    may_reveal = policy.may_reveal(g.actor, report)
    return [_detail(field, given, found.get(field), may_reveal) for field in FIELDS]


def _detail(field: str, given: Collection[str], opened: Opened | None, may_reveal: bool) -> Detail:
    if opened is not None and opened.stuck:
        return Detail(field, naming.FIELDS[field], "stuck")
    if opened is not None:
        return Detail(field, naming.FIELDS[field], "open", opened.value, opened.until)
    return Detail(field, naming.FIELDS[field], "closed" if field in given else "absent", revealable=may_reveal and field in given)


def _opened(report: SeenReport, given: list[str]) -> dict[str, Opened]:
    if report.reporter is None or not given:
        return {}
    shown = [field for field in given if g.actor.may(_full(field), report)]
    if shown and not report.reporter.logged:
        _log(report, shown)
    openable = given if policy.may_reveal(g.actor, report) else shown
    found = reading.opened(report.reporter.person_id, fields=openable, by=g.actor)
    unlogged = [field for field in shown if field not in found]
    if unlogged:  # the line of this hour is from before the reader's role showed this field
        _log(report, unlogged)
        found = reading.opened(report.reporter.person_id, fields=openable, by=g.actor)
    if any(one.stuck for one in found.values()):
        log.error("contact cannot be opened", person_id=str(report.reporter.person_id))
    return found


def _full(field: str) -> Permission:
    contact, name = Permission.REPORTER_READ_CONTACT, Permission.REPORTER_READ_NAME
    return name if field == "name" else contact


def _log(report: SeenReport, fields: list[str]) -> None:
    assert report.reporter is not None
    with transaction():
        reading.log(report.reporter.person_id, fields=fields, by=g.actor)

"""Answers on the wire: one value, written as XML or, by the Spark mapping, as JSON without the wrapper.

In XML a list under a plural name holds elements of its singular; nothing is an empty element. In JSON lists are bare arrays,
numbers and truth values are themselves, and nothing is null.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from flask import Response
from flask_babel import gettext, lazy_gettext

from authority_portal.config import settings
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.authorities.models import Category, Question
from authority_portal.domain.reports.queries.public import PublicReport, Service
from authority_portal.domain.reports.queries.public_steps import PublicStep
from authority_portal.domain.reports.workflow import Group

TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
XML_BEGINS = '<?xml version="1.0" encoding="utf-8"?>\n'
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGED = "2026-11-01T00:00:00Z"
"""When this interface last changed in a way that a client has to know."""
SINGULAR = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "service_requests": "request",
    "notes": "note",
    "service_requests_updates": "request_update",
    "errors": "error",
}
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot carry. Intake refuses them; an imported file may have brought some."""

OUTCOMES = {
    "not_fixed": lazy_gettext("Closed without a repair."),
    "not_ours": lazy_gettext("Closed: somebody else is responsible."),
    "duplicate": lazy_gettext("Closed: the same was reported before."),
    "withdrawn": lazy_gettext("Closed: withdrawn."),
}
"""Begins the notes of a report that was closed for another reason than being fixed, which Open311 has no word for."""
EXTENDED_GROUPS = {Group.NEW: "OPEN", Group.OPEN: "IN_PROGRESS", Group.WAITING: "IN_PROGRESS"}
EXTENDED_OUTCOMES = {
    "fixed": "FIXED",
    "not_fixed": "NO_FURTHER_ACTION",
    "not_ours": "NOT_COUNCILS_RESPONSIBILITY",
    "duplicate": "DUPLICATE",
    "withdrawn": "CANCELLED",
}


def answer(root: str, value: Any, *, form: str, status: int = 200) -> Response:
    """`value` as the element `root` in XML, or bare in JSON."""
    if form == "xml":
        body = (XML_BEGINS + _element(root, value)).encode()
    else:
        body = json.dumps(_cleaned(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return Response(body, status=status, content_type=TYPES[form])


def reports(found: Sequence[PublicReport], *, authority: Card, form: str, steps: Iterable[PublicStep] | None = None) -> Response:
    """Public reports; with their `steps`, our finer status and the notes of every step are added to each."""
    notes: dict[str, list[dict[str, Any]]] = {}
    for step in steps or ():
        notes.setdefault(step.reference, []).append(_note(step))
    shown = [service_request(report, authority=authority) for report in found]
    if steps is not None:
        for report, request in zip(found, shown, strict=True):
            finer = {"status": extended_status(report.group, report.outcome)}
            request |= {"extended_attributes": finer, "notes": notes.get(report.reference, [])}
    return answer("service_requests", shown, form=form)


def discovery(authority: Card | None) -> dict[str, Any]:
    """Where this endpoint is and what it speaks."""
    base, kind = settings().BASE_URL, "production" if settings().ENV == "production" else "test"
    endpoint = {
        "specification": SPECIFICATION,
        "url": f"{base}/open311/v2",
        "changeset": CHANGED,
        "type": kind,
        "formats": ["text/xml", "application/json"],
    }
    contact = authority.contact_text if authority else None
    return {"changeset": CHANGED, "contact": contact, "key_service": contact, "endpoints": [endpoint]}


def service(known: Service) -> dict[str, Any]:
    """One entry of the list of services."""
    return {
        "service_code": known.code,
        "service_name": known.name,
        "description": known.description,
        "metadata": known.asks,
        "type": "realtime",
        "keywords": known.keywords,
        "group": known.group,
    }


def definition(category: Category, questions: Iterable[Question]) -> dict[str, Any]:
    """A service with its questions."""
    return {
        "service_code": category.code,
        "attributes": [_attribute(order, question) for order, question in enumerate(questions, start=1)],
    }


def receipt(reference: str, *, account_id: str) -> dict[str, Any]:
    """What a client gets for a report it sent: its reference, never a token beside it."""
    notice = gettext("The report was received. Keep this reference to ask about it.")
    return {"service_request_id": reference, "service_notice": notice, "account_id": account_id or None}


def service_request(report: PublicReport, *, authority: Card) -> dict[str, Any]:
    """A report in Open311's words. Only `open` and `closed` exist there; the nuance stands in the notes."""
    return {
        "service_request_id": report.reference,
        "status": "closed" if report.group is Group.DONE else "open",
        "status_notes": _notes(report.group, report.outcome, report.note),
        "service_name": report.service_name,
        "service_code": report.service_code,
        "description": report.description,
        "agency_responsible": authority.name,
        "service_notice": None,
        "requested_datetime": moment(report.received_at),
        "updated_datetime": moment(report.updated_at),
        "expected_datetime": moment(report.due_at) if report.due_at else None,
        "address": report.address,
        "address_id": None,
        "zipcode": None,
        "lat": report.lat,
        "long": report.lon,
        "media_url": _photo_address(report, authority),
    }


def update(step: PublicStep, *, authority: Card) -> dict[str, Any]:
    """A step as mySociety's extension has it. Its id tells nothing about how much happens elsewhere."""
    name = hashlib.blake2b(b"update|%d" % step.id, key=authority.reference_key, digest_size=8).hexdigest()
    return {
        "update_id": name,
        "service_request_id": step.reference,
        "status": extended_status(step.group, step.outcome),
        "updated_datetime": moment(step.at),
        "description": _notes(step.group, step.outcome, step.note),
        "media_url": None,
    }


def extended_status(group: Group, outcome: str | None) -> str:
    """Our finer status, in the words that mySociety's clients know."""
    return EXTENDED_OUTCOMES.get(outcome or "", "CLOSED") if group is Group.DONE else EXTENDED_GROUPS[group]


def _note(step: PublicStep) -> dict[str, Any]:
    words = _notes(step.group, step.outcome, step.note)
    return {"datetime": moment(step.at), "description": words, "type": extended_status(step.group, step.outcome)}


def _photo_address(report: PublicReport, authority: Card) -> str | None:
    if not report.photo:
        return None
    return f"{settings().BASE_URL}/open311/v2/media/{report.photo}.jpg?jurisdiction_id={authority.slug}"


def _attribute(order: int, question: Question) -> dict[str, Any]:
    return {
        "variable": question.variable,
        "code": question.code,
        "datatype": question.datatype,
        "required": question.required,
        "datatype_description": question.hint,
        "order": order,
        "description": question.prompt,
        "values": [{"key": str(option["key"]), "name": str(option["name"])} for option in question.options],
    }


def _notes(group: Group, outcome: str | None, words: str) -> str:
    reason = str(OUTCOMES.get(outcome or "", "")) if group is Group.DONE else ""
    return " ".join(part for part in (reason, words) if part)


def moment(at: datetime) -> str:
    """A time as W3C writes it, in UTC to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _plain(text: str) -> str:
    if text.isprintable():
        return text  # nearly all are, and a list of a thousand reports asks seventeen thousand times
    return _NO_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _cleaned(value: Any) -> Any:
    # Texts first: they are most of what there is.
    if isinstance(value, str):
        return (value if value.isprintable() else _plain(value)) or None
    if isinstance(value, dict):
        return {name: inner if inner is None else _cleaned(inner) for name, inner in value.items()}
    return [_cleaned(inner) for inner in value] if isinstance(value, list) else value


def _element(name: str, value: Any) -> str:
    # Written by hand because a tree of a thousand reports takes more than twice as long; names are ours, texts are escaped.
    if isinstance(value, dict):
        inside = "".join(_element(inner, part) for inner, part in value.items())
    elif isinstance(value, list):
        inside = "".join(_element(SINGULAR[name], part) for part in value)
    elif isinstance(value, bool):
        inside = "true" if value else "false"
    else:
        inside = "" if value is None else escape(_plain(str(value)))
    return f"<{name}>{inside}</{name}>"

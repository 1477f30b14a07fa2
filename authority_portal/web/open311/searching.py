"""What a GET asks for: a service by its code, reports by a search or by their ids. `page`, `page_size`, `extensions` are ours."""

from datetime import datetime
from typing import Any

from authority_portal.domain.reports.queries.public import Wish
from authority_portal.domain.reports.reference import read as reference_from
from authority_portal.foundation import clock, parsing
from authority_portal.foundation.errors import NotFound
from authority_portal.foundation.sentences import Sentence
from authority_portal.web.open311 import fields as table
from authority_portal.web.open311.fields import (
    LONGEST_CODE,
    LONGEST_CODES,
    LONGEST_ID,
    LONGEST_STATUS,
    MOST_CODES,
    MOST_IDS,
    MOST_PAGE,
    MOST_ROWS,
    WINDOW,
)
from authority_portal.web.open311.reading import Reading
from authority_portal.web.open311.wire import Fields

NO_REPORT = "There is no such report, or it is not public."
SEARCH = table.names(table.SEARCH)
_NONE: tuple[str, ...] = ()


def service_code(text: str) -> str:
    """A code from the address. Raises NotFound for what cannot be one."""
    try:
        return parsing.words(text, most=LONGEST_CODE)
    except ValueError:
        raise NotFound("There is no such service.") from None


def token(text: str) -> str:
    """A token from the address. Raises NotFound for what cannot be one."""
    try:
        return parsing.words(text, most=LONGEST_ID)
    except ValueError:
        raise NotFound(Sentence("There is no report for this token, or it is not public.")) from None


def wish(fields: Fields) -> tuple[Wish, bool]:
    """Which reports are asked for, and whether with our extensions. Raises Refused (400) naming every wrong field."""
    if fields.values.get("service_request_id", "").strip():
        return _named(fields)
    reading = Reading(fields, SEARCH)
    wanted = Wish(
        **_part(reading),
        services=reading.read("service_code", _codes, _NONE),
        finished=reading.read("status", _finished, None),
    )
    extended = reading.read("extensions", _truth, False)
    reading.done()
    return wanted, extended


def updates(fields: Fields) -> dict[str, Any]:
    """Which part of the steps is asked for: since, until, limit, offset. Raises Refused (400) naming every wrong field."""
    reading = Reading(fields, table.names(table.UPDATES))
    wanted = _part(reading)
    reading.done()
    return wanted


def one(request_id: str, fields: Fields) -> tuple[Wish, bool]:
    """The wish for a single report, whatever else the address says. Raises NotFound for what cannot be a reference."""
    found = reference_from(request_id)
    if found is None:
        raise NotFound(NO_REPORT)
    return _named(Fields({**fields.values, "service_request_id": found}, {}, fields.doubled - {"service_request_id"}))


def _named(fields: Fields) -> tuple[Wish, bool]:
    """Reports asked for by their ids: whatever else the address says does not count, be it right or wrong."""
    reading = Reading(fields, ("service_request_id", "extensions"))
    references = reading.read("service_request_id", _references, _NONE)
    extended = reading.read("extensions", _truth, False)
    reading.done()
    return Wish(since=clock.now(), until=clock.now(), references=references), extended


def _references(text: str) -> tuple[str, ...]:
    ids = [part for part in text.split(",") if part.strip()]
    if len(ids) > MOST_IDS:
        raise ValueError(f"at most {MOST_IDS} ids at once")
    # An id that cannot be one of ours finds nothing, but still overrides the other arguments.
    return tuple(reference_from(part) or "-" for part in ids)


def _codes(text: str) -> tuple[str, ...]:
    # A code is opaque and may itself hold a comma, so the whole text counts as one too.
    codes = dict.fromkeys([parsing.words(text, most=LONGEST_CODES), *(part.strip() for part in text.split(","))])
    if len(codes) > MOST_CODES:
        raise ValueError(f"at most {MOST_CODES} codes at once")
    return tuple(code for code in codes if code)


def _finished(text: str) -> bool | None:
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    if len(text) > LONGEST_STATUS or not wanted <= {"open", "closed"}:
        raise ValueError("must be open, closed, or both with a comma")
    return None if len(wanted) != 1 else "closed" in wanted


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _part(reading: Reading) -> dict[str, Any]:
    since, until = _window(reading)
    size = reading.read("page_size", lambda text: parsing.integer(text, least=1, most=MOST_ROWS), MOST_ROWS)
    page = reading.read("page", lambda text: parsing.integer(text, least=1, most=MOST_PAGE), 1)
    return {"since": since, "until": until, "limit": size, "offset": (page - 1) * size}


def _window(reading: Reading) -> tuple[datetime, datetime]:
    since = reading.read("start_date", parsing.instant, None)
    until = reading.read("end_date", parsing.instant, None)
    if since and until and since > until:
        reading.wrong["end_date"] = "must not lie before start_date"
    elif since and until and until - since > WINDOW:
        reading.wrong["start_date"] = "start_date and end_date must not span more than 90 days"
    if until is None:
        until = since + WINDOW if since else clock.now()
    return since or until - WINDOW, until

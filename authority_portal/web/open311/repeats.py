"""A POST sent again: the client's own id for it, and whether the same was said under that id before."""

import hashlib
import json

from flask import request

from authority_portal.config import settings
from authority_portal.domain.access.actor import Actor
from authority_portal.domain.reports.commands import intake
from authority_portal.domain.reports.models import Report
from authority_portal.foundation import parsing, tokens
from authority_portal.web.open311 import fields as table
from authority_portal.web.open311.reading import Reading
from authority_portal.web.open311.wire import Fields

CONTENT = table.names(table.CONTENT)


def source(by: Actor) -> str:
    """Under which name a client's ids are its own."""
    return f"open311:{by.id}"


def source_id(reading: Reading) -> str:
    """The client's id of this POST, empty if it gave none. What is wrong with it is kept in `reading`."""
    named = reading.line("external_id")
    header = request.headers.get("Idempotency-Key", "")
    try:
        key = parsing.words(header, most=table.LONGEST_ID)
    except ValueError as error:
        reading.wrong["Idempotency-Key"] = str(error)
        return named
    if named and key and named != key:
        reading.wrong["external_id"] = "differs from the header Idempotency-Key: send one of them, or the same in both"
    return named or key


def digests(fields: Fields) -> tuple[bytes, ...]:
    """Of everything the client said, one per key of the link ring, the newest key's first: a new key does not end old ones.

    Keyed, so that nobody can try out phone numbers against a stored one.
    """
    said = [[name, fields.values[name]] for name in CONTENT if fields.values.get(name)]
    said += [["media", hashlib.sha256(file).hexdigest()] for file in fields.media]
    canonical = json.dumps([said, sorted(fields.attributes.items())], ensure_ascii=True, separators=(",", ":"))
    return tuple(token.encode() for token in tokens.derived(f"open311|{canonical}", keys=settings().LINK_KEYS))


def known(fields: Fields, *, by: Actor) -> Report | None:
    """The report that this very POST made before, whatever the authority has changed since. Raises Conflict for other content.

    None for fields that are ambiguous or an id that is none: whoever reads them next says so.
    """
    reading = Reading(fields, (*CONTENT, "external_id"))
    given = source_id(reading)
    if not given or reading.wrong:
        return None
    return intake.already_there(source(by), given, digests(fields), by=by)

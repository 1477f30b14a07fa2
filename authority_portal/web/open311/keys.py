"""Who asks, and of which authority: the API key and the jurisdiction.

A key comes in the form field `api_key` or in a header, never in the address, which ends up in logs. Whoever has no good key
learns nothing but that: one answer, after one look into the table, whatever was wrong.
"""

import re

from flask import g, request
from sqlalchemy import select

from authority_portal.domain.access import actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities import card
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.authorities.commands import digest
from authority_portal.domain.authorities.models import ApiClient, ApiKey
from authority_portal.foundation.db import bind, db
from authority_portal.web.open311 import wire
from authority_portal.web.open311.failures import Refused
from authority_portal.web.open311.wire import Fields

_SHAPE = re.compile(r"[\x21-\x7e]{8,200}\Z")


def refuse_in_address() -> None:
    """Before anything else. Raises Refused (400)."""
    if any(name.lower() == "api_key" and text for name, text in wire.query().values.items()):
        raise Refused(400, {"api_key": "must not stand in the address: send it as a form field or in the header X-Api-Key"})


def enter(fields: Fields, permission: Permission | None = None) -> None:
    """Set `g.actor` (None without a key) and `g.authority`, and bind it. With a `permission` a key is needed.

    Raises Refused: 403 for a bad or missing key, 400 for a missing jurisdiction, 404 for one that is unknown or not the key's.
    """
    g.actor = _client(fields)
    if permission is not None and (g.actor is None or not g.actor.holds(permission)):
        raise _no_good_key()
    known = jurisdiction(fields, of=g.actor)
    if known is None:
        raise Refused(400, {"jurisdiction_id": "is required: this installation serves several authorities"})
    g.authority = known
    bind(known.id)


def jurisdiction(fields: Fields, *, of: actor.Actor | None = None) -> Card | None:
    """The authority that is named, or the only one; None if it has to be named and is not.

    Raises Refused (404) for one that is unknown, or that is not the authority `of` the client.
    """
    slug = fields.once("jurisdiction_id").strip()
    everyone = card.cards()
    if not slug and len(everyone) != 1:
        return None
    for known in everyone:
        if (not slug or known.slug == slug) and (of is None or of.authority_id == known.id):
            return known
    raise Refused(404, {"jurisdiction_id": "there is no such jurisdiction"})


def _client(fields: Fields) -> actor.Actor | None:
    presented = {text for text in (*_from_headers(), fields.once("api_key")) if text}
    if not presented:
        return None
    secret = presented.pop()
    good = not presented and _SHAPE.match(secret) is not None
    # A malformed key costs the same look into the table as a well-formed one.
    row = db.session.execute(
        select(ApiClient.id, ApiClient.authority_id, ApiClient.name, ApiKey.revoked_at)
        .select_from(ApiKey)
        .join(ApiClient, ApiClient.id == ApiKey.client_id)
        .where(ApiKey.digest == digest(secret if good else ""))
    ).first()
    if row is None or row.revoked_at is not None or not good:
        raise _no_good_key()
    return actor.client(row.id, row.authority_id, name=row.name)


def _from_headers() -> tuple[str, str]:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return request.headers.get("X-Api-Key", ""), credentials.strip() if scheme.lower() == "bearer" else ""


def _no_good_key() -> Refused:
    return Refused(403, {"api_key": "a good key is needed, as a form field or in the header X-Api-Key"})

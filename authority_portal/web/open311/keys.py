"""Who asks, and of which authority: the API key and the jurisdiction.

A key comes in the form field `api_key` or in a header, never in the address, which ends up in logs. Whoever has no good key
learns nothing but that: one answer, after one look into the table, whatever was wrong.
"""

import re

from flask import g, request

from authority_portal.domain.access import actor
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities import card, commands, keys
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.authorities.keys import KnownKey
from authority_portal.foundation.db import bind, transaction
from authority_portal.web import limits
from authority_portal.web.open311 import wire
from authority_portal.web.open311.failures import Refused
from authority_portal.web.open311.wire import MULTIPART, Fields

_SHAPE = re.compile(r"[\x21-\x7e]{8,200}\Z")


def refuse_in_address() -> None:
    """Before anything else. Raises Refused (400)."""
    if any(name.lower() == "api_key" and text for name, text in wire.query().values.items()):
        raise Refused(400, {"api_key": "must not stand in the address: send it as a form field or in the header X-Api-Key"})


def before_files(permission: Permission) -> None:
    """A form with files costs memory and disk to read: who says in a header who they are is counted and looked at before, and
    everybody else is a stranger until their fields were read. Raises as `enter`, without the jurisdiction.
    """
    if request.mimetype != MULTIPART:
        return
    if any(_from_headers()):
        _admit(Fields({}, {}, frozenset()), permission)
    else:
        limits.open311()


def enter(fields: Fields, permission: Permission | None = None) -> None:
    """Set `g.actor` (None without a key) and `g.authority`, and bind it. With a `permission` a key is needed.

    Raises TooMany, and Refused: 403 for a bad or missing key, 400 for a missing jurisdiction, 404 for one that is unknown or
    not the key's.
    """
    _admit(fields, permission)
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


def _admit(fields: Fields, permission: Permission | None) -> None:
    key = _key(fields)
    g.actor = key and actor.client(key.client_id, key.authority_id, scopes=key.scopes, name=key.client)
    g.per_minute = key and key.per_minute
    limits.open311()
    if permission is not None and (g.actor is None or not g.actor.holds(permission)):
        raise _no_good_key() if g.actor is None else Refused(403, {"api_key": f"does not carry {permission.value}"})


def _key(fields: Fields) -> KnownKey | None:
    presented = {text for text in (*_from_headers(), fields.once("api_key")) if text}
    if not presented:
        return None
    secret = presented.pop()
    good = not presented and _SHAPE.match(secret) is not None
    # A malformed key costs the same look into the table as a well-formed one.
    key = keys.presented(secret if good else "")
    if key is None or not good:
        limits.open311()
        raise _no_good_key()
    if key.is_new_use:
        with transaction():
            commands.key_was_used(key.id)
    return key


def _from_headers() -> tuple[str, str]:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return request.headers.get("X-Api-Key", ""), credentials.strip() if scheme.lower() == "bearer" else ""


def _no_good_key() -> Refused:
    return Refused(403, {"api_key": "a good key is needed, as a form field or in the header X-Api-Key"})

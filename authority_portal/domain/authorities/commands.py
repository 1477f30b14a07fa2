"""Founding an authority and describing it: areas, teams, categories, API keys."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from babel import Locale, UnknownLocaleError
from sqlalchemy import or_, select, update

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.roles import SCOPES
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities import card
from authority_portal.domain.authorities.models import ApiClient, ApiKey, Authority
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import Invalid, NotFound
from authority_portal.foundation.geo import Box
from authority_portal.foundation.sentences import Sentence

MOST_PER_MINUTE = 100_000
"""Requests; the database knows the same number."""


def found(
    *, slug: str, name: str, prefix: str, zone: str, locale: str, bounds: Box, contact_text: str = "", attribution: str = ""
) -> card.Card:
    """A new authority, without staff, categories or workflow. Unbound; the caller commits.

    Raises Invalid for a locale that nothing could be written in.
    """
    row = Authority(
        slug=slug,
        name=name,
        prefix=prefix,
        zone=zone,
        locale=_spoken(locale),
        west=bounds.west,
        south=bounds.south,
        east=bounds.east,
        north=bounds.north,
        contact_text=contact_text,
        attribution=attribution,
        reference_key=secrets.token_bytes(32),
        created_at=clock.now(),
    )
    db.session.add(row)
    db.session.flush()
    card.forget()
    return card.by_id(row.id)


def new_key(
    *,
    name: str,
    by: Actor,
    secret: str | None = None,
    scopes: Collection[str] = SCOPES,
    ends_at: datetime | None = None,
) -> tuple[UUID, str]:
    """A key for the API client of this name, who is written down with its first key. The caller commits.

    Returns the client's id and the secret, which is shown once and stored only as a digest. Former keys go on working.
    """
    secret = secret or f"ap_{secrets.token_urlsafe(32)}"
    client = db.session.scalar(select(ApiClient).where(ApiClient.authority_id == by.authority_id, ApiClient.name == name))
    if client is None:
        client = ApiClient(authority_id=by.authority_id, name=name, created_at=clock.now())
        db.session.add(client)
        db.session.flush()
    carried = [scope.value for scope in SCOPES if scope in scopes]
    row = ApiKey(client_id=client.id, digest=digest(secret), scopes=carried, created_at=clock.now(), ends_at=ends_at)
    db.session.add(row)
    db.session.flush()
    trail.append("key:made", subject=f"key:{row.id}", by=by, client=str(client.id), scopes=carried)
    return client.id, secret


def rotate_key(
    name: str, *, by: Actor, overlap: timedelta = timedelta(), lifetime: timedelta | None = None
) -> tuple[UUID, str, int]:
    """A new key for the client of this name, with the scopes of its newest one. The client, and what it sent, stays its own.

    It works for the `lifetime`, or without one as long as its newest key was meant to. Those before it work on for the
    `overlap`, or to their own end if that is sooner; without an overlap they stop at once. Returns the client's id, the secret
    and how many keys were given an end. Raises NotFound. The caller commits.
    """
    # The newest of all: one that ended or was revoked tells as well what the client was meant to do, and for how long.
    newest = db.session.scalars(
        select(ApiKey)
        .where(ApiKey.client_id == _client(name, by).id)
        .order_by(ApiKey.created_at.desc(), ApiKey.id.desc())
        .limit(1)
    ).first()
    if newest is None:
        raise NotFound(Sentence("The API client %(name)s has no key to follow.", name=name))
    meant = lifetime or (newest.ends_at and newest.ends_at - newest.created_at)
    scopes, now = newest.scopes, clock.now()
    ended = end_keys(name, at=now + overlap, by=by) if overlap else revoke_keys(name, by=by)
    return (*new_key(name=name, by=by, scopes=scopes, ends_at=now + meant if meant else None), ended)


def end_keys(name: str, *, at: datetime, by: Actor) -> int:
    """Let every working key of this client that would work longer end at `at`; returns how many. The caller commits."""
    longer = [row for row in _working(name, by) if row.ends_at is None or row.ends_at > at]
    for row in longer:
        row.ends_at = at
        trail.append("key:ends", subject=f"key:{row.id}", by=by)
    return len(longer)


def revoke_keys(name: str, *, key_id: UUID | None = None, by: Actor) -> int:
    """End every working key of the client of this name at once, or just the one of this id; returns how many.

    Raises NotFound for a client that is not there. The caller commits.
    """
    working = [row for row in _working(name, by) if key_id in (None, row.id)]
    for row in working:
        row.revoked_at = clock.now()
        trail.append("key:revoked", subject=f"key:{row.id}", by=by)
    return len(working)


def limit_client(name: str, *, per_minute: int | None, by: Actor) -> None:
    """Set how many requests a client may make in a minute; None: as many as the installation allows. The caller commits.

    Raises NotFound, and Invalid for a number that is none.
    """
    if per_minute is not None and not 1 <= per_minute <= MOST_PER_MINUTE:
        raise Invalid({"per_minute": Sentence("must lie between %(least)s and %(most)s", least=1, most=MOST_PER_MINUTE)})
    client = _client(name, by)
    client.per_minute = per_minute
    trail.append("client:limited", subject=f"client:{client.id}", by=by, per_minute=per_minute)


def key_was_used(key_id: UUID) -> None:
    """Write down that a key was used just now. The caller asks `KnownKey.is_new_use` first, and commits."""
    db.session.execute(update(ApiKey).where(ApiKey.id == key_id).values(used_at=clock.now()))


def _spoken(locale: str) -> str:
    """The locale as it is stored, `en_GB` for `en-gb`. One that Babel does not know would break every page."""
    try:
        return str(Locale.parse(locale.replace("-", "_")))
    except (ValueError, UnknownLocaleError):
        raise Invalid({"locale": Sentence("must be a language such as en_GB")}) from None


def _client(name: str, by: Actor) -> ApiClient:
    client = db.session.scalar(select(ApiClient).where(ApiClient.authority_id == by.authority_id, ApiClient.name == name))
    if client is None:
        raise NotFound(Sentence("There is no API client %(name)s here.", name=name))
    return client


def _working(name: str, by: Actor) -> list[ApiKey]:
    """The keys of this client that open something, the oldest first. Raises NotFound."""
    client = _client(name, by)
    now = clock.now()
    return list(
        db.session.scalars(
            select(ApiKey)
            .where(
                ApiKey.client_id == client.id, ApiKey.revoked_at.is_(None), or_(ApiKey.ends_at.is_(None), ApiKey.ends_at > now)
            )
            .order_by(ApiKey.created_at, ApiKey.id)
        )
    )


def digest(secret: str) -> bytes:
    """What is stored of an API key: it is random enough that a plain SHA-256 cannot be turned back."""
    return hashlib.sha256(secret.encode()).digest()

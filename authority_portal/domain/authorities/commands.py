"""Founding an authority and describing it: areas, teams, categories, API keys."""

import hashlib
import secrets
from uuid import UUID

from sqlalchemy import select

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities import card
from authority_portal.domain.authorities.models import ApiClient, ApiKey, Authority
from authority_portal.foundation import clock
from authority_portal.foundation.db import db
from authority_portal.foundation.geo import Box


def found(
    *, slug: str, name: str, prefix: str, zone: str, locale: str, bounds: Box, contact_text: str = "", attribution: str = ""
) -> card.Card:
    """A new authority, without staff, categories or workflow. Unbound; the caller commits."""
    row = Authority(
        slug=slug,
        name=name,
        prefix=prefix,
        zone=zone,
        locale=locale,
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


def new_key(*, name: str, by: Actor, secret: str | None = None) -> tuple[UUID, str]:
    """A key for the API client of this name, who is written down with its first key. The caller commits.

    Returns the client's id and the secret, which is shown once and stored only as a digest. Former keys go on working.
    """
    secret = secret or f"ap_{secrets.token_urlsafe(32)}"
    known = select(ApiClient).where(ApiClient.authority_id == by.authority_id, ApiClient.name == name)
    client = db.session.scalar(known)
    if client is None:
        client = ApiClient(authority_id=by.authority_id, name=name, created_at=clock.now())
        db.session.add(client)
        db.session.flush()
    row = ApiKey(client_id=client.id, digest=digest(secret), created_at=clock.now())
    db.session.add(row)
    db.session.flush()
    trail.append("key:made", subject=f"key:{row.id}", by=by, client=str(client.id))
    return client.id, secret


def rotate_key(name: str, *, by: Actor) -> tuple[UUID, str, int]:
    """A new key for the client of this name; those before it stop working at once. The client, and what it sent, stays its own.

    Returns the client's id, the secret and how many keys were revoked. The caller commits.
    """
    revoked = revoke_keys(name, by=by)
    return (*new_key(name=name, by=by), revoked)


def revoke_keys(name: str, *, by: Actor) -> int:
    """End every working key of the client of this name in the bound authority; returns how many. The caller commits."""
    working = db.session.scalars(
        select(ApiKey)
        .join(ApiClient, ApiClient.id == ApiKey.client_id)
        .where(ApiClient.authority_id == by.authority_id, ApiClient.name == name, ApiKey.revoked_at.is_(None))
    ).all()
    for row in working:
        row.revoked_at = clock.now()
        trail.append("key:revoked", subject=f"key:{row.id}", by=by)
    return len(working)


def digest(secret: str) -> bytes:
    """What is stored of an API key: it is random enough that a plain SHA-256 cannot be turned back."""
    return hashlib.sha256(secret.encode()).digest()

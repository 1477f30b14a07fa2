"""API keys as they are looked at: by the secret somebody presents, and as a list for those who administer them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from authority_portal.domain.authorities.commands import digest
from authority_portal.domain.authorities.models import ApiClient, ApiKey
from authority_portal.foundation import clock
from authority_portal.foundation.db import db

USE_NOTED_EVERY = timedelta(hours=1)
"""A use is written down no more often, so that reading costs no write."""


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key and the client it belongs to. The secret is not among it: nobody has it but the client."""

    id: UUID
    client_id: UUID
    authority_id: int
    client: str
    scopes: tuple[str, ...]
    per_minute: int | None
    """How many requests the client may make in a minute; None: the installation's."""
    created_at: datetime
    ends_at: datetime | None
    used_at: datetime | None
    """To the hour."""
    revoked_at: datetime | None

    @property
    def works(self) -> bool:
        """Whether it opens anything now."""
        return self.revoked_at is None and (self.ends_at is None or self.ends_at > clock.now())

    @property
    def is_new_use(self) -> bool:
        """Whether a use just now is worth writing down."""
        return self.used_at is None or clock.now() - self.used_at >= USE_NOTED_EVERY


def presented(secret: str) -> KnownKey | None:
    """The working key with this secret. Unbound: the key itself says which authority it belongs to."""
    row = db.session.execute(_KEYS.where(ApiKey.digest == digest(secret))).first()
    known = None if row is None else _known(row)
    return known if known is not None and known.works else None


def listed(authority_id: int) -> list[KnownKey]:
    """Every key of an authority's clients, by client, the newest first; also those that opened something once."""
    query = _KEYS.where(ApiClient.authority_id == authority_id).order_by(ApiClient.name, ApiKey.created_at.desc(), ApiKey.id)
    return [_known(row) for row in db.session.execute(query)]


_KEYS = select(
    ApiKey.id,
    ApiKey.client_id,
    ApiClient.authority_id,
    ApiClient.name,
    ApiKey.scopes,
    ApiClient.per_minute,
    ApiKey.created_at,
    ApiKey.ends_at,
    ApiKey.used_at,
    ApiKey.revoked_at,
).join_from(ApiKey, ApiClient, ApiClient.id == ApiKey.client_id)


def _known(row: Any) -> KnownKey:
    key_id, client_id, authority_id, name, scopes, *more = row
    return KnownKey(key_id, client_id, authority_id, name, tuple(scopes), *more)

"""The authority as every page and command needs it: read once, kept for ten seconds per process."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import inspect, select

from authority_portal.domain.authorities.models import Authority
from authority_portal.foundation.db import db
from authority_portal.foundation.errors import NotFound
from authority_portal.foundation.geo import Box
from authority_portal.foundation.sentences import Sentence

KEPT_SECONDS = 10.0
LEFT_OUT = frozenset({"created_at", "retention_mode", "retention_swept_on"})
"""What no page needs, or what must never be ten seconds old."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is known about one authority without asking its own tables. Bounds in degrees."""

    id: int
    slug: str
    name: str
    prefix: str
    zone: str
    locale: str
    accent: str
    undo_seconds: int | None
    reference_key: bytes
    west: float
    south: float
    east: float
    north: float
    mail_from: str | None
    contact_text: str
    attribution: str

    @property
    def bounds(self) -> Box:
        return Box(self.west, self.south, self.east, self.north)

    @property
    def region(self) -> str:
        """ISO country in which phone numbers without a country code are read, from the locale (`en_US` → US)."""
        return self.locale.partition("_")[2] or "US"


_kept: tuple[float, tuple[Card, ...]] = (0.0, ())


def cards() -> tuple[Card, ...]:
    """All authorities, by id."""
    global _kept  # noqa: PLW0603  # one tiny cache per process, replaced as a whole
    read_at, known = _kept
    if not known or time.monotonic() - read_at > KEPT_SECONDS:
        names = [column.key for column in inspect(Authority).columns if column.key not in LEFT_OUT]
        rows = db.session.execute(select(*(getattr(Authority, name) for name in names)).order_by(Authority.id))
        known = tuple(Card(**row) for row in rows.mappings())
        _kept = (time.monotonic(), known)
    return known


def by_id(authority_id: int) -> Card:
    """The authority's card. Raises NotFound."""
    return _first(card for card in cards() if card.id == authority_id)


def by_slug(slug: str) -> Card:
    """The authority's card. Raises NotFound."""
    return _first(card for card in cards() if card.slug == slug)


def forget() -> None:
    """Read anew at the next question: after an authority was added or changed by this process."""
    global _kept  # noqa: PLW0603  # see cards()
    _kept = (0.0, ())


def _first(found: Iterator[Card]) -> Card:
    card = next(found, None)
    if card is None:
        raise NotFound(Sentence("There is no such authority."))
    return card

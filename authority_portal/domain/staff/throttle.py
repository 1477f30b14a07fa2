"""How often somebody may try: leaking buckets in PostgreSQL, so that the limit holds in every process and without Redis.

Each attempt pours one into its buckets before anything is checked. A bucket leaks slowly; above its free amount every further
attempt has to wait twice as long as the one before, up to a cap. What waits is not counted, so a bucket never runs full for
good: one attempt per cap always gets through. A browser in which the person signed in before has a bucket of its own, which a
stranger cannot fill (OWASP, "Slow down online guessing attacks with device cookies").
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from authority_portal.config import settings
from authority_portal.foundation import clock
from authority_portal.foundation.db import db


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` attempts at once, one more per `leak`; above that waits of 1, 2, 4 … seconds up to `cap`."""

    free: int
    leak: timedelta
    cap: timedelta


LIMITS = {
    "network": Limit(40, timedelta(seconds=15), timedelta(minutes=2)),
    "site": Limit(120, timedelta(seconds=5), timedelta(minutes=2)),
    "everybody": Limit(600, timedelta(milliseconds=250), timedelta(seconds=1)),
    "account": Limit(5, timedelta(minutes=15), timedelta(minutes=15)),
    "browser": Limit(10, timedelta(minutes=5), timedelta(minutes=5)),
}
"""In the order they are poured, the nearest to the sender first: what a network may not send any more counts against nobody
else, so that one sender can hold back neither the installation nor every account in it. A council's whole staff may share one
network, so that gets more than a person. A `site` is all the networks one IPv6 customer is given. `everybody` is the
whole installation."""

_POUR = text(
    """
    INSERT INTO throttle AS kept (bucket, level, touched_at, free_at, ends_at)
    VALUES (:bucket, 1, :now, :now, :now + :leak)
    ON CONFLICT (bucket) DO UPDATE SET (level, touched_at, free_at, ends_at) = (
        SELECT level, :now,
               :now + CASE WHEN level > :free
                           THEN least(:cap, interval '1 second' * power(2, least(ceil(level) - :free - 1, 30)))
                           ELSE interval '0' END,
               :now + level * :leak
        FROM (SELECT 1 + greatest(0, kept.level
              - extract(epoch FROM :now - kept.touched_at) / extract(epoch FROM CAST(:leak AS interval))) AS level) AS poured)
    WHERE kept.free_at <= :now
    RETURNING level
    """
)


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is counted: a kind of LIMITS and a value, of which only a keyed digest is stored."""

    kind: str
    value: str

    @property
    def digest(self) -> bytes:
        return hmac.new(settings().SECRET_KEY.encode(), f"throttle|{self.kind}|{self.value}".encode(), hashlib.sha256).digest()


def networks(address: str | None) -> tuple[Bucket, ...]:
    """Where an address counts: the /24 of an IPv4; the /64 and the /48 of an IPv6; one bucket for all that cannot be read."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return (Bucket("network", "unknown"),)
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    prefixes = {"network": 24} if known.version == 4 else {"network": 64, "site": 48}
    return tuple(Bucket(kind, str(ipaddress.ip_network(f"{known}/{bits}", strict=False))) for kind, bits in prefixes.items())


def pour(buckets: Iterable[Bucket]) -> timedelta | None:
    """Count one attempt in each bucket, in the order of LIMITS, so that attempts never wait for each other in a circle.

    None: let through. Otherwise nothing was counted from the full bucket on, and the time to wait is returned. The caller
    commits at once, before the password is checked, so that parallel attempts cannot overtake the count.
    """
    now = clock.now()
    for bucket in _in_order(buckets):
        limit = LIMITS[bucket.kind]
        values = {"bucket": bucket.digest, "now": now, "leak": limit.leak, "cap": limit.cap, "free": limit.free}
        if db.session.execute(_POUR, values).first() is None:
            return _wait(bucket, now)
    return None


def take_back(buckets: Iterable[Bucket]) -> None:
    """An attempt succeeded: it does not count, and the person's own waiting ends. The caller commits."""
    for bucket in _in_order(buckets):
        own = bucket.kind in ("account", "browser")
        db.session.execute(
            text(
                "UPDATE throttle SET level = greatest(0, level - 1), free_at = CASE WHEN :own THEN :now ELSE free_at END "
                "WHERE bucket = :bucket"
            ),
            {"bucket": bucket.digest, "own": own, "now": clock.now()},
        )


def _in_order(buckets: Iterable[Bucket]) -> list[Bucket]:
    """The one order in which rows are locked, whether an attempt is counted or taken back."""
    return sorted(buckets, key=lambda one: (list(LIMITS).index(one.kind), one.digest))


def sweep() -> int:
    """Let go of buckets that have run empty; returns how many. The caller commits."""
    gone = db.session.connection().execute(
        text("DELETE FROM throttle WHERE ends_at < :now AND free_at < :now"), {"now": clock.now()}
    )
    return gone.rowcount


def _wait(bucket: Bucket, now: datetime) -> timedelta:
    free_at = db.session.scalar(text("SELECT free_at FROM throttle WHERE bucket = :bucket"), {"bucket": bucket.digest})
    return max(timedelta(seconds=1), (free_at or now) - now)

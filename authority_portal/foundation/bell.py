"""The wake-up bell on Redis: tells the sweeper that something is due, and open screens that something changed.

Nothing depends on it. Redis may be gone, slow or empty; then the sweeper's own rhythm and the database's version serve.
"""

from functools import lru_cache

import redis

from authority_portal.config import settings

SWEEPER = "bell:sweeper"


@lru_cache(maxsize=1)
def connection() -> "redis.Redis":
    """A client that fails within a third of a second instead of waiting: a save must never hang on the bell."""
    return redis.Redis.from_url(
        settings().REDIS_URL, retry=None, socket_connect_timeout=0.3, socket_timeout=0.3, max_connections=64
    )


def ring(authority_id: int) -> None:
    """Something of this authority was committed. Silent when Redis is away."""
    try:
        pipe = connection().pipeline(transaction=False)
        pipe.incr(version_key(authority_id))
        pipe.lpush(SWEEPER, authority_id)
        pipe.ltrim(SWEEPER, 0, 99)
        pipe.execute()
    except redis.RedisError:
        return


def version_key(authority_id: int) -> str:
    """Name of the counter that open screens compare."""
    return f"ver:{authority_id}"


def version(authority_id: int) -> int | None:
    """The counter's value; None when Redis cannot say."""
    try:
        value = connection().get(version_key(authority_id))
    except redis.RedisError:
        return None
    return int(value) if isinstance(value, bytes) else 0

"""The only place that asks what time it is, so that tests and dry runs can decide."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_frozen: ContextVar[datetime | None] = ContextVar("frozen_clock", default=None)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Let `now()` answer `at` (aware) inside the block."""
    if at.tzinfo is None:
        raise ValueError("a frozen clock needs an aware time")
    token = _frozen.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)

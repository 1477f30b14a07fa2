"""Which channels there are."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from authority_portal.channels.contract import Channel
from authority_portal.channels.email.line import Line

CHANNELS: dict[str, Callable[[], Channel]] = {"email": Line.of_settings}


@contextmanager
def opened(name: str) -> Iterator[Channel]:
    """A channel by its name, closed afterwards. Connections are made at the first message."""
    channel = CHANNELS[name]()
    try:
        yield channel
    finally:
        channel.close()

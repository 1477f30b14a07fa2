"""What every channel promises: one message out, or one of four ways in which it did not leave."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from authority_portal.domain.authorities.card import Card


@dataclass(frozen=True, slots=True)
class Words:
    """A written message: one clean line, plain text, and HTML that asks nobody for anything."""

    subject: str
    text: str
    html: str


class ChannelError(Exception):
    """It did not leave. The text is a cause in a few words, without address and content."""


class NotNow(ChannelError):
    """This message was refused for now; it is tried again."""


class Unreachable(NotNow):
    """Nobody answers, or not to us: the rest of the batch need not try either."""


class Never(ChannelError):
    """This message was refused for good."""


class Unsure(ChannelError):
    """The line broke after the last byte and before the answer."""


class LeaseLost(Exception):
    """Another worker may have taken the message over: nothing more of it may be sent from here."""


class Head(Protocol):
    """Who writes, in which language, and by which token the reader stops such messages; none if they cannot be stopped."""

    @property
    def authority(self) -> Card: ...
    @property
    def locale(self) -> str: ...
    @property
    def unsubscribe(self) -> str: ...


class Mailing(Protocol):
    """Where a message goes. `key` is the same whenever it is sent again."""

    @property
    def letter(self) -> Head: ...
    @property
    def address(self) -> str: ...
    @property
    def key(self) -> str: ...


class Channel(Protocol):
    """One open connection to a provider."""

    def send(self, words: Words, to: Mailing, *, before_handover: Callable[[], None]) -> None:
        """Send one message; returns once the provider took it. Raises ChannelError.

        `before_handover` is called when nothing but the content is missing; what it raises ends the attempt without harm.
        """

    def close(self) -> None:
        """Say goodbye. Never raises."""

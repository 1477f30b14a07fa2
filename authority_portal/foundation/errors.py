"""The few ways a wish can fail, without any word about HTTP. `web/errors.py` alone translates them."""

from collections.abc import Mapping

from authority_portal.foundation.sentences import Sentence


class PortalError(Exception):
    """Base of every expected failure. The sentence is meant for the person who asked."""

    def __init__(self, sentence: Sentence | None = None) -> None:
        super().__init__(sentence or "")


class NotFound(PortalError):
    """There is no such thing, or it is not this actor's to know about. The two are never told apart."""


class Denied(PortalError):
    """The actor may see the thing but may not do this to it."""


class Invalid(PortalError):
    """Input that cannot be accepted.

    `fields` maps a field's name to the sentence that says what is wrong and what would be right.
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(Sentence("; ".join(f"{name}: {text}" for name, text in fields.items())))
        self.fields = dict(fields)


class Conflict(PortalError):
    """Somebody else was faster: the thing changed since the actor looked at it."""


class Busy(PortalError):
    """Too much at once: nothing was done, and asking again in a moment is all that is needed."""

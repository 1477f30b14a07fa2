"""Why a message did not leave, as channels and jobs write it down: known again, so that staff read it in their language."""

from authority_portal.foundation import sentences
from authority_portal.foundation.sentences import Sentence, Stored

_KNOWN = (
    Stored("%(code)s to the sender"),
    Stored("%(code)s to the recipient"),
    Stored("%(code)s to the go-ahead"),
    Stored("%(code)s to the content"),
    Stored("no connection: %(fault)s"),
    Stored("the line broke: %(fault)s"),
    Stored("no answer after the content: %(fault)s"),
    Stored("cannot be composed: %(fault)s"),
    Stored("cannot be addressed: %(fault)s"),
    Stored("channel cannot be opened: %(fault)s"),
    Stored("wording: %(fault)s"),
    Stored("the server takes no addresses beyond ASCII"),
    Stored("contact cannot be opened"),
    Stored("this host lacks the data key of the contact"),
    Stored("nobody wants it any more"),
    Stored("the answer never came"),
    Stored("tried too often"),
)


def read(text: str) -> Sentence:
    """The sentence a row of `message_dispatch` kept."""
    return sentences.read(text, *_KNOWN)

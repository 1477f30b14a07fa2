"""Strangers' pictures: their pixels go into a new image, everything else stays behind.

Decoding happens in a child process with little memory and time, because image decoders are where crafted files do harm.
What comes back is a JPEG without EXIF, GPS, comments, profiles or appended bytes, upright, at most 2,048 px a side, and a
small one of at most 480 px.
"""

import json
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass

from authority_portal.config import CHECKOUT
from authority_portal.foundation.sentences import Sentence

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
SECONDS = 20
CHILD = "authority_portal.foundation.picture_child"

# A child may take a gigabyte for a moment; two at once are what a small machine has room for.
_room = threading.BoundedSemaphore(2)


class NotAPicture(ValueError):
    """The file is not a photo we take. The text says what would be right."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A newly made JPEG and its small version. Width and height in pixels, of the large one."""

    large: bytes
    small: bytes
    width: int
    height: int


def remake(raw: bytes) -> Picture:
    """Make a new picture from the pixels of a JPEG, PNG or WebP file. Raises NotAPicture."""
    if not raw:
        raise NotAPicture(Sentence("The file is empty."))
    if len(raw) > MOST_BYTES:
        raise NotAPicture(Sentence("The photo is larger than 10 MB; send a smaller one."))
    try:
        with _room:
            child = subprocess.run(  # noqa: S603  # our own module, no words from outside
                [sys.executable, "-m", CHILD], input=raw, capture_output=True, timeout=SECONDS, check=False, cwd=CHECKOUT, env={}
            )
    except subprocess.TimeoutExpired:
        raise NotAPicture(Sentence("The photo took too long to read; send a smaller one.")) from None
    if child.returncode != 0 or len(child.stdout) < 4:
        raise NotAPicture(Sentence("The file could not be read as a photo; JPEG, PNG and WebP are taken."))
    (length,) = struct.unpack_from(">I", child.stdout)
    head = json.loads(child.stdout[4 : 4 + length])
    if "wrong" in head:
        raise NotAPicture(Sentence(head["wrong"]))
    body = child.stdout[4 + length :]
    return Picture(body[: head["large"]], body[head["large"] :], head["width"], head["height"])

"""The child process that decodes one picture from standard input (see pictures.py). Holds no secrets, opens no files."""

import io
import json
import resource
import struct
import sys

from PIL import Image, ImageOps, UnidentifiedImageError

from authority_portal.foundation.sentences import Sentence

MOST_PIXELS = 40_000_000
MEMORY = 1024 * 1024 * 1024
LARGE, SMALL = 2_048, 480


def main() -> None:
    """Read, judge, decode, write length-prefixed JSON and the two JPEGs."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (15, 15))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    Image.MAX_IMAGE_PIXELS = None  # judged below, with our own words
    try:
        picture = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("JPEG", "PNG", "WEBP"))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        answer({"wrong": Sentence("The file is not a photo we can read; JPEG, PNG and WebP are taken.")})
        return
    if picture.width * picture.height > MOST_PIXELS:
        answer({"wrong": Sentence("The photo has more than 40 million pixels; send a smaller one.")})
        return
    try:
        picture.draft("RGB", (LARGE, LARGE))  # lets the JPEG decoder skip detail we would throw away
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((LARGE, LARGE))
        large = fresh(upright)
    except (OSError, SyntaxError, ValueError, MemoryError):
        answer({"wrong": Sentence("The photo is damaged; send it again.")})
        return
    small = large.copy()
    small.thumbnail((SMALL, SMALL))
    first, second = jpeg(large, 85), jpeg(small, 80)
    answer({"large": len(first), "width": large.width, "height": large.height}, first + second)


def fresh(picture: Image.Image) -> Image.Image:
    """A new image with the same pixels on white and nothing else: a copy would keep comments and profiles."""
    made = Image.new("RGB", picture.size, "white")
    visible = picture.convert("RGBA")
    made.paste(visible.convert("RGB"), mask=visible.getchannel("A"))
    return made


def jpeg(picture: Image.Image, quality: int) -> bytes:
    """The image as a baseline file without any metadata."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
    return buffer.getvalue()


def answer(head: dict[str, object], body: bytes = b"") -> None:
    """Length of the head, head, body."""
    encoded = json.dumps(head).encode()
    sys.stdout.buffer.write(struct.pack(">I", len(encoded)) + encoded + body)


if __name__ == "__main__":
    main()

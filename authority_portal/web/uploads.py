"""Photos that come with a form: read and remade outside any transaction, stored before a row says so, removed if none does.

What the browser calls a file is never looked at.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import request
from flask_babel import gettext

from authority_portal.foundation import pictures, sentences, storage
from authority_portal.foundation.pictures import NotAPicture, Picture
from authority_portal.web.rendering import said


@dataclass
class Uploads:
    """What came in one file field: the files as they came, the pictures made of them, and sentences about what is wrong."""

    raws: list[bytes] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass
class Stored:
    """Pictures with the names they were stored under. Unless `keep` is called they are removed again."""

    pictures: list[tuple[str, Picture]]
    kept: bool = False

    def keep(self) -> None:
        """Rows are about to name them."""
        self.kept = True


def read(name: str, *, most: int) -> Uploads:
    """Make pictures of up to `most` files of the field `name`. Takes up to seconds: no transaction may be open."""
    files = [file for file in request.files.getlist(name) if file.filename]
    return made_of([file.stream.read(pictures.MOST_BYTES + 1) for file in files[: most + 1]], most=most)


def made_of(raws: Sequence[bytes], *, most: int) -> Uploads:
    """Make pictures of up to `most` files as they came. Takes up to seconds: no transaction may be open."""
    uploads = Uploads()
    if len(raws) > most:
        uploads.wrong.append(gettext("Choose at most %(most)s photos at once.", most=most))
        return uploads
    for number, raw in enumerate(raws, start=1):
        try:
            uploads.pictures.append(pictures.remake(raw))
            uploads.raws.append(raw)
        except NotAPicture as error:
            uploads.wrong.append(gettext("File %(number)s: %(problem)s", number=number, problem=said(sentences.of(error))))
    return uploads


@contextmanager
def stored(uploads: Uploads, authority_id: int) -> Iterator[Stored]:
    """Store the pictures for the block that writes their rows. Whatever goes wrong, no file stays without a row."""
    made = Stored([(storage.new_name(), picture) for picture in uploads.pictures])
    done = False
    try:
        for name, picture in made.pictures:
            storage.keep(authority_id, name, picture.large, picture.small)
        yield made
        done = made.kept
    finally:
        if not done:
            for name, _ in made.pictures:
                storage.remove(authority_id, name)

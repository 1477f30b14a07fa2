"""What came over the wire, as names and texts: strict UTF-8, bounded, every repetition noticed. Nothing is understood yet.

A POST is `application/x-www-form-urlencoded`, as GeoReport v2 says, or `multipart/form-data`, which may bring photos along.
Anything else, JSON included, is answered 415: one notation, one meaning.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import unquote_to_bytes

from flask import request

from authority_portal.foundation import pictures
from authority_portal.web.open311.failures import Refused

LARGEST_BODY = 256 * 1024
"""Bytes: 4,000 letters of any script, percent-encoded, and as much again for answers and the rest."""
MOST_FIELDS = 300
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
MEDIA = ("media", "media[]")
"""Names under which files come."""
_ATTRIBUTE = re.compile(r"attribute\[(.{1,200}?)\](\[\])?\Z", re.DOTALL)


@dataclass(frozen=True, slots=True, repr=False)
class Fields:
    """The fields of one request. Never logged: it has no text form with values."""

    values: dict[str, str]
    attributes: dict[str, list[str]]
    """Answers by question: `attribute[code]=v` and `attribute[code][]=v`."""
    doubled: frozenset[str]
    """Names that stand more than once and may not."""
    media: tuple[bytes, ...] = ()
    """Files as they came, each cut one byte after the largest that is taken."""

    def __repr__(self) -> str:
        return "<fields>"

    def once(self, name: str) -> str:
        """The text of a field, empty if it is absent. Raises Refused (400) if it stands more than once."""
        if name in self.doubled:
            raise Refused(400, {name: "was given more than once"})
        return self.values.get(name, "")


def query() -> Fields:
    """The fields of the address. Raises Refused (400)."""
    return sorted_out(_pairs(request.query_string, "query"))


def body() -> Fields:
    """The fields of a POST, with the address's `jurisdiction_id`, which some clients put there. Its files stay on disk.

    Raises Refused (400, 415), RequestEntityTooLarge.
    """
    charset = request.mimetype_params.get("charset", "utf-8")
    if request.mimetype not in (URLENCODED, MULTIPART) or charset.lower() not in ("utf-8", "utf8"):
        raise _unsupported()
    if request.mimetype == MULTIPART and not request.mimetype_params.get("boundary"):
        raise _unsupported()
    jurisdiction = [(name, text) for name, text in _pairs(request.query_string, "query") if name == "jurisdiction_id" and text]
    sent = _parts() if request.mimetype == MULTIPART else _pairs(request.get_data(cache=False), "body")
    return sorted_out([*sent, *(pair for pair in jurisdiction if pair not in sent)])


def with_files(fields: Fields) -> Fields:
    """The same with the bytes of the files, up to 32 MB: for a client that was counted and may send. Raises Refused (400)."""
    sent = [(name, file) for name, file in request.files.items(multi=True) if file.filename]
    unknown = [name for name, _ in sent if name not in MEDIA]
    if unknown:
        raise Refused(400, {name[:100]: "files come under the name media" for name in unknown})
    return replace(fields, media=tuple(file.stream.read(pictures.MOST_BYTES + 1) for _, file in sent))


def sorted_out(pairs: Iterable[tuple[str, str]]) -> Fields:
    """Fields from pairs in the order they came."""
    values: dict[str, str] = {}
    attributes: dict[str, list[str]] = {}
    doubled: set[str] = set()
    several: dict[str, bool] = {}
    for name, text in pairs:
        attribute = _ATTRIBUTE.match(name)
        if not text:  # acts like an absent one: forms send every field they show
            if attribute is None:
                values.setdefault(name, "")
            continue
        if attribute is None:
            if values.get(name):
                doubled.add(name)
            values[name] = text
            continue
        code, many = attribute[1], attribute[2] is not None
        if code in attributes and not (many and several[code]):
            doubled.add(f"attribute[{code}]")
        several[code] = many
        attributes.setdefault(code, []).append(text)
    for name in MEDIA:
        if values.get(name):
            raise Refused(400, {name: "must be a file with a file name, in a form of the kind multipart/form-data"})
    return Fields(values, attributes, frozenset(doubled))


def _parts() -> list[tuple[str, str]]:
    parts = list(request.form.items(multi=True))
    if None in request.form or None in request.files:  # Werkzeug's name for a part that has none
        raise Refused(400, {"body": "has a part without a name"})
    # Werkzeug puts this character where bytes were no UTF-8; what was meant there is lost.
    broken = {name[:100]: "must be UTF-8" for name, text in parts if "\ufffd" in name + text}
    if broken:
        raise Refused(400, broken)
    return parts


def _pairs(raw: bytes, where: str) -> list[tuple[str, str]]:
    pieces = [piece for piece in raw.split(b"&", MOST_FIELDS) if piece]
    if len(pieces) > MOST_FIELDS:
        raise Refused(400, {where: f"has more than {MOST_FIELDS} fields"})
    pairs, broken = [], {}
    for piece in pieces:
        name, _, text = (unquote_to_bytes(part) for part in piece.replace(b"+", b" ").partition(b"="))
        try:
            pairs.append((name.decode(), text.decode()))
        except UnicodeDecodeError:
            broken[name.decode(errors="replace")[:100]] = "must be UTF-8"
    if broken:
        raise Refused(400, broken)
    return pairs


def _unsupported() -> Refused:
    return Refused(415, {"Content-Type": f"must be {URLENCODED} or {MULTIPART}, in UTF-8"})

"""What an archive says about itself, written as its last member: without it the archive is not whole."""

import json
from dataclasses import asdict, dataclass

from authority_portal.cli.backup.contents import Table

FORMAT = 1


class Damaged(Exception):
    """The archive is not what was written. The text says what does not fit."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the archive: bytes and SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`absent` are the photos whose files were gone already when the backup was made."""

    made_at: str
    schema: str
    postgres: int
    tables: dict[str, Table]
    members: dict[str, Member]
    keys: dict[str, dict[str, str | None]]
    absent: list[str]
    format: int = FORMAT

    def text(self) -> bytes:
        """As it is written."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()


def read(raw: bytes) -> Manifest:
    """Raises Damaged, also for a format of another release."""
    try:
        known = json.loads(raw)
        if known["format"] != FORMAT:
            raise Damaged(f"the archive has format {known['format']}, this release reads format {FORMAT}")
        return Manifest(
            made_at=str(known["made_at"]),
            schema=str(known["schema"]),
            postgres=int(known["postgres"]),
            tables={name: Table(**table) for name, table in known["tables"].items()},
            members={name: Member(**member) for name, member in known["members"].items()},
            keys={ring: dict(ids) for ring, ids in known["keys"].items()},
            absent=list(known["absent"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Damaged("its manifest cannot be read") from None


def missing_photos(manifest: Manifest, photos: list[tuple[int, str]]) -> list[str]:
    """Photos of the database without both their files in the archive, but for those known to be absent."""
    return [
        name
        for authority_id, name in photos
        if name not in manifest.absent and not all(member in manifest.members for member in members_of(authority_id, name))
    ]


def members_of(authority_id: int, name: str) -> tuple[str, str]:
    """Names of a photo's two files in the archive."""
    folder = f"files/{authority_id}/{name[:2]}"
    return f"{folder}/{name}.jpg", f"{folder}/{name}.small.jpg"

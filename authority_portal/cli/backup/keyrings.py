"""Keys apart: which ones a backup needs, told by id and fingerprint, and their export into a file of its own."""

import base64
import hashlib
import os
from pathlib import Path

import click

from authority_portal.config import settings

RINGS = {"data": "DATA_KEYS", "link": "LINK_KEYS"}
EXPORTED = ("SECRET_KEY", "DATA_KEYS", "LINK_KEYS")


def fingerprints(ring: str) -> dict[str, str]:
    """Key id → fingerprint, the newest first. Eight bytes of a digest of a random key tell two keys apart and nothing more."""
    found = {}
    for part in getattr(settings(), RINGS[ring]).split(","):
        key_id, _, encoded = part.strip().partition(":")
        found[key_id] = hashlib.sha256(b"portal backup|" + base64.b64decode(encoded)).hexdigest()[:16]
    return found


def needed(data_key_ids: list[str]) -> dict[str, dict[str, str | None]]:
    """What this backup needs. The newest keys besides: blind indexes and residents' links are made with them.

    An id without a fingerprint belongs to a key that this host does not have.
    """
    data, link = fingerprints("data"), fingerprints("link")
    ids = [*data_key_ids, next(iter(data))]
    return {"data": {key_id: data.get(key_id) for key_id in sorted(set(ids))}, "link": dict(link)}


def problems(wanted: dict[str, dict[str, str | None]]) -> list[str]:
    """Why this host could not read what such a backup holds; empty if it can."""
    found = []
    for ring, ids in wanted.items():
        here = fingerprints(ring)
        for key_id, fingerprint in ids.items():
            if key_id not in here:
                found.append(f"key {key_id} is missing: add it to PORTAL_{RINGS[ring]}")
            elif fingerprint not in (None, here[key_id]):
                found.append(f"key {key_id} in PORTAL_{RINGS[ring]} is another key than the one of the backup")
    return found


def export(file: Path) -> None:
    """Write the keys of this installation into a new file that only its owner may read. Refuses one that is there."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already; keys are not written over keys.") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "w") as out:
        for name in EXPORTED:
            out.write(f"PORTAL_{name}={getattr(settings(), name)}\n")

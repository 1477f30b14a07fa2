"""Where photos lie: a folder per authority, random names, written whole or not at all."""

import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from authority_portal.config import settings

_NAME = re.compile(r"[0-9a-f]{32}\Z")


def new_name() -> str:
    """128 random bits: a name tells nothing and cannot be guessed."""
    return secrets.token_hex(16)


def path(authority_id: int, name: str, *, small: bool = False) -> Path:
    """Where a photo lies. Raises ValueError for anything that is not one of our names."""
    if not _NAME.match(name):
        raise ValueError("not the name of a stored photo")
    return settings().storage_folder / str(int(authority_id)) / name[:2] / f"{name}{'.small' if small else ''}.jpg"


def keep(authority_id: int, name: str, large: bytes, small: bytes) -> None:
    """Write both sizes: first beside, then by renaming, so that no reader meets half a file."""
    for data, is_small in ((large, False), (small, True)):
        target = path(authority_id, name, small=is_small)
        # A proxy that sends photos itself reads them by its group; otherwise nobody else has to.
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o750 if settings().MEDIA_PREFIX else 0o700)
        draft = target.with_suffix(f".{secrets.token_hex(4)}.new")
        draft.write_bytes(data)
        os.replace(draft, target)  # noqa: PTH105  # says what it does


def remove(authority_id: int, name: str) -> None:
    """Delete both sizes; missing ones are fine."""
    for small in (False, True):
        path(authority_id, name, small=small).unlink(missing_ok=True)


def names(authority_id: int, shard: int, *, before: datetime) -> set[str]:
    """The photos in one folder (0 to 255) of an authority whose files were all written before this time."""
    found: dict[str, bool] = {}
    for file in _files(authority_id, shard):
        name = file.name.partition(".")[0]
        if file.suffix == ".jpg" and _NAME.match(name):
            found[name] = found.get(name, True) and _is_older(file, before)
    return {name for name, old in found.items() if old}


def drop_drafts(authority_id: int, shard: int, *, before: datetime) -> None:
    """Delete what processes that died in the middle of writing left in one folder before this time."""
    for file in _files(authority_id, shard):
        if file.suffix == ".new" and _is_older(file, before):
            file.unlink(missing_ok=True)


def _files(authority_id: int, shard: int) -> Iterator[Path]:
    folder = settings().storage_folder / str(int(authority_id)) / f"{shard:02x}"
    if folder.is_dir():
        yield from folder.iterdir()


def _is_older(file: Path, before: datetime) -> bool:
    try:
        return datetime.fromtimestamp(file.stat().st_mtime, UTC) < before
    except FileNotFoundError:  # somebody else removed it in between
        return False

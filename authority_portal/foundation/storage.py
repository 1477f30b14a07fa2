"""Where photos lie: a folder per authority, random names, written whole or not at all."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from authority_portal.config import settings
from authority_portal.foundation import disk

FOLDER, FILE = 0o750, 0o640

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
    """Write both sizes, so that no reader meets half a file and a crash of the machine takes neither away."""
    for data, is_small in ((large, False), (small, True)):
        put(path(authority_id, name, small=is_small), BytesIO(data))


def put(target: Path, content: IO[bytes]) -> None:
    """Write one file of the storage: first beside, then by renaming. The group may read it, whatever the process's umask is.

    A proxy that sends photos itself and the backup's account are in that group; nobody else has to read one.
    """
    folders = [folder for folder in target.parents[:3] if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER)
    for folder in folders:
        folder.chmod(FOLDER)
    draft = target.with_suffix(f".{secrets.token_hex(4)}.new")
    with draft.open("xb") as out:
        shutil.copyfileobj(content, out)
        os.fchmod(out.fileno(), FILE)
        out.flush()
        os.fsync(out.fileno())
    os.replace(draft, target)  # noqa: PTH105  # says what it does
    for folder in (target.parent, *(folder.parent for folder in folders)):
        disk.settle(folder)


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

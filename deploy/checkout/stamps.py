"""What is already done: each step leaves a hash of everything it depends on, and is skipped as long as that is the same."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from deploy.checkout.places import CHECKOUT, LOCAL

FOLDER = LOCAL / "stamps"


def of(*inputs: str | Path | Iterable[Path]) -> str:
    """The hash of texts, of files with their names, and of lists of files. A file that is missing counts as that."""
    digest = hashlib.sha256()
    for item in inputs:
        for part in [item] if isinstance(item, str | Path) else sorted(item):
            content = b"" if isinstance(part, str) else part.read_bytes() if part.is_file() else b"missing"
            name = part if isinstance(part, str) else str(part.relative_to(CHECKOUT))
            digest.update(f"{len(name)} {len(content)} {name}".encode() + content)
    return digest.hexdigest()


def holds(name: str, key: str) -> bool:
    """True if this step was done with exactly these inputs."""
    file = FOLDER / name
    return file.is_file() and file.read_text() == key


def put(name: str, key: str) -> None:
    """Remember that the step was done to its end."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    draft = FOLDER / f"{name}.new"
    draft.write_text(key)
    draft.replace(FOLDER / name)

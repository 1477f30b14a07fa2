"""The archive: one tar file with `database.dump`, `files/…` and, last, `manifest.json`. Written whole or not at all."""

import fcntl
import hashlib
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import IO

from authority_portal.cli.backup import manifest as manifests
from authority_portal.cli.backup.manifest import Damaged, Manifest, Member
from authority_portal.foundation import disk

DUMP, MANIFEST = "database.dump", "manifest.json"
_CHUNK = 1 << 20
_SCRATCH = "portal-dump-"
_KNOWN = re.compile(r"(database\.dump|manifest\.json|files/[0-9]{1,18}/[0-9a-f]{2}/[0-9a-f]{32}(\.small)?\.jpg)\Z")


class Writer:
    """Takes files one after the other and remembers their digests."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        """`members` fills up as files are added."""
        self._tar = tar
        self.members: dict[str, Member] = {}

    def add(self, name: str, file: Path) -> None:
        """Raises FileNotFoundError if it is gone."""
        with file.open("rb") as stream:
            info = tarfile.TarInfo(name)
            info.size = os.fstat(stream.fileno()).st_size
            info.mode = 0o600
            counted = _Digesting(stream)
            self._tar.addfile(info, counted)  # type: ignore[arg-type]  # all it asks for is read()
        self.members[name] = Member(info.size, counted.digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """The manifest ends the archive."""
        raw = manifest.text()
        info = tarfile.TarInfo(MANIFEST)
        info.size, info.mode = len(raw), 0o600
        self._tar.addfile(info, BytesIO(raw))


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """Write beside, then rename: what fails leaves nothing, and a killed backup a `.new` file, which is no archive."""
    draft = target.with_name(f"{target.name}.new")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    disk.settle(target.parent)


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A folder for a dump, in `folder`. What killed processes left there is deleted first, because it holds residents' words."""
    for left in folder.glob(f"{_SCRATCH}*"):
        with suppress(FileNotFoundError), _held(left) as is_ours:
            if is_ours:
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=folder) as made, _held(Path(made)):
        yield Path(made)


@contextmanager
def _held(folder: Path) -> Iterator[bool]:
    """Hold a folder for as long as this process lives; False if another process holds it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        is_ours = True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            is_ours = False
        yield is_ours
    finally:
        os.close(handle)


def read(archive: Path, take: Callable[[str, IO[bytes]], None] | None = None) -> Manifest:
    """Read the archive once from its beginning to its end, check every digest, and hand every file to `take`.

    What `take` is given was not checked yet: it must not be used before this returns. Raises Damaged, or OSError.
    """
    seen: dict[str, Member] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(archive, "r|") as tar:
            for info in tar:
                stream = tar.extractfile(info)
                if stream is None or not _KNOWN.match(info.name) or info.name in seen or manifest is not None:
                    raise Damaged(f"{info.name[:80]!r} does not belong into it")
                if info.name == MANIFEST:
                    manifest = manifests.read(stream.read())
                    continue
                counted = _Digesting(stream)
                if take is not None:
                    take(info.name, counted)  # type: ignore[arg-type]  # all it asks for is read()
                counted.drain()
                seen[info.name] = Member(counted.size, counted.digest.hexdigest())
    except (tarfile.TarError, EOFError) as error:
        raise Damaged(f"it is not a whole tar file ({error})") from None
    if manifest is None:
        raise Damaged("its end is missing")
    _compare(manifest, seen)
    return manifest


def _compare(manifest: Manifest, seen: dict[str, Member]) -> None:
    if DUMP not in seen:
        raise Damaged("the database is missing")
    for name in sorted(manifest.members.keys() | seen.keys()):
        if name not in seen:
            raise Damaged(f"{name} is missing")
        if name not in manifest.members:
            raise Damaged(f"{name} is not in its manifest")
        if seen[name] != manifest.members[name]:
            raise Damaged(f"{name} was changed")


class _Digesting:
    """A stream that remembers the digest of what was read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        part = self._stream.read(size)
        self.digest.update(part)
        self.size += len(part)
        return part

    def drain(self) -> None:
        while self.read(_CHUNK):
            pass

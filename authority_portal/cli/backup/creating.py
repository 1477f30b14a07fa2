"""Making a backup: the database as of one moment, then the files its photos need, then the manifest.

Files come after the database, because a photo's files are written before its row and never changed: whatever the copy of the
database names is there. What was erased in between is gone from the archive as well, as it should be.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy import text

from authority_portal.cli.backup import archive, contents, keyrings, manifest
from authority_portal.cli.backup.manifest import Manifest
from authority_portal.cli.backup.server import Server
from authority_portal.foundation import clock, storage


@dataclass(frozen=True, slots=True)
class Made:
    """The archive, and what stands in its manifest."""

    file: Path
    manifest: Manifest


def create(folder: Path) -> Made:
    """Write a new archive into `folder`, which is made if it is missing. Refuses in words what would be no backup."""
    server = Server.of_settings()
    at = clock.now()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written: {error.strerror}.") from None
    target = folder.resolve() / f"portal-{at:%Y%m%dT%H%M%SZ}.tar"
    if target.exists():
        raise click.ClickException(f"{target} is there already.")
    server.clear()
    with (
        _alone(folder),
        archive.scratch(folder) as scratch,
        server.engine(server.database).connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        connection.begin(),
        archive.writing(target) as writer,
    ):
        contents.check_sees_every_row(connection)
        # The dump and everything that is counted here see the same moment.
        snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        dump = scratch / archive.DUMP
        # PostGIS brings its own table of reference systems, which an owner who is no superuser may not write.
        options = ("--format=custom", "--exclude-table-data=spatial_ref_sys", f"--snapshot={snapshot}", f"--file={dump}")
        server.run("pg_dump", *options, database=server.database)
        writer.add(archive.DUMP, dump)
        dump.unlink()
        absent = _add_photos(writer, contents.photos(connection))
        whole = Manifest(
            made_at=at.isoformat(),
            schema=contents.schema(connection),
            postgres=server.version(),
            tables=contents.tables(connection),
            members=writer.members,
            keys=keyrings.needed(contents.data_keys(connection)),
            absent=absent,
        )
        writer.finish(whole)
    return Made(target, whole)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder, which is first cleared of what a killed one left."""
    with (folder / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise click.ClickException(f"Another backup is being written to {folder}.") from None
        for draft in folder.glob("portal-*.tar.new"):
            draft.unlink()
        yield


def drop_older(folder: Path, *, days: int) -> list[str]:
    """Delete archives in `folder` that were written more than so many days ago; returns which."""
    before = clock.now().timestamp() - days * 86_400
    old = [file for file in sorted(folder.glob("portal-*Z.tar")) if file.stat().st_mtime < before]
    for file in old:
        file.unlink()
    return [file.name for file in old]


def _add_photos(writer: archive.Writer, photos: list[tuple[int, str]]) -> list[str]:
    absent = []
    for authority_id, name in photos:
        members = manifest.members_of(authority_id, name)
        try:
            for member, small in zip(members, (False, True), strict=True):
                writer.add(member, storage.path(authority_id, name, small=small))
        except FileNotFoundError:
            absent.append(name)
    return absent

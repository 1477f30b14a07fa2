"""Loading an archive's database into an empty one, and comparing the two row by row."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click
from alembic.script import ScriptDirectory

from authority_portal.cli.backup import archive, contents, keyrings, manifest
from authority_portal.cli.backup.manifest import Damaged, Manifest
from authority_portal.cli.backup.server import Server
from authority_portal.config import CHECKOUT


@contextmanager
def unpacked(file: Path) -> Iterator[tuple[Manifest, Path]]:
    """The checked manifest and the dump, beside the archive for as long as it is needed. Refuses in words a damaged one."""
    if not file.is_file():
        raise click.ClickException(f"There is no archive {file}.")
    with archive.scratch(file.parent) as scratch:
        dump = scratch / archive.DUMP

        def keep_the_dump(name: str, stream: IO[bytes]) -> None:
            if name == archive.DUMP:
                with dump.open("wb") as out:
                    shutil.copyfileobj(stream, out)

        try:
            known = archive.read(file, keep_the_dump)
        except Damaged as error:
            raise click.ClickException(f"{file.name} is damaged: {error}.") from None
        yield known, dump


def check_fits(known: Manifest, server: Server) -> None:
    """Refuse an archive of a newer release or a newer PostgreSQL than here."""
    ours = {script.revision for script in ScriptDirectory(str(CHECKOUT / "migrations")).walk_revisions()}
    if known.schema not in ours:
        raise click.ClickException(
            f"The archive has schema {known.schema}, which this release does not know: use the release that made it."
        )
    if known.postgres // 10_000 > server.version() // 10_000:
        raise click.ClickException(
            f"The archive is of PostgreSQL {known.postgres // 10_000} and the server here is {server.version() // 10_000}: "
            "use a newer one."
        )


def check_keys(known: Manifest) -> None:
    """Refuse if residents' details could not be read here."""
    if wrong := keyrings.problems(known.keys):
        raise click.ClickException("The keys of this host do not fit the archive: " + "; ".join(wrong) + ".")


def load(dump: Path, server: Server, database: str) -> None:
    """Fill an empty database. Rights and the roles they name are given afterwards by `install database`."""
    options = ("--no-owner", "--no-privileges", "--no-comments", "--exit-on-error")
    server.run("pg_restore", *options, str(dump), database=database)


def differences(known: Manifest, server: Server, database: str) -> list[str]:
    """Where a loaded database is not the one that was backed up: tables by rows and digest, photos by their files."""
    with server.engine(database).connect() as connection:
        there, photos = contents.tables(connection), contents.photos(connection)
    found = []
    for name in sorted(known.tables.keys() | there.keys()):
        before, now = known.tables.get(name), there.get(name)
        if before is None or now is None:
            found.append(f"table {name} is {'missing' if now is None else 'not in the archive'}")
        elif before != now:
            found.append(f"table {name} had {before.rows} rows and has {now.rows}, or their contents differ")
    missing = manifest.missing_photos(known, photos)
    return found + ([f"{len(missing)} photos have no file in the archive, first {missing[0]}"] if missing else [])

"""Bringing a backup back. The new database is made beside the old one and takes its name at the very end, in one step.

Until then nothing that is there is touched: photos' files have random names and never change, so they are added before. Whom the
journals name is erased again before that step as well, so that nobody ever meets a database that brought residents back. A run
that was killed leaves a database named `…_restoring` and some files; the next one, or the next backup, takes the former away.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import click
from alembic import command
from alembic.config import Config
from sqlalchemy import make_url, pool, text
from sqlalchemy.engine import create_engine

from authority_portal.cli import install
from authority_portal.cli.backup import archive, contents, loading
from authority_portal.cli.backup.manifest import Manifest
from authority_portal.cli.backup.server import Server
from authority_portal.config import CHECKOUT, environment_with, settings
from authority_portal.foundation import clock, storage

_CONNECTED = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :it AND pid <> pg_backend_pid()")


@dataclass(frozen=True, slots=True)
class Restored:
    """What the archive held, the name of the former database or nothing, and what settling said."""

    manifest: Manifest
    former: str
    settled: str


def restore(file: Path, *, replace: bool) -> Restored:
    """Put the archive in the place of the configured database and storage.

    Refuses in words: a damaged archive, one of a newer release, missing keys, a place that is not empty unless `replace`.
    """
    server = Server.of_settings()
    with loading.unpacked(file) as (known, dump):
        loading.check_fits(known, server)
        loading.check_keys(known)
        there = server.exists(server.database)
        empty = not there or _is_empty(server)
        if not replace:
            _check_empty(known, server, empty=empty)
        _check_nobody_works(server)
        with server.beside("_restoring") as beside:
            loading.load(dump, server, beside)
            if wrong := loading.differences(known, server, beside):
                raise click.ClickException("What was loaded is not what was backed up: " + "; ".join(wrong) + ".")
            _bring_up_to_date(server, beside)
            _put_files(file)
            said = _settle(beside)
            former = f"{server.database}_before_{clock.now():%Y%m%d%H%M%S}" if there else ""
            steps = [(server.database, former)] if there else []
            server.rename(*steps, (beside, server.database))
    if former and empty:
        server.drop(former)
        former = ""
    return Restored(known, former, said)


def _is_empty(server: Server) -> bool:
    with server.engine(server.database).connect() as connection:
        return contents.is_empty(connection)


def _check_empty(known: Manifest, server: Server, *, empty: bool) -> None:
    if not empty:
        raise click.ClickException(
            f"The database {server.database} is not empty: --replace puts the archive in its place and keeps it."
        )
    folder = settings().storage_folder
    strange = next(
        (path for path in folder.rglob("*.jpg") if f"files/{path.relative_to(folder).as_posix()}" not in known.members), None
    )
    if strange is not None:
        raise click.ClickException(f"{folder} holds photos that are not in the archive: --replace adds the archive's to them.")


def _check_nobody_works(server: Server) -> None:
    with server.maintenance() as connection:
        connected = connection.scalar(_CONNECTED, {"it": server.database})
    if connected:
        raise click.ClickException(f"{connected} connections to {server.database} are open: stop web and workers first.")


def _bring_up_to_date(server: Server, database: str) -> None:
    """Newer migrations of this code, the app's role, its rights and the marks: a dump carries none of the last three."""
    config = Config(str(CHECKOUT / "migrations" / "alembic.ini"))
    config.set_main_option("script_location", str(CHECKOUT / "migrations"))
    with create_engine(server.address(database), poolclass=pool.NullPool).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    install.prepare(server.address(database), app=make_url(settings().DATABASE_URL))


def _settle(database: str) -> str:
    """`flask backup settle` on the new database while it is still beside the old one, as web and workers would reach it."""
    app = make_url(settings().DATABASE_URL).set(database=database)
    env = environment_with(DATABASE_URL=app.render_as_string(hide_password=False))
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "backup", "settle"]
    done = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    if done.returncode != 0:
        raise click.ClickException(f"Nothing was exchanged: {' '.join(done.stderr.split())[-600:]}")
    return done.stdout.rstrip()


def _put_files(file: Path) -> None:
    folder = settings().storage_folder

    def put(name: str, stream: IO[bytes]) -> None:
        if not name.startswith("files/"):
            return
        storage.put(folder / name.removeprefix("files/"), stream)

    archive.read(file, put)

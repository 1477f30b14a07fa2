"""The database server as its owner sees it: PostgreSQL's own programs, and whole databases made, renamed and dropped.

A password never stands on a command line, where every account of the machine could read it.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Connection, Engine, create_engine, make_url, pool, text
from sqlalchemy.exc import DBAPIError

from authority_portal.config import settings
from authority_portal.servers import DEBIAN_SERVERS, ENVIRONMENT

MAINTENANCE = "postgres"
"""The database one is connected to while another is made or renamed."""

# PostgreSQL cuts names at 63 letters, and `_before_` with a time takes 22 of them.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}\Z")
_SECRET = {"password", "sslpassword"}
BESIDE = ("_verify", "_restoring")
"""Endings of the databases that are made beside the portal's for a while."""

# Held by whoever has such a database; it ends with the connection, also that of a killed process.
_ALONE = text("SELECT pg_try_advisory_lock(hashtextextended('portal backup ' || :database, 0))")


@dataclass(frozen=True)
class Server:
    """The server that `PORTAL_DATABASE_OWNER_URL` names; `database` is the portal's."""

    url: URL

    @classmethod
    def of_settings(cls) -> "Server":
        """Refuses in words if the owner is not known or the database has an unusual name."""
        if not settings().DATABASE_OWNER_URL:
            raise click.ClickException("PORTAL_DATABASE_OWNER_URL is not set: only the owner reads and writes every row.")
        server = cls(make_url(settings().DATABASE_OWNER_URL))
        if not _PLAIN.match(server.database):
            raise click.ClickException("The database in PORTAL_DATABASE_OWNER_URL needs a plain name of at most 41 letters.")
        if hidden := _SECRET & {name.lower() for name in server.url.query}:
            raise click.ClickException(
                f"PORTAL_DATABASE_OWNER_URL has its {hidden.pop()} behind the question mark, where it would be put on a command "
                "line: write it between the user and the host, or into a ~/.pgpass of this account."
            )
        return server

    @property
    def database(self) -> str:
        """Name of the portal's database."""
        return self.url.database or ""

    def address(self, database: str) -> str:
        """SQLAlchemy address of another database of this server."""
        return self.url.set(database=database).render_as_string(hide_password=False)

    def engine(self, database: str) -> Engine:
        """Connections as the owner, in UTC, so that rows read as text are the same everywhere."""
        return create_engine(
            self.url.set(database=database), poolclass=pool.NullPool, connect_args={"options": "-c timezone=UTC -c datestyle=ISO"}
        )

    @contextmanager
    def maintenance(self) -> Iterator[Connection]:
        """A connection beside the portal's database, without a transaction."""
        with self.engine(MAINTENANCE).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            yield connection

    def exists(self, database: str) -> bool:
        """Whether the server has a database of this name."""
        with self.maintenance() as connection:
            return bool(connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :it"), {"it": database}))

    @contextmanager
    def beside(self, ending: str) -> Iterator[str]:
        """An empty database beside the portal's, with one of the endings BESIDE, dropped afterwards unless it was renamed.

        Refuses in words if another process has one, or if the owner may not make any.
        """
        made = f"{self.database}{ending}"
        with self.maintenance() as connection:
            if not connection.scalar(_ALONE, {"database": self.database}):
                raise click.ClickException("Another `flask backup verify --restore` or `restore` is running.")
            self._drop_left(connection)
            try:
                connection.execute(text(f'CREATE DATABASE "{made}"'))
            except DBAPIError as error:
                raise click.ClickException(f"The owner cannot make the database {made}: {_first_line(error)}") from None
            try:
                yield made
            finally:
                self._drop_left(connection)

    def clear(self) -> None:
        """Drop what a killed process left beside the portal's database, unless another one is at work there."""
        with self.maintenance() as connection:
            if connection.scalar(_ALONE, {"database": self.database}):
                self._drop_left(connection)

    def _drop_left(self, connection: Connection) -> None:
        for ending in BESIDE:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{self.database}{ending}" WITH (FORCE)'))

    def drop(self, database: str) -> None:
        """Drop a database, whoever is connected to it."""
        with self.maintenance() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'))

    def rename(self, *steps: tuple[str, str]) -> None:
        """Rename databases, all or none. Refuses in words while somebody is connected to one of them."""
        try:
            with self.engine(MAINTENANCE).begin() as connection:
                for old, new in steps:
                    connection.execute(text(f'ALTER DATABASE "{old}" RENAME TO "{new}"'))
        except DBAPIError as error:
            raise click.ClickException(
                f"Nothing was exchanged: {_first_line(error)}. End what is connected, then run again."
            ) from None

    def run(self, program: str, *words: str, database: str = "") -> str:
        """Run `pg_dump` or `pg_restore` and give what it says. With `database` it connects there as the owner."""
        command, env = [str(self.program(program)), *words], dict(ENVIRONMENT)
        if database:
            command += ["--dbname", self._conninfo(database)]
            env |= {"PGPASSWORD": self.url.password} if isinstance(self.url.password, str) else {}
        done = subprocess.run(command, env=env, cwd="/", capture_output=True, text=True, check=False)  # noqa: S603  # found by us
        if done.returncode != 0:
            raise click.ClickException(f"{program} failed: {_words(done.stderr)}")
        return done.stdout

    def program(self, name: str) -> Path:
        """A program at least as new as the server: an older one refuses, a newer one understands."""
        major = self.version() // 10_000
        installed = {int(folder.name.split(".")[0]): folder / "bin" / name for folder in DEBIAN_SERVERS.glob("[0-9]*")}
        fitting = [installed[number] for number in sorted(installed) if number >= major and installed[number].is_file()]
        found = fitting[0] if fitting else shutil.which(name)
        if found is None:
            raise click.ClickException(f"{name} was not found: install postgresql-client-{major}.")
        return Path(found)

    def version(self) -> int:
        """The server's version as a number, 150014 for 15.14."""
        with self.maintenance() as connection:
            return int(connection.scalar(text("SHOW server_version_num")) or 0)

    def _conninfo(self, database: str) -> str:
        query = {name: str(value) for name, value in self.url.query.items()}
        given = {"host": self.url.host, "port": self.url.port, "user": self.url.username} | query
        return make_conninfo("", dbname=database, **{name: value for name, value in given.items() if value is not None})


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).splitlines()[0]


def _words(said: str) -> str:
    return " ".join(said.split())[:600] or "it said nothing"

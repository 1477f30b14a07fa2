"""The private PostgreSQL and Redis of a checkout: where they live, who uses them, and when they may end.

Only the standard library is imported, because the checkout's scripts use this before the virtual environment exists.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from authority_portal.servers import (
    DATABASE,
    EXTENSIONS,
    Database,
    Flavour,
    Postgres,
    Redis,
    ServiceError,
    account,
    give_to_account,
    run,
)

__all__ = ["Database", "Flavour", "Running", "ServiceError", "known_place", "start", "stop"]

LOCAL = Path(__file__).resolve().parent.parent / ".local"
ELSEWHERE = Path("/var/tmp")  # noqa: S108  # a closed folder with a random name is made in it
BELOW: dict[Flavour, Path] = {"run": Path("services"), "test": Path("test/services"), "bench": Path("bench/services")}
# The kernel allows 107 bytes for the path of a socket.
LONGEST_SOCKET = 100
# Anything else would have to be quoted, each time differently, in configuration files, addresses and command lines.
PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-")


@dataclass
class Running:
    """Servers in use by this process: SQLAlchemy addresses for the app's role and the owner, and the address of Redis."""

    database_url: str
    owner_url: str
    redis_url: str
    _flavour: Flavour
    _local: Path
    _use: IO[str] = field(repr=False)

    def stop(self) -> None:
        """Give the servers back. They end with their last user. May be called twice."""
        self._use.close()
        stop(self._flavour, local=self._local)

    def database(self, name: str) -> Database:
        """The addresses of a database that is there."""
        return self._server().database(name)

    def create_database(self, name: str, template: str | None = None) -> Database:
        """A new database, empty with the extensions, or a copy of `template`, to which nobody may be connected."""
        server = self._server()
        server.sql("postgres", f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
        if template is None:
            server.sql(name, f"SET client_min_messages = warning;\n{EXTENSIONS}")
        return server.database(name)

    def drop_database(self, name: str) -> None:
        """Drop the database if it exists, whoever is connected to it."""
        self._server().sql("postgres", f'SET client_min_messages = warning;\nDROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def sql(self, database: str, script: str) -> str:
        """Run a script as the owner and give its rows as text."""
        return self._server().sql(database, script)

    def _server(self) -> Postgres:
        return Postgres(_folder(self._local, self._flavour), self._flavour)


def start(flavour: Flavour, *, local: Path = LOCAL, database_url: str = "", owner_url: str = "", redis_url: str = "") -> Running:
    """Start what is not running yet, below `local`. A server whose address is given is used, not started.

    Several processes may use one flavour at the same time. Raises ServiceError with one line that says what to do.
    """
    local.mkdir(parents=True, exist_ok=True)
    with _alone(local):
        folder = _folder(local, flavour)
        if not database_url:
            postgres = Postgres(folder, flavour)
            postgres.start()
            database_url, owner_url = postgres.database(DATABASE).url, postgres.database(DATABASE).owner_url
        if not redis_url:
            redis = Redis(folder, flavour)
            redis.start()
            redis_url = f"unix://{redis.socket}"
        use = (local / f"{flavour}.in-use").open("a")
        fcntl.flock(use, fcntl.LOCK_SH)
    return Running(database_url, owner_url or database_url, redis_url, flavour, local, use)


def stop(flavour: Flavour, *, local: Path = LOCAL) -> bool:
    """Stop the servers of this flavour, also those of a killed process. False if another process still uses them."""
    if not local.is_dir():
        return True
    with _alone(local), (local / f"{flavour}.in-use").open("a") as use:
        try:
            fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        folder = (known_place(local) or local) / BELOW[flavour]
        Redis(folder, flavour).stop()
        Postgres(folder, flavour).stop()
    return True


def known_place(local: Path = LOCAL) -> Path | None:
    """Where earlier starts put the folders, unless the note about it belongs to another checkout or to a stranger."""
    try:
        note = json.loads((local / "services.json").read_text())
        place = Path(note["place"])
        owned = place == local or place.lstat().st_uid == account().get("user", os.getuid())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return place if owned and place.is_dir() and not place.is_symlink() and note["checkout"] == str(local) else None


@contextmanager
def _alone(local: Path) -> Iterator[None]:
    with (local / "services.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _folder(local: Path, flavour: Flavour) -> Path:
    """The closed folder of this flavour's data and sockets; made if it is missing."""
    folder = (known_place(local) or _new_place(local)) / BELOW[flavour]
    folder.parent.mkdir(exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    give_to_account(folder)
    return folder


def _new_place(local: Path) -> Path:
    """`local` itself, or a folder below /var/tmp where the path is closed to the account, too long or unusual."""
    longest = local / BELOW["bench"] / ".s.PGSQL.5432"
    usual = len(os.fsencode(longest)) <= LONGEST_SOCKET and PLAIN.issuperset(str(longest))
    place = local
    if not usual or run(["test", "-x", str(local)]).returncode != 0:
        place = Path(tempfile.mkdtemp(prefix="authority-portal-", dir=ELSEWHERE))
        give_to_account(place)
    draft = local / "services.json.new"
    draft.write_text(json.dumps({"place": str(place), "checkout": str(local)}))
    draft.replace(local / "services.json")
    return place

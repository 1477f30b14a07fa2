"""One private PostgreSQL and one private Redis: making, starting, asking and stopping the processes.

Only the standard library: the checkout's scripts use this before the virtual environment exists.
"""

import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Flavour = Literal["run", "test", "bench"]

OWNER, APP, DATABASE = "portal_owner", "portal_app", "portal"
DEBIAN_SERVERS = Path("/usr/lib/postgresql")
# What the person at the keyboard has exported (PGHOST, LC_ALL, …) must not change how the servers run.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
PATIENCE = 60.0

POSTGRES_SETTINGS = {
    "run": "shared_buffers = 256MB\n",
    # As safe and as large as the demo's, so that what is measured is what runs; checkpoints far apart for the seed.
    "bench": "shared_buffers = 256MB\nmax_wal_size = 4GB\n",
    # The test cluster may be lost at any time, so it never waits for the disk.
    "test": "shared_buffers = 128MB\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n",
}
REDIS_SETTINGS = {"run": ["--appendonly", "yes"], "test": ["--appendonly", "no"], "bench": ["--appendonly", "no"]}

EXTENSIONS = "".join(f"CREATE EXTENSION IF NOT EXISTS {name};\n" for name in ("postgis", "pg_trgm", "btree_gin"))
FIRST_OBJECTS = f"""
SET client_min_messages = warning;
SELECT 'CREATE ROLE {APP} LOGIN NOBYPASSRLS' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP}') \\gexec
SELECT 'CREATE DATABASE {DATABASE}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec
\\connect {DATABASE}
SET client_min_messages = warning;
{EXTENSIONS}"""  # noqa: S608  # three constants from above


class ServiceError(Exception):
    """A server cannot be used. The text is one line for the person at the keyboard: what is wrong and what to do."""


@dataclass(frozen=True)
class Database:
    """The SQLAlchemy addresses of one database: as the app's role and as its owner."""

    url: str
    owner_url: str


@dataclass(frozen=True)
class Postgres:
    """The cluster in `folder`, which only the account may enter. It listens on a socket in the same folder."""

    folder: Path
    flavour: Flavour

    @property
    def data(self) -> Path:
        return self.folder / "postgres"

    @property
    def cluster_name(self) -> str:
        """Stands in the title of every process of this cluster: none is mistaken for a stranger's."""
        return f"portal-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"

    def database(self, name: str) -> Database:
        return Database(*(f"postgresql+psycopg://{role}@/{name}?host={self.folder}" for role in (APP, OWNER)))

    def start(self) -> None:
        """Leave a server running that has the roles, the database and its extensions. Clears away what a kill left."""
        binaries = self._binaries()
        if not (self.data / "PG_VERSION").is_file():
            self._make(binaries)
        if self._postmasters():
            wait_until(lambda: self._ask("postgres", "").returncode == 0)
        else:
            kill(self._processes())
            # Nobody is left behind these files, but a number in them may belong to a stranger or a zombie by now.
            for claim in (self.data / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"):
                claim.unlink(missing_ok=True)
            log = self.folder / "postgres.log"
            command = [str(binaries / "pg_ctl"), "-D", str(self.data), "-l", str(log), "-w", "-t", str(int(PATIENCE)), "start"]
            if run(command).returncode != 0:
                raise ServiceError(f"PostgreSQL does not start: {last_line(log)} (the whole log: {log})")
        self.sql("postgres", FIRST_OBJECTS)

    def stop(self) -> None:
        """Stop the server and every process it left behind."""
        binaries = postgres_binaries(self._made_by())
        if binaries and self._postmasters():
            run([str(binaries / "pg_ctl"), "-D", str(self.data), "-m", "fast", "-w", "-t", "20", "stop"])
        kill(self._processes())

    def sql(self, database: str, script: str) -> str:
        """Run a script as the owner and give its rows as text."""
        answer = self._ask(database, script)
        if answer.returncode != 0:
            raise ServiceError(f"PostgreSQL refuses: {' '.join(answer.stderr.split())}")
        return answer.stdout

    def _ask(self, database: str, script: str) -> subprocess.CompletedProcess[str]:
        psql = str(self._binaries() / "psql")
        return run([psql, "-XqAtw", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-U", OWNER, "-d", database], text=script)

    def _made_by(self) -> str:
        version = self.data / "PG_VERSION"
        return version.read_text().strip() if version.is_file() else ""

    def _binaries(self) -> Path:
        version = self._made_by()
        binaries = postgres_binaries(version)
        if binaries is None and version:
            raise ServiceError(
                f"The data in {self.data} were made by PostgreSQL {version}, which is not here with PostGIS: "
                f"install postgresql-{version}-postgis-3, or throw the data away with `make clean`."
            )
        if binaries is None:
            raise ServiceError("No PostgreSQL server with PostGIS was found: install both; on Debian `make run` does it as root.")
        return binaries

    def _make(self, binaries: Path) -> None:
        """Make the cluster beside its place and move it there whole, so that a kill in between leaves no half of one."""
        draft = self.folder / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        options = f"-U {OWNER} -A trust -E UTF8 --locale=C.UTF-8 --no-instructions --no-sync".split()
        made = run([str(binaries / "initdb"), "-D", str(draft), *options])
        if made.returncode:
            raise ServiceError(f"PostgreSQL cannot make its data folder: {' '.join(made.stderr.split())}")
        with (draft / "postgresql.conf").open("a") as conf:
            conf.write(
                f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\ncluster_name = '{self.cluster_name}'\n"
                f"timezone = 'UTC'\nlog_timezone = 'UTC'\nmax_connections = 100\n{POSTGRES_SETTINGS[self.flavour]}"
            )
        draft.rename(self.data)

    def _postmasters(self) -> list[int]:
        return [pid for pid, words in commands() if Path(words[0]).name == "postgres" and str(self.data) in words]

    def _processes(self) -> list[int]:
        title = f"postgres: {self.cluster_name}: "
        return self._postmasters() + [pid for pid, words in commands() if words[0].startswith(title)]


@dataclass(frozen=True)
class Redis:
    """The Redis in `folder`. What it holds may vanish at any time: it is a bell, the truth is in PostgreSQL."""

    folder: Path
    flavour: Flavour

    @property
    def socket(self) -> Path:
        return self.folder / "redis.sock"

    def start(self) -> None:
        """Leave a server running that answers."""
        binary = redis_binary()
        if binary is None:
            raise ServiceError("No Redis server was found: install redis; on Debian `make run` does it as root.")
        if self._send("PING") == "+PONG":
            return
        kill(self._processes())
        if not self._launch(binary):
            # A torn file of a full disk or a killed machine must not keep the house from opening.
            kill(self._processes())
            shutil.rmtree(self.folder / "redis", ignore_errors=True)
            if not self._launch(binary):
                log = self.folder / "redis.log"
                raise ServiceError(f"Redis does not start: {last_line(log)} (the whole log: {log})")

    def stop(self) -> None:
        """Stop the server and what a kill left of it."""
        if self._send("SHUTDOWN").startswith("-"):
            self._send("SHUTDOWN NOSAVE")
        with suppress(ServiceError):
            wait_until(lambda: not self._processes(), patience=10)
        kill(self._processes())

    def _launch(self, binary: str) -> bool:
        # Settings of a file would come from the distribution; here everything stands on the command line.
        data = self.folder / "redis"
        data.mkdir(mode=0o700, exist_ok=True)
        give_to_account(data)
        places = ["--unixsocket", str(self.socket), "--pidfile", str(self.folder / "redis.pid")]
        places += ["--dir", str(data), "--logfile", str(self.folder / "redis.log")]
        options = ["--port", "0", "--daemonize", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
        run(["redis-server", *options, *places, *REDIS_SETTINGS[self.flavour]], executable=binary)
        with suppress(ServiceError):
            wait_until(lambda: self._send("PING") == "+PONG" or not self._processes(), patience=20)
        return self._send("PING") == "+PONG"

    def _send(self, command: str) -> str:
        """The first line of the answer to a command, empty if nobody answers within a second."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(1)
                line.connect(str(self.socket))
                line.sendall(f"{command}\r\n".encode())
                return line.recv(200).decode(errors="replace").partition("\r\n")[0]
        except OSError:
            return ""

    def _processes(self) -> list[int]:
        """Ours by the socket, which stands alone on the command line at first and in the process's title a moment later."""
        ours = {str(self.socket), f"unixsocket:{self.socket}"}
        flat = ((pid, " ".join(words).split()) for pid, words in commands())
        return [pid for pid, words in flat if Path("".join(words[:1])).name == "redis-server" and ours & set(words)]


def postgres_binaries(version: str = "") -> Path | None:
    """The folder of the newest PostgreSQL server that has PostGIS, or of exactly this major version."""
    found = sorted(DEBIAN_SERVERS.glob("[0-9]*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    candidates = [(path, Path("/usr/share/postgresql") / path.parent.name, path.parent.name) for path in found]
    if pg_config := shutil.which("pg_config"):
        told = run([pg_config, "--bindir", "--sharedir", "--version"]).stdout.splitlines()
        candidates += [(Path(told[0]), Path(told[1]), told[2].split()[1].partition(".")[0])] if len(told) == 3 else []
    for binaries, share, major in candidates:
        whole = all((binaries / name).is_file() for name in ("initdb", "postgres", "pg_ctl", "psql"))
        if whole and (share / "extension/postgis.control").is_file() and version in ("", major):
            return binaries
    return None


def redis_binary() -> str | None:
    """The Redis server. Debian ships the same program as `redis-check-rdb` in a package that starts no service."""
    return shutil.which("redis-server") or shutil.which("valkey-server") or shutil.which("redis-check-rdb")


def account() -> dict[str, Any]:
    """Arguments of subprocess that give up root, because PostgreSQL refuses to run as root. Nothing for other users."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise ServiceError("Neither the account `postgres` nor `nobody` exists: add one, because PostgreSQL refuses to run as root.")


def give_to_account(folder: Path) -> None:
    """Make the account that runs the servers the owner of `folder`."""
    if to := account():
        os.chown(folder, to["user"], to["group"])


def run(command: list[str], *, executable: str | None = None, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program of a server as the account, from a folder that everybody may read."""
    return subprocess.run(  # noqa: S603  # every caller names the program itself
        command,
        executable=executable,
        input=text,
        capture_output=True,
        text=True,
        cwd="/",
        env=ENVIRONMENT,
        check=False,
        **account(),
    )


def last_line(log: Path) -> str:
    """The last line of a log, for a message."""
    said = log.read_text(errors="replace").strip() if log.is_file() else ""
    return said.splitlines()[-1] if said else "it wrote no log"


def commands() -> Iterator[tuple[int, list[str]]]:
    """Every process of the machine with its command line. Those that are only waiting to be forgotten have none."""
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (entry / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
            if words != [""]:
                yield int(entry.name), words


def kill(pids: list[int]) -> None:
    """End processes for good and wait until they are gone."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not set(pids) & {pid for pid, _ in commands()}, patience=10)


def wait_until(condition: Callable[[], bool], *, patience: float = PATIENCE) -> None:
    """Wait until `condition` holds. Raises ServiceError after `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise ServiceError("A private server does not answer: `make stop`, then look at the logs below `.local/services`.")
        time.sleep(0.02)

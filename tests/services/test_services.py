"""The private servers: closed to the network and to strangers, started once, and never blocked by what a kill left behind."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from authority_portal import servers, services

CHECKOUT = Path(__file__).resolve().parents[2]
PATIENCE = 10


@pytest.fixture
def local() -> Iterator[Path]:
    """An open folder with a short path, like a checkout below /srv. pytest's own folders are closed to other accounts."""
    parent = Path(tempfile.mkdtemp(prefix="ap-", dir="/tmp"))
    parent.chmod(0o755)
    yield parent / ".local"
    _sweep(parent / ".local")
    shutil.rmtree(parent)


def _sweep(local: Path) -> None:
    place = services.known_place(local)
    assert services.stop("run", local=local)
    assert services.stop("test", local=local)
    if place is not None and place != local:
        shutil.rmtree(place)


def _connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)


def _processes(local: Path, flavour: servers.Flavour = "test") -> list[int]:
    folder = (services.known_place(local) or local) / services.BELOW[flavour]
    return servers.Postgres(folder, flavour)._processes() + servers.Redis(folder, flavour)._processes()


def test_the_apps_role_owns_nothing_and_cannot_pass_row_security(local: Path) -> None:
    running = services.start("test", local=local)

    with _connect(running.database_url) as app:
        role = app.execute("SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
        owned = app.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE mine (id int)")
    assert role == (False, False, False)
    assert owned == (0,)


def test_the_database_has_its_extensions(local: Path) -> None:
    with _connect(services.start("test", local=local).owner_url) as owner:
        found = {row[0] for row in owner.execute("SELECT extname FROM pg_extension")}
    assert {"postgis", "pg_trgm", "btree_gin"} <= found


def test_nothing_listens_on_the_network_and_the_folder_is_closed(local: Path) -> None:
    running = services.start("run", local=local)

    with _connect(running.owner_url) as owner:
        assert owner.execute("SHOW listen_addresses").fetchone() == ("",)
        assert owner.execute("SHOW fsync").fetchone() == ("on",)
    client = redis.Redis.from_url(running.redis_url, decode_responses=True)
    assert client.config_get("port", "appendonly", "maxmemory-policy") == {
        "port": "0",
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
    }
    assert (local / "services").stat().st_mode & 0o777 == 0o700
    running.stop()


def test_both_flavours_run_beside_one_another(local: Path) -> None:
    run, test = services.start("run", local=local), services.start("test", local=local)

    run.stop()

    assert redis.Redis.from_url(test.redis_url).ping()
    assert _processes(local, "run") == []
    test.stop()
    assert _processes(local, "test") == []


def test_servers_end_with_their_last_user(local: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(local)], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    holder.stdout.readline()

    services.start("test", local=local).stop()
    assert _processes(local) != []
    assert not services.stop("test", local=local)

    # A user that dies without a word holds nothing.
    holder.kill()
    holder.communicate()
    assert services.stop("test", local=local)
    assert _processes(local) == []


_HOLD = """
import sys
from pathlib import Path
from authority_portal import services
running = services.start("test", local=Path(sys.argv[1]))
print("started", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("victims", ["everything", "postmaster and redis"])
def test_kill_9_leaves_nothing_that_blocks_the_next_start(local: Path, victims: str) -> None:
    running = services.start("run", local=local)
    with _connect(running.owner_url) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    redis.Redis.from_url(running.redis_url).set("kept", "42")
    # A busy backend outlives its postmaster and keeps the shared memory.
    busy = _connect(running.owner_url)
    busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 100000000)")
    postgres = servers.Postgres(local / "services", "run")
    store = servers.Redis(local / "services", "run")
    dead = postgres._processes() if victims == "everything" else postgres._postmasters()
    for pid in {*dead, *store._processes()}:
        # Helpers of the server come and go by themselves.
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    began = time.monotonic()
    again = services.start("run", local=local)

    assert time.monotonic() - began < PATIENCE
    with _connect(again.owner_url) as owner:
        assert owner.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert redis.Redis.from_url(again.redis_url, decode_responses=True).get("kept") == "42"
    busy.close()
    running.stop()
    again.stop()


def test_a_stale_pid_file_that_names_a_stranger_neither_blocks_nor_hurts_him(local: Path) -> None:
    services.start("test", local=local).stop()
    stranger = subprocess.Popen(["sleep", "60"])
    folder = local / services.BELOW["test"]
    (folder / "postgres/postmaster.pid").write_text(f"{stranger.pid}\n{folder}/postgres\n1\n5432\n{folder}\n\n1 1\nready\n")

    services.start("test", local=local).stop()

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_half_a_cluster_is_made_again(local: Path) -> None:
    services.start("test", local=local).stop()
    data = local / services.BELOW["test"] / "postgres"
    (data / "PG_VERSION").unlink()

    with _connect(services.start("test", local=local).owner_url) as owner:
        assert owner.execute("SELECT 1").fetchone() == (1,)


def test_a_torn_redis_file_does_not_block(local: Path) -> None:
    running = services.start("run", local=local)
    redis.Redis.from_url(running.redis_url).set("bell", "rung")
    running.stop()
    for part in (local / "services/redis/appendonlydir").glob("*.incr.aof"):
        part.write_bytes(b"*not redis at all\r\n" * 50)

    assert redis.Redis.from_url(services.start("run", local=local).redis_url).ping()


def test_data_of_a_postgresql_that_is_gone_say_what_to_do(local: Path) -> None:
    services.start("test", local=local).stop()
    (local / services.BELOW["test"] / "postgres/PG_VERSION").write_text("9\n")

    with pytest.raises(services.ServiceError, match=r"made by PostgreSQL 9.*make clean"):
        services.start("test", local=local)


@pytest.mark.parametrize("name", ["with a space", "x" * 90, "komma,name"])
def test_a_long_or_unusual_path_moves_data_and_sockets(local: Path, name: str) -> None:
    odd = local.parent / name / ".local"

    running = services.start("test", local=odd)

    place = Path(json.loads((odd / "services.json").read_text())["place"])
    assert place.parent == services.ELSEWHERE
    assert place.stat().st_mode & 0o777 == 0o700
    with _connect(running.owner_url) as owner:
        assert owner.execute("SELECT 1").fetchone() == (1,)
    running.stop()
    _sweep(odd)


def test_below_a_folder_closed_to_the_account_the_servers_run_elsewhere(local: Path) -> None:
    home = local.parent / "home"
    home.mkdir(mode=0o700)

    running = services.start("test", local=home / ".local")

    # Nobody's own folder is closed to himself: only root hands the servers to another account.
    place = services.known_place(home / ".local")
    assert place is not None
    assert place.parent == (services.ELSEWHERE if os.getuid() == 0 else home)
    with _connect(running.owner_url) as owner:
        assert owner.execute("SELECT 1").fetchone() == (1,)
    running.stop()
    _sweep(home / ".local")


def test_a_note_copied_from_another_checkout_is_not_believed(local: Path) -> None:
    services.start("test", local=local).stop()
    copy = local.parent / "copy/.local"
    copy.mkdir(parents=True)
    shutil.copy(local / "services.json", copy)

    assert services.known_place(copy) is None


def test_a_database_is_cloned_and_dropped_under_its_users(local: Path) -> None:
    running = services.start("test", local=local)
    with _connect(running.create_database("tpl").owner_url) as owner:
        owner.execute("CREATE TABLE seeded AS SELECT 1 AS one")

    clone = running.create_database("w_1", template="tpl")

    with _connect(clone.owner_url) as owner:
        assert owner.execute("SELECT one FROM seeded").fetchone() == (1,)
        running.drop_database("w_1")
        with pytest.raises(psycopg.OperationalError):
            owner.execute("SELECT 1")
    running.drop_database("w_1")
    running.stop()


def test_servers_that_are_given_are_not_started(local: Path) -> None:
    running = services.start("run", local=local, database_url="postgresql://a", redis_url="redis://b")

    assert (running.database_url, running.owner_url, running.redis_url) == ("postgresql://a", "postgresql://a", "redis://b")
    assert _processes(local, "run") == []
    running.stop()

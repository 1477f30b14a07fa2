"""A whole portal of its own, which may be killed: PostgreSQL that keeps its promises, Redis, web server, workers, SMTP."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from authority_portal.config import CHECKOUT, LOCAL, settings
from authority_portal.servers import Postgres, Redis, give_to_account, postgres_binaries, run, wait_until
from authority_portal.services import known_place
from deploy.checkout.house import web_command
from tests.builders.processes import workers
from tests.builders.smtp import Sink, a_sink

LEASE = 4
WORKERS = 3


@dataclass
class Portal:
    """What runs, and the environment it runs in."""

    app: Flask
    postgres: Postgres
    redis: Redis
    sink: Sink
    web: subprocess.Popen[bytes]
    supervisor: subprocess.Popen[bytes]
    port: int
    logs: tuple[Path, Path]

    def last_words(self) -> str:
        """The ends of both logs, for a failure."""
        return "\n".join(log.read_text(errors="replace")[-3000:] for log in self.logs)


@contextmanager
def own_servers() -> Iterator[tuple[Postgres, Redis]]:
    """Servers that nobody else uses. PostgreSQL with the settings of `make run`: what it confirmed survives a kill."""
    folder = (known_place() or LOCAL) / "test" / "services" / f"kill-{os.getpid()}"
    folder.mkdir(mode=0o700)
    give_to_account(folder)
    postgres, redis = Postgres(folder, "run"), Redis(folder, "test")
    try:
        postgres.start()
        redis.start()
        yield postgres, redis
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def a_portal(environment: dict[str, str], folder: Path) -> Iterator[Portal]:
    """Migrated, served and at work; `app` is an application of the test's own on the same database."""
    with own_servers() as (postgres, redis), a_sink(takes_ms=10) as sink:
        port = _free_port()
        env = environment | {
            "PORTAL_DATABASE_URL": postgres.database("portal").url,
            "PORTAL_REDIS_URL": f"unix://{redis.socket}",
            "PORTAL_SMTP_URL": sink.url,
            "PORTAL_WORKERS": str(WORKERS),
            "PORTAL_LEASE_SECONDS": str(LEASE),
            "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
        }
        _prepare(env | {"PORTAL_DATABASE_OWNER_URL": postgres.database("portal").owner_url})
        logs = (folder / "web.log", folder / "worker.log")
        with _app(env) as app, _web(env, port, logs[0]) as web, workers(env, logs[1]) as supervisor:
            wait_until(lambda: _answers(port))
            yield Portal(app, postgres, redis, sink, web, supervisor, port, logs)


def restart(postgres: Postgres) -> None:
    """Pull the plug of PostgreSQL, and start it again."""
    binaries = postgres_binaries()
    assert binaries is not None
    run([str(binaries / "pg_ctl"), "-D", str(postgres.data), "-m", "immediate", "-w", "stop"])
    postgres.start()


def _prepare(env: dict[str, str]) -> None:
    for words in (("db", "upgrade"), ("install", "database")):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **env}, check=True, capture_output=True)


@contextmanager
def _app(env: dict[str, str]) -> Iterator[Flask]:
    from authority_portal.app import create_app
    from authority_portal.domain.authorities import card
    from authority_portal.foundation.db import bind, db

    before: dict[str, Any] = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    settings.cache_clear()
    app = create_app(process="kill-test")
    card.forget()
    try:
        with app.app_context():
            yield app
            db.session.remove()
            bind(None)
            db.engine.dispose()
    finally:
        card.forget()
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
        settings.cache_clear()
        create_app(process="portal-test")  # the limiter counts in the suite's Redis again


@contextmanager
def _web(env: dict[str, str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *web_command(port)], cwd=CHECKOUT, env={**os.environ, **env}, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        finally:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0

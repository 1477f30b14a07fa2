"""The portal behind a real proxy: gunicorn as `deploy/gunicorn_conf.py` says, nginx or Caddy as the examples say."""

import http.client
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from authority_portal.config import CHECKOUT, settings
from authority_portal.servers import wait_until
from deploy.checkout import unpacked

HOST = "reports.example.org"
TOKEN = "a-token-of-at-least-twenty-characters"


def program(name: str) -> str:
    """A program that `make test` brings."""
    found = unpacked.program(name)
    assert found is not None, f"{name} is missing: `make test` brings it"
    return str(found)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(command: list[str], log: Path, port: int, **more: object) -> Iterator[subprocess.Popen[bytes]]:
    """A server from its first answer to its end."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, **({"cwd": CHECKOUT} | more))  # type: ignore[call-overload]
    try:
        wait_until(lambda: listens(port) or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.terminate()
        process.wait(60)


@dataclass(frozen=True)
class Site:
    """A running proxy. `get` speaks to it as a browser would; `direct` is the portal's own port behind it."""

    port: int
    direct: int
    tls: bool = True

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        host: str = HOST,
        port: int | None = None,
        body: bytes | None = None,
        **headers: str,
    ) -> http.client.HTTPResponse:
        """One request on a connection of its own; underscores in names of headers are hyphens. The body is read."""
        port = port or self.port
        if self.tls and port == self.port:
            context = ssl._create_unverified_context()
            context.check_hostname = False
            plain = socket.create_connection(("127.0.0.1", port), timeout=20)
            line = http.client.HTTPConnection(host)
            line.sock = context.wrap_socket(plain, server_hostname=host)
        else:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        sent = {"Host": host} | {name.replace("_", "-"): value for name, value in headers.items()}
        with suppress(BrokenPipeError, ConnectionResetError):  # a body that is refused need not be read to its end
            line.request(method, path, body=body, headers=sent)
        answer = line.getresponse()
        answer.content = answer.read()  # type: ignore[attr-defined]
        line.close()
        return answer


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """`/var/lib/portal` of this test: a base map and a place for photos, also for this process's storage."""
    lib = tmp_path / "lib"
    (lib / "photos").mkdir(parents=True)
    (lib / "basemap.pmtiles").write_bytes(b"PMTiles" + bytes(range(256)) * 400)
    monkeypatch.setenv("PORTAL_STORAGE_URL", f"file://{lib}/photos")
    settings.cache_clear()
    yield lib
    settings.cache_clear()


@pytest.fixture
def portal(environment: dict[str, str], folder: Path, tmp_path: Path) -> Iterator[int]:
    """The portal as it is run in production, behind one proxy; gives its port."""
    port = free_port()
    chosen = environment | {
        "PORTAL_BASE_URL": f"https://{HOST}",
        "PORTAL_TRUSTED_PROXIES": "1",
        "PORTAL_MEDIA_PREFIX": "/internal-media",
        "PORTAL_STORAGE_URL": f"file://{folder}/photos",
        "PORTAL_BASEMAP": "pmtiles",
        "PORTAL_BASEMAP_URL": f"{folder}/basemap.pmtiles",
        "PORTAL_METRICS_TOKEN": TOKEN,
        "PORTAL_METRICS_NETWORKS": "127.0.0.0/8",
        "PORTAL_METRICS_FOLDER": str(tmp_path / "metrics"),
        "PORTAL_BIND": f"127.0.0.1:{port}",
    }
    env = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | chosen
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn_conf.py", "wsgi:app"]
    with running(command, tmp_path / "web.log", port, env=env):
        yield port

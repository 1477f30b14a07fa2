"""Attacks that never reach a page: bytes at gunicorn's socket (5.8, 5.9) and jobs written into Redis (5.7)."""

import base64
import json
import os
import pickle
import re
import signal
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from rq import Queue
from rq.job import Job

from authority_portal.config import CHECKOUT
from authority_portal.foundation import bell
from authority_portal.jobs import listening, queues
from tests.builders.processes import eventually
from tests.proofs.attacks import oracle

PATIENCE = 15.0
"""Seconds to wait for an answer or for the end of a connection."""


@pytest.fixture(scope="module")
def gunicorn(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The web server as it is deployed; gives its port on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "--config", str(CHECKOUT / "deploy" / "gunicorn_conf.py"), "wsgi:app"]
    values = {**os.environ, **environment, "PORTAL_BIND": f"127.0.0.1:{port}"}
    log = tmp_path_factory.mktemp("web") / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=values, stdout=out, stderr=out)
    try:
        eventually(lambda: process.poll() is not None or _lives(port), seconds=60)
        assert process.poll() is None, log.read_text()
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _lives(port: int) -> bool:
    try:
        return statuses(said(port, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")) == [200]
    except OSError:
        return False


def said(port: int, raw: bytes) -> bytes:
    """Everything the server answers to these bytes until it ends the connection, or falls silent."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        try:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it hung up before hearing everything, as it may
        parts = []
        while True:
            try:
                part = connection.recv(65_536)
            except ConnectionResetError:
                break
            if not part:
                break
            parts.append(part)
    return b"".join(parts)


def statuses(answer: bytes) -> list[int]:
    """The status of each answer on one connection."""
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


def asked(line: str = "GET /sign-in HTTP/1.1", *headers: str, body: str = "", host: str | None = "Host: localhost") -> bytes:
    """A request, byte for byte."""
    lines = [line, *([host] if host else []), "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("latin-1")


INNER = "GET /account HTTP/1.1\r\nHost: localhost\r\nX-Smuggled: 1\r\n\r\n"
POST = "POST /sign-in HTTP/1.1"
REFUSED = {
    "L14 length and chunks": asked(POST, "Content-Length: 4", "Transfer-Encoding: chunked", body=f"0\r\n\r\n{INNER}"),
    "L14 chunks and length": asked(POST, "Transfer-Encoding: chunked", "Content-Length: 60", body=f"0\r\n\r\n{INNER}"),
    "L14 xchunked": asked(POST, "Transfer-Encoding: xchunked", body=f"0\r\n\r\n{INNER}"),
    "L14 chunked twice": asked(POST, "Transfer-Encoding: chunked, chunked", body=f"0\r\n\r\n{INNER}"),
    "L14 two lengths": asked(POST, "Content-Length: 0", f"Content-Length: {len(INNER)}", body=INNER),
    "L14 a list of lengths": asked(POST, f"Content-Length: 0, {len(INNER)}", body=INNER),
    "L14 a signed length": asked(POST, "Content-Length: +5", body="a=b&c"),
    "L14 a length below nothing": asked(POST, "Content-Length: -1"),
    "L14 a length in hex": asked(POST, "Content-Length: 0x5", body="a=b&c"),
    "L14 a blank before the colon": asked(POST, "Transfer-Encoding : chunked", body=f"0\r\n\r\n{INNER}"),
    "L14 a folded header": asked("GET /sign-in HTTP/1.1", "X-A: 1\r\n Host: evil.example"),
    "L14 nul in a header": asked("GET /sign-in HTTP/1.1", "X-A: a\0b"),
    "L14 a chunk of no size": asked(POST, "Transfer-Encoding: chunked", body="zz\r\nabc\r\n0\r\n\r\n"),
    "L14 no http": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50 + b"\r\n\r\n",
    "L14 http/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "L14 http/9": asked("GET / HTTP/9.9"),
    "L14 a line of 100 kB": asked(f"GET /{'a' * 100_000} HTTP/1.1"),
    "L14 1,000 headers": asked("GET /sign-in HTTP/1.1", *(f"X-{number}: 1" for number in range(1_000))),
    "H02 a header of 64 kB": asked("GET /sign-in HTTP/1.1", f"HX-Target: {'a' * 65_536}"),
    "H02 a header of 1 MB": asked("GET /sign-in HTTP/1.1", f"HX-Prompt: {'a' * 1_000_000}"),
    "H02 lines in a header's name": asked("GET /sign-in HTTP/1.1", "HX-Target\r: x"),
    "L15 a lower-case method": asked("get /sign-in HTTP/1.1"),
    "L15 a method of no letters": asked("G@T /sign-in HTTP/1.1"),
    "L15 trace": asked("TRACE /sign-in HTTP/1.1"),
    "L15 connect": asked("CONNECT example.org:80 HTTP/1.1"),
}


@pytest.mark.parametrize("raw", [pytest.param(raw, id=name) for name, raw in REFUSED.items()])
def test_h02_l14_l15_bytes_with_two_meanings_have_none(gunicorn: int, raw: bytes) -> None:
    answer = said(gunicorn, raw)
    codes = statuses(answer)

    assert len(codes) <= 1, "one request came in, so one is answered"
    # 404 and 422: the address or the form that was left of it is none.
    assert set(codes) <= {400, 404, 405, 411, 413, 414, 422, 431, 501, 505}, answer[:300]
    assert oracle.LEAK.search(answer.decode("latin-1")) is None, answer[:600]


ANSWERED = {
    "L14 http/1.0 without a host": (asked("GET /healthz HTTP/1.0", host=None), [200]),
    "L14 two in one packet": (
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + asked("GET /no-such-page HTTP/1.1"),
        [200, 404],
    ),
    "L15 a get with a body": (asked("GET /healthz HTTP/1.1", "Content-Length: 3", body="a=b"), [200]),
    "L14 a body behind its length": (
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\na=b" + asked("GET /healthz HTTP/1.1"),
        [200, 200],
    ),
}


@pytest.mark.parametrize(("raw", "codes"), [pytest.param(*row, id=name) for name, row in ANSWERED.items()])
def test_l14_l15_unusual_requests_are_answered_each_by_itself(gunicorn: int, raw: bytes, codes: list[int]) -> None:
    assert statuses(said(gunicorn, raw)) == codes


RAN: list[str] = []


def ran(*_: object, **__: object) -> None:
    """What no job may reach."""
    RAN.append("ran")


class _Opened:
    """Unpickled, it runs."""

    def __reduce__(self) -> tuple[Any, ...]:
        return ran, ()


HERE = f"{__name__}.ran"


def forged(kind: str, mark: Path) -> dict[str, bytes]:
    """Fields of a job's hash as somebody with access to Redis could write them."""
    data: dict[str, Any] = {
        "os.system": ["os.system", None, [f"touch {mark}"], {}],
        "subprocess": ["subprocess.check_call", None, [["touch", str(mark)]], {}],
        "builtins": ["builtins.exec", None, [f"open({str(mark)!r}, 'w')"], {}],
        "a function of ours": ["authority_portal.jobs.queues.put", None, [queues.MESSAGES, HERE, [1]], {}],
        "any function": [HERE, None, [], {}],
        "a method": ["upper", "text", [], {}],
    }
    good = zlib.compress(json.dumps([queues.ENTRANCE, None, ["no such work", 1], {}]).encode())
    if kind in data:
        return {"data": zlib.compress(json.dumps(data[kind]).encode())}
    hook = json.dumps([{"url": "http://hook.example/", "job_status": status} for status in ("finished", "failed")]).encode()
    return {
        "pickle": {"data": zlib.compress(pickle.dumps([HERE, None, [], {}]))},
        "pickle that runs": {"data": zlib.compress(pickle.dumps(_Opened()))},
        "pickle as a result": {
            "data": good,
            "result": base64.b64encode(pickle.dumps(_Opened())),
            "meta": pickle.dumps(_Opened()),
        },
        "callbacks": {"data": good, "success_callback_name": HERE.encode(), "failure_callback_name": HERE.encode()},
        "callbacks of a failure": {"data": zlib.compress(b'["x", null, [], {}]'), "failure_callback_name": HERE.encode()},
        "a hook": {"data": good, "webhooks": hook},
        "no data": {"data": b""},
        "nested": {"data": zlib.compress(b"[" * 100_000)},
    }[kind]


KINDS = (
    *("os.system", "subprocess", "builtins", "a function of ours", "any function", "a method", "pickle", "pickle that runs"),
    *("pickle as a result", "callbacks", "callbacks of a failure", "a hook", "no data", "nested"),
)


@pytest.fixture
def worker(house: Flask, environment: dict[str, str]) -> Iterator[listening.Listener]:
    """A real worker of one queue, whose way to end is not left behind in this process."""
    bell.connection.cache_clear()
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    made = listening.listener(house, queues.MESSAGES)
    Queue(queues.MESSAGES, connection=made.connection, serializer="json").empty()
    RAN.clear()
    yield made
    for number, handler in kept.items():
        signal.signal(number, handler)
    made.connection.flushdb()
    bell.connection.cache_clear()


@pytest.mark.parametrize("kind", [pytest.param(kind, id=f"I15 {kind}") for kind in KINDS])
def test_i15_a_job_that_somebody_wrote_into_redis_runs_nothing(
    worker: listening.Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    handled: list[Any] = []
    monkeypatch.setitem(queues.WORK, "good", handled.append)
    queue = Queue(queues.MESSAGES, connection=worker.connection, serializer="json")
    queues.put(queues.MESSAGES, "good", ["before"])
    queues.put(queues.MESSAGES, "bad", ["bad"])
    worker.connection.hset(Job.key_for(queue.job_ids[-1]), mapping=forged(kind, tmp_path / "ran"))
    queues.put(queues.MESSAGES, "good", ["after"])

    worker.work(burst=True, logging_level="CRITICAL")

    assert RAN == []
    assert list(tmp_path.iterdir()) == []
    assert queue.count == 0
    assert handled == ["before", "after"], "whoever writes a bad job does not hold up the good ones"

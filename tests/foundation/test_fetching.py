"""The guarded fetcher against real servers on loopback, and against every way of writing a private address."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from authority_portal.foundation import fetching
from authority_portal.foundation.fetching import FetchFailed, FetchRefused, Limits
from tests.builders.processes import eventually

OURS = Limits(private=True, seconds=3.0)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kind = self.path.strip("/").split("?")[0]
        if kind == "ok":
            self._send(200, b"picture")
        elif kind == "loop":
            self._send(302, b"", Location="/loop")
        elif kind == "once":
            self._send(302, b"", Location="/ok")
        elif kind == "to-file":
            self._send(302, b"", Location="file:///etc/passwd")
        elif kind == "to-nowhere":
            self._send(302, b"", Location="http://[")
        elif kind == "packed":
            self._send(200, b"\x1f\x8b", **{"Content-Encoding": "gzip"})
        elif kind in ("404", "503"):
            self._send(int(kind), b"no")
        elif kind == "endless":
            self.send_response(200)
            self.end_headers()
            self._pour(b"\0" * 65_536, 0)
        elif kind == "drip-of-headers":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            self._pour(b"X-More: x\r\n", 0.2)
        elif kind == "drip":
            self.send_response(200)
            self.end_headers()
            self._pour(b"x", 0.2)

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _pour(self, piece: bytes, pause: float) -> None:
        try:
            for _ in range(2_000):
                self.wfile.write(piece)
                self.wfile.flush()
                time.sleep(pause)
        except OSError:
            return

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_body_is_fetched_also_behind_a_redirect(base: str) -> None:
    assert fetching.fetch(f"{base}/ok", OURS) == b"picture"
    assert fetching.fetch(f"{base}/once", OURS) == b"picture"


@pytest.mark.parametrize("path", ["loop", "to-file", "to-nowhere", "packed", "404", "endless"])
def test_what_can_never_be_taken_is_refused(base: str, path: str) -> None:
    with pytest.raises(FetchRefused):
        fetching.fetch(f"{base}/{path}", OURS)


def test_a_failing_server_is_worth_another_try(base: str) -> None:
    with pytest.raises(FetchFailed):
        fetching.fetch(f"{base}/503", OURS)


@pytest.fixture
def silent_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every lookup hangs until the end of the test, as with a name server behind a wall."""
    answered = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: answered.wait(20) and [])
    yield
    answered.set()


@pytest.mark.usefixtures("silent_names")
def test_a_name_server_that_never_answers_costs_no_more_than_the_time_there_is() -> None:
    began = time.monotonic()
    with pytest.raises(FetchFailed):
        fetching.fetch("http://slow.example/", Limits(seconds=0.5))
    assert time.monotonic() - began < 3


@pytest.mark.usefixtures("silent_names")
def test_many_unanswered_names_do_not_pile_up() -> None:
    before = threading.active_count()
    for _ in range(20):
        with pytest.raises(FetchFailed):
            fetching.fetch("http://slow.example/", Limits(seconds=0.05))
    assert threading.active_count() - before <= fetching.MOST_LOOKUPS


def free_places() -> int:
    """How many lookups could begin now."""
    taken = 0
    while fetching._LOOKUPS.acquire(blocking=False):
        taken += 1
    if taken:
        fetching._LOOKUPS.release(taken)
    return taken


def test_a_lookup_that_breaks_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for each place, and what breaks is nothing that a resolver should raise."""

    def broken(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("socket.getaddrinfo", broken)
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    for _ in range(fetching.MOST_LOOKUPS):
        with pytest.raises(FetchFailed):
            fetching.fetch("http://broken.example/", Limits(seconds=0.5))
    eventually(lambda: free_places() == fetching.MOST_LOOKUPS, seconds=5)


def test_a_lookup_that_finds_no_thread_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr("threading.Thread.start", no_thread)
        for _ in range(fetching.MOST_LOOKUPS + 1):
            with pytest.raises(FetchFailed, match="no room"):
                fetching.fetch("http://crowded.example/", Limits(seconds=0.5))
    eventually(lambda: free_places() == fetching.MOST_LOOKUPS, seconds=5)


@pytest.mark.parametrize("ran_already", [True, False])
def test_a_lookup_whose_start_fails_though_it_began_gives_one_place_back(
    monkeypatch: pytest.MonkeyPatch, ran_already: bool
) -> None:
    """Whether it ends before the failure is known or begins after it."""
    broke: list[object] = []
    begin = threading.Thread.start

    def begins_and_fails(thread: threading.Thread) -> None:
        if ran_already:
            begin(thread)
            thread.join()
        else:
            later.append(thread)
        raise MemoryError

    later: list[threading.Thread] = []
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: [])
    monkeypatch.setattr("threading.excepthook", broke.append)
    with monkeypatch.context() as full:
        full.setattr("threading.Thread.start", begins_and_fails)
        with pytest.raises(FetchFailed, match="no room"):
            fetching.fetch("http://crowded.example/", Limits(seconds=0.5))
    for thread in later:
        thread.start()
        thread.join()
    assert broke == []
    assert free_places() == fetching.MOST_LOOKUPS


@pytest.mark.parametrize("path", ["drip", "drip-of-headers"])
def test_a_slow_drip_ends_in_time(base: str, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(FetchFailed):
        fetching.fetch(f"{base}/{path}", Limits(private=True, seconds=1.0))
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[fec0::1]/",
        "http://[64:ff9b:1::a00:1]/",
        "http://[64:ff9b:1::808:808]/",
        "http://[::7f00:1]/",
        "http://[::10.0.0.1]/",
        "http://[::ffff:0:10.0.0.1]/",
        "http://[4000::1]/",
        "http://240.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://192.168.0.1/",
        "http://172.16.0.1/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://127.1:6379/",
        "http://93.184.216.34:22/",
        "http://a@127.0.0.1/",
        "gopher://127.0.0.1/",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "//example.org/x",
        "http:///x",
        "http://example.org:99999/",
        "http://exa mple.org/",
        "http://example.org/\r\nX: y",
        "http://ex\u0430mple.org/",
        "javascript:alert(1)",
        "http://" + "a" * 3000,
    ],
)
def test_addresses_into_the_house_are_refused_unasked(address: str) -> None:
    with pytest.raises(FetchRefused):
        fetching.fetch(address)

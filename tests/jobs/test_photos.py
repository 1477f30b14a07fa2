"""Fetching wanted photos from a real server on loopback."""

import io
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PIL import Image
from sqlalchemy import select, update
from structlog.testing import capture_logs

from authority_portal.config import CHECKOUT, settings
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import storage
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.fetching import FetchFailed
from authority_portal.jobs import photos
from tests.builders.authorities import a_town
from tests.builders.processes import children, eventually
from tests.builders.reports import a_report


def _jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (900, 600), (90, 120, 90)).save(buffer, "JPEG")
    return buffer.getvalue()


class _Handler(BaseHTTPRequestHandler):
    answers = {"/good.jpg": (200, _jpeg()), "/page.html": (200, b"<html>"), "/404": (404, b""), "/503": (503, b"")}  # noqa: RUF012

    asked: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.asked.append(self.path)
        status, body = self.answers[self.path]
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture(scope="module")
def server():
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made.daemon_threads = True
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()


def _wanted(address):
    """A report that came with a photo's address; gives the authority's id and what the event carries."""
    town = a_town()
    report = a_report(town, photo_urls=(address,))
    payload = {"report_id": report.id, "photo_id": db.session.scalars(select(Photo.id)).one()}
    db.session.rollback()
    return town.id, payload


@pytest.fixture
def wanted(house, server):
    return lambda path: _wanted(server + path)


def _photo(authority_id):
    bind(authority_id)
    query = select(Photo).execution_options(populate_existing=True)
    return db.session.scalars(query).one(), db.session.scalars(select(Report.photos)).one()


def test_a_wanted_photo_is_fetched_and_stored_as_pixels(wanted):
    authority_id, payload = wanted("/good.jpg")
    photos.fetch(authority_id, payload)
    photo, count = _photo(authority_id)
    assert (photo.state, photo.source_url, photo.width, photo.height, count) == ("ready", None, 900, 600, 1)
    assert Image.open(storage.path(authority_id, photo.name)).size == (900, 600)
    assert Image.open(storage.path(authority_id, photo.name, small=True)).size == (480, 320)


def test_run_twice_it_is_one_photo(wanted):
    authority_id, payload = wanted("/good.jpg")
    photos.fetch(authority_id, payload)
    first, _ = _photo(authority_id)
    name = first.name
    photos.fetch(authority_id, payload)
    again, count = _photo(authority_id)
    assert (again.name, count) == (name, 1)


@pytest.mark.parametrize(
    ("path", "reason"), [("/404", "the server answered 404"), ("/page.html", "The file is not a photo we can read")]
)
def test_what_can_never_be_had_is_given_up_with_its_reason(wanted, path, reason):
    authority_id, payload = wanted(path)
    photos.fetch(authority_id, payload)
    photo, count = _photo(authority_id)
    assert (photo.state, photo.source_url, count) == ("failed", None, 0)
    assert photo.failure.startswith(reason)


def test_what_may_work_later_is_tried_again_and_then_given_up(wanted):
    authority_id, payload = wanted("/503")
    for _ in range(photos.TRIES - 1):
        with pytest.raises(FetchFailed):
            photos.fetch(authority_id, payload)
        photo, _ = _photo(authority_id)
        assert photo.state == "wanted"
    photos.fetch(authority_id, payload)
    photo, _ = _photo(authority_id)
    assert (photo.state, photo.failure, photo.attempts) == ("failed", "the server answered 503", photos.TRIES)


@pytest.fixture
def nowhere_to_store(tmp_path, monkeypatch):
    no_folder = tmp_path / "file"
    no_folder.write_bytes(b"")
    monkeypatch.setenv("PORTAL_STORAGE_URL", f"file://{no_folder}")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.usefixtures("nowhere_to_store")
def test_what_nobody_foresaw_is_tried_again_and_then_given_up_and_logged(wanted):
    authority_id, payload = wanted("/good.jpg")
    for _ in range(photos.TRIES - 1):
        with pytest.raises(OSError):
            photos.fetch(authority_id, payload)
    with capture_logs() as lines:
        photos.fetch(authority_id, payload)
    photo, _ = _photo(authority_id)
    assert (photo.state, photo.source_url, photo.attempts) == ("failed", None, photos.TRIES)
    assert [(line["event"], line["photo_id"]) for line in lines] == [("photo given up", payload["photo_id"])]


JOB = """
import json, sys
from authority_portal.app import create_app
from authority_portal.foundation.db import bound
from authority_portal.jobs import photos
authority_id, payload = json.loads(sys.argv[1])
with create_app(process="portal-test-photo").app_context(), bound(authority_id):
    photos.fetch(authority_id, payload)
"""


def test_a_photo_whose_decoding_kills_its_worker_is_given_up_and_not_asked_for_again(committed, environment, server):
    authority_id, payload = _wanted(server + "/good.jpg")
    bind(authority_id)
    with transaction():
        db.session.execute(update(Photo).values(attempts=photos.TRIES - 1))
    worker = subprocess.Popen(
        [sys.executable, "-c", JOB, json.dumps([authority_id, payload])], cwd=CHECKOUT, env={**os.environ, **environment}
    )
    try:
        eventually(lambda: children(worker.pid) != [])  # the decoder
    finally:
        worker.kill()
        worker.wait()
    photo, _ = _photo(authority_id)
    assert (photo.state, photo.attempts) == ("wanted", photos.TRIES)
    asked = len(_Handler.asked)
    with capture_logs() as lines:
        photos.fetch(authority_id, payload)
    photo, _ = _photo(authority_id)
    assert (photo.state, photo.failure, photo.source_url, photo.attempts) == ("failed", photos.UNFORESEEN, None, photos.TRIES)
    assert len(_Handler.asked) == asked
    assert [(line["event"], line["photo_id"]) for line in lines] == [("photo given up", payload["photo_id"])]


def test_a_photo_that_is_gone_is_nobodys_work(house):
    town = a_town()
    photos.fetch(town.id, {"report_id": 1, "photo_id": 1})

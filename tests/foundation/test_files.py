"""Files beside the database: who may read them, and that a line of a journal is written whole or complained about."""

import os
import resource
from contextlib import contextmanager

import pytest

from authority_portal.config import settings
from authority_portal.foundation import journal, storage


@pytest.fixture
def folder(environment, tmp_path, monkeypatch):
    """An empty storage of this test."""
    monkeypatch.setenv("PORTAL_STORAGE_URL", f"file://{tmp_path}/photos")
    settings.cache_clear()
    yield tmp_path / "photos"
    settings.cache_clear()


@contextmanager
def files_no_longer_than(size):
    """A disk that fills up: the kernel takes what fits, and refuses the rest at the next attempt."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


@pytest.mark.parametrize("umask", [0o077, 0o022])
def test_the_group_may_read_a_photo_and_nobody_else_whoever_put_it_there(folder, umask):
    name, before = storage.new_name(), os.umask(umask)
    try:
        storage.keep(7, name, b"large", b"small")
    finally:
        os.umask(before)

    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}
    files = {mode for path, mode in modes.items() if path.endswith(".jpg")}
    assert files == {0o640}
    assert {mode for path, mode in modes.items() if not path.endswith(".jpg")} == {0o750}
    assert len(modes) == 5
    assert storage.path(7, name).read_bytes() == b"large"
    assert storage.path(7, name, small=True).read_bytes() == b"small"


def test_a_line_that_a_full_disk_cut_off_is_an_error_and_the_next_is_whole(folder):
    journal.append("full", "first")
    with files_no_longer_than(100), pytest.raises(OSError, match="too large"):
        journal.append("full", "x" * 200)
    journal.append("full", "next")

    lines = list(journal.lines(journal.file("full")))
    assert (lines[0], lines[-1]) == ("first\n", "next\n")
    assert journal.file("full").stat().st_mode & 0o777 == 0o600

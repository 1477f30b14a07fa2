"""A backup comes back as it was: every row, every file; and whatever would not is refused before anything is touched."""

import fcntl
import io
import json
import os
import signal
import tarfile
import time
from pathlib import Path

import pytest

from authority_portal.config import DEMO_DATA_KEYS
from authority_portal.domain.rights.rules import CONTACT, Mode
from authority_portal.foundation.db import db
from authority_portal.servers import wait_until

OTHER_KEY = "ZGlmZmVyZW50LWRhdGEta2V5LW5vYm9keS1rbm93cy0="


@pytest.fixture
def archive(original, tmp_path):
    """An archive of the original."""
    said = original.flask("backup", "create", "--to", str(tmp_path / "backups"))
    assert "without these keys nobody can read it" in said
    return next((tmp_path / "backups").glob("*.tar"))


def remade(archive, change):
    """The archive with its members changed: `change` gets name and content, and gives the new content or None to leave it out."""
    target = archive.with_name("remade.tar")
    with tarfile.open(archive) as old, tarfile.open(target, "w") as new:
        for info in old:
            content = change(info.name, old.extractfile(info).read())
            if content is not None:
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
    return target


def with_manifest(archive, **values):
    return remade(
        archive, lambda name, content: json.dumps(json.loads(content) | values).encode() if name == "manifest.json" else content
    )


def test_what_is_restored_is_what_was_there(original, archive, elsewhere):
    before, files = original.rows(), original.files()

    said = elsewhere.flask("backup", "restore", str(archive))

    after = elsewhere.rows()
    # Messages that waited are marked: they may have left since the backup.
    assert elsewhere.scalar("SELECT min(ambiguous) FROM message_dispatch") == 1
    assert before.pop("message_dispatch") != []
    after.pop("message_dispatch")
    assert after == before
    assert len(before["report"]) == 10
    assert elsewhere.files() == files
    assert len(files) == 20
    assert "every table compared" in said
    assert elsewhere.scalar("SELECT count(*) FROM pg_database WHERE datname LIKE current_database() || '\\_%'") == 0


def test_the_restored_house_is_locked_as_the_original_and_forgets_whom_it_should(original, archive, elsewhere):
    # Erased after the backup was made: the journal beside the photos says so, the archive does not.
    person = original.scalar(
        "SELECT p.id FROM person p JOIN authority a ON a.id = p.authority_id WHERE a.slug = 'boston' LIMIT 1"
    )
    (elsewhere.storage / "journal").mkdir(parents=True)
    line = {"at": "2026-11-22T12:00:00+00:00", "rule": CONTACT[Mode.UNLESS_OPEN].name, "persons": [str(person)]}
    (elsewhere.storage / "journal" / "erasures-boston.jsonl").write_text(json.dumps(line) + "\n")

    process = elsewhere.operator("backup", "restore", str(archive))
    said, _ = process.communicate()
    assert process.returncode == 0, said
    assert "BAD" not in said
    assert "1 residents' details erased again" in said
    erased = f"SELECT wrapped_key IS NULL AND email_sealed IS NULL AND erased_at IS NOT NULL FROM person WHERE id = '{person}'"
    assert elsewhere.scalar(erased) is True
    assert elsewhere.scalar("SELECT count(*) FROM person WHERE erased_at IS NULL") == 9

    assert elsewhere.scalar("SELECT bool_and(relrowsecurity AND relforcerowsecurity) FROM pg_class WHERE relname = 'report'")
    assert elsewhere.scalar("SELECT proleakproof FROM pg_proc WHERE oid = 'texticlike(text, text)'::regprocedure")
    grants = "SELECT has_table_privilege('portal_app', 'audit_line', '{}')"
    assert [elsewhere.scalar(grants.format(right)) for right in ("SELECT", "TRUNCATE")] == [True, False]


def test_archive_and_keys_are_for_their_owner_only_and_apart(original, archive, tmp_path):
    assert archive.stat().st_mode & 0o777 == 0o600
    raw = archive.read_bytes()
    assert DEMO_DATA_KEYS.partition(":")[2].encode() not in raw
    assert original.settings["PORTAL_SECRET_KEY"].encode() not in raw

    file = tmp_path / "keys.env"
    original.flask("backup", "keys", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert f"PORTAL_DATA_KEYS={DEMO_DATA_KEYS}\n" in file.read_text()
    assert "keys are not written over keys" in original.flask("backup", "keys", str(file), code=1)


def test_an_archive_is_checked_without_and_with_loading_it(original, archive):
    assert "is whole" in original.flask("backup", "verify", str(archive))
    assert "tables have the same rows" in original.flask("backup", "verify", str(archive), "--restore")
    assert original.scalar("SELECT count(*) FROM pg_database WHERE datname LIKE '%\\_verify'") == 0


def test_a_changed_byte_or_a_missing_end_is_found(original, elsewhere, archive):
    whole = archive.read_bytes()
    for at in (0.1, 0.5, 0.9):
        raw = bytearray(whole)
        raw[int(len(raw) * at)] ^= 0xFF
        archive.write_bytes(raw)
        assert "is damaged" in original.flask("backup", "verify", str(archive), code=1)
    for part in (0.0, 0.3, 0.93):
        archive.write_bytes(whole[: int(len(whole) * part)])
        assert "is damaged" in elsewhere.flask("backup", "restore", str(archive), code=1)
    assert elsewhere.rows() == {}


def test_members_that_are_missing_added_or_strange_are_named(original, archive):
    def verify(change):
        return original.flask("backup", "verify", str(remade(archive, change)), code=1)

    assert "is missing" in verify(lambda name, content: None if name.endswith(".small.jpg") else content)
    assert "database is missing" in verify(lambda name, content: None if name == "database.dump" else content)
    assert "its end is missing" in verify(lambda name, content: None if name == "manifest.json" else content)
    with tarfile.open(archive, "a") as tar:
        tar.addfile(tarfile.TarInfo("files/../../etc/passwd"))
    assert "does not belong into it" in original.flask("backup", "verify", str(archive), code=1)


def test_without_its_keys_nothing_is_restored(archive, elsewhere):
    for keys, words in (
        (f"other:{OTHER_KEY}", "key demo1 is missing: add it to PORTAL_DATA_KEYS"),
        (f"demo1:{OTHER_KEY}", "is another key than"),
    ):
        elsewhere.settings["PORTAL_DATA_KEYS"] = keys
        assert words in elsewhere.flask("backup", "restore", str(archive), code=1)
    assert elsewhere.rows() == {}


def test_what_another_version_made_is_refused(archive, elsewhere):
    for values, words in (
        ({"schema": "9999"}, "which this release does not know"),
        ({"postgres": 990001}, "use a newer one"),
        ({"format": 2}, "this release reads format 1"),
        ({"tables": {}}, "not in the archive"),
    ):
        assert words in elsewhere.flask("backup", "restore", str(with_manifest(archive, **values)), code=1)
    assert elsewhere.rows() == {}


def test_a_full_place_is_refused_and_replaced_only_when_told(original, archive, elsewhere):
    elsewhere.flask("backup", "restore", str(archive))
    first = elsewhere.rows()

    assert "is not empty" in elsewhere.flask("backup", "restore", str(archive), code=1)
    said = elsewhere.flask("backup", "restore", str(archive), "--replace")

    assert "the former database is" in said
    assert elsewhere.rows()["report"] == first["report"]


def test_nothing_is_exchanged_while_somebody_works(original, archive):
    with db.engine.connect():
        assert "stop web and workers first" in original.flask("backup", "restore", str(archive), "--replace", code=1)


@pytest.mark.parametrize("moment", ["the new database is there", "the first file is there"])
def test_a_killed_restore_leaves_the_place_as_it_was_and_the_next_one_works(original, archive, elsewhere, moment):
    def reached():
        if moment == "the first file is there":
            return any(elsewhere.storage.rglob("*.jpg"))
        # Asked beside it: the restore refuses a place that somebody is connected to.
        return original.scalar(f"SELECT count(*) FROM pg_database WHERE datname = '{elsewhere.database}_restoring'") == 1

    process = elsewhere.operator("backup", "restore", str(archive))
    wait_until(reached)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()

    assert elsewhere.rows() == {}
    elsewhere.flask("backup", "restore", str(archive))
    assert elsewhere.rows()["report"] == original.rows()["report"]
    assert elsewhere.files() == original.files()
    assert elsewhere.scalar("SELECT count(*) FROM pg_database WHERE datname LIKE current_database() || '\\_%'") == 0


def test_a_photo_whose_file_is_gone_is_told_and_the_rest_is_saved(original, elsewhere, tmp_path):
    victim = next(original.storage.rglob("*.small.jpg"))
    victim.unlink()

    said = original.flask("backup", "create", "--to", str(tmp_path / "backups"))

    assert "has no file" in said
    archive = next((tmp_path / "backups").glob("*.tar"))
    elsewhere.flask("backup", "restore", str(archive))
    assert len(elsewhere.rows()["photo"]) == 10


def test_old_archives_go_when_asked(original, archive, tmp_path):
    archive = archive.rename(archive.with_name("portal-20260101T022000Z.tar"))
    long_ago = time.time() - 36 * 86_400
    os.utime(archive, (long_ago, long_ago))
    stranger = Path(tmp_path / "backups" / "notes.txt")
    stranger.write_text("keep")

    said = original.flask("backup", "create", "--to", str(tmp_path / "backups"), "--keep-days", "35")

    assert f"deleted {archive.name}" in said
    assert len(list((tmp_path / "backups").glob("portal-*.tar"))) == 1
    assert stranger.is_file()


def test_what_a_killed_backup_left_is_cleared_and_two_do_not_meet(original, tmp_path):
    folder = tmp_path / "backups"
    (folder / "portal-dump-killed").mkdir(parents=True)
    (folder / "portal-20260101T000000Z.tar.new").write_bytes(b"half")

    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "Another backup is being written" in original.flask("backup", "create", "--to", str(folder), code=1)
    original.flask("backup", "create", "--to", str(folder))

    assert [file.suffix for file in folder.iterdir() if file.name != ".lock"] == [".tar"]


def test_the_apps_role_cannot_make_a_backup(original, tmp_path):
    original.settings["PORTAL_DATABASE_OWNER_URL"] = original.settings["PORTAL_DATABASE_URL"]

    assert "does not pass row-level security" in original.flask("backup", "create", "--to", str(tmp_path / "b"), code=1)
    assert list((tmp_path / "b").glob("*.tar")) == []

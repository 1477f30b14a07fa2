"""A backup comes back as it was: every row, every file; and whatever would not is refused before anything is touched."""

import fcntl
import io
import json
import os
import shutil
import signal
import tarfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, pool, text

from authority_portal.config import DEMO_DATA_KEYS
from authority_portal.domain.rights.rules import CONTACT, Mode
from authority_portal.servers import wait_until
from tests.cli.backup.conftest import Place, databases

OTHER_KEY = "ZGlmZmVyZW50LWRhdGEta2V5LW5vYm9keS1rbm93cy0="


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


def a_journal(place, slug, person):
    """Erased after the backup was made: the journal beside the photos says so, the archive does not."""
    (place.storage / "journal").mkdir(parents=True, exist_ok=True)
    line = {"at": "2026-11-22T12:00:00+00:00", "rule": CONTACT[Mode.UNLESS_OPEN].name, "persons": [str(person)]}
    (place.storage / "journal" / f"erasures-{slug}.jsonl").write_text(json.dumps(line) + "\n")


def somebody_of(place, slug):
    return place.scalar(
        f"SELECT p.id FROM person p JOIN authority a ON a.id = p.authority_id WHERE a.slug = '{slug}' ORDER BY 1 LIMIT 1"
    )


def is_erased(place, person):
    return place.scalar(
        f"SELECT wrapped_key IS NULL AND email_sealed IS NULL AND erased_at IS NOT NULL FROM person WHERE id = '{person}'"
    )


def test_what_is_restored_is_what_was_there_locked_and_settled(original, archive, elsewhere, environment):
    before, files = original.rows(), original.files()
    assert elsewhere.settings["PORTAL_STORAGE_URL"] != original.settings["PORTAL_STORAGE_URL"]

    said = elsewhere.flask("backup", "restore", str(archive))

    after = elsewhere.rows()
    # Messages that waited are marked: they may have left since the backup.
    assert elsewhere.scalar("SELECT min(ambiguous) FROM message_dispatch") == 1
    assert before.pop("message_dispatch") != []
    after.pop("message_dispatch")
    assert after == before
    assert len(before["report"]) == 4
    assert elsewhere.files() == files
    assert len(files) == 8
    assert "every table compared" in said
    assert "BAD" not in said
    assert databases(environment, elsewhere.database) == [elsewhere.database]
    # The proxy reads photos by the group, whatever the umask of whoever restored is.
    assert {file.stat().st_mode & 0o777 for file in elsewhere.storage.rglob("*.jpg")} == {0o640}
    assert elsewhere.scalar("SELECT bool_and(relrowsecurity AND relforcerowsecurity) FROM pg_class WHERE relname = 'report'")
    assert elsewhere.scalar("SELECT proleakproof FROM pg_proc WHERE oid = 'texticlike(text, text)'::regprocedure")
    grants = "SELECT has_table_privilege('portal_app', 'audit_line', '{}')"
    assert [elsewhere.scalar(grants.format(right)) for right in ("SELECT", "TRUNCATE")] == [True, False]

    # A place that is full is refused; after going back to a moment one command erases in every authority whom it brought back.
    assert "is not empty" in elsewhere.flask("backup", "restore", str(archive), code=1)
    persons = {slug: somebody_of(elsewhere, slug) for slug in ("boston", "otherton")}
    for slug, person in persons.items():
        a_journal(elsewhere, slug, person)
    process = elsewhere.operator("backup", "settle")
    said, _ = process.communicate()
    assert process.returncode == 0, said
    assert [is_erased(elsewhere, person) for person in persons.values()] == [True, True]
    assert elsewhere.scalar("SELECT count(*) FROM person WHERE erased_at IS NULL") == 2
    assert "messages that waited may leave a second time" in said


def test_archive_and_keys_are_for_their_owner_only_and_apart(original, made, tmp_path):
    archive, said = made
    assert "without these keys nobody can read it" in said
    assert archive.stat().st_mode & 0o777 == 0o600
    raw = archive.read_bytes()
    assert DEMO_DATA_KEYS.partition(":")[2].encode() not in raw
    assert original.settings["PORTAL_SECRET_KEY"].encode() not in raw

    file = tmp_path / "keys.env"
    original.flask("backup", "keys", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert f"PORTAL_DATA_KEYS={DEMO_DATA_KEYS}\n" in file.read_text()
    assert "keys are not written over keys" in original.flask("backup", "keys", str(file), code=1)


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


def test_nothing_is_exchanged_while_somebody_works(original, archive):
    engine = create_engine(original.settings["PORTAL_DATABASE_URL"], poolclass=pool.NullPool)
    with engine.connect():
        assert "stop web and workers first" in original.flask("backup", "restore", str(archive), "--replace", code=1)


def killed_when(process, reached):
    wait_until(lambda: reached() or process.poll() is not None)
    assert process.poll() is None, process.communicate()[0]
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@contextmanager
def held(address, database, table):
    """Whoever reads or writes this table waits."""
    engine = create_engine(make_url(address).set(database=database), poolclass=pool.NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield


def test_a_restore_killed_at_any_moment_leaves_the_place_as_it_was_and_the_next_one_works(
    original, archive, elsewhere, environment
):
    beside = f"{elsewhere.database}_restoring"
    person = somebody_of(original, "boston")
    a_journal(elsewhere, "boston", person)

    def it_is_there():
        return beside in databases(environment, beside)

    def its_photos_are_there():
        return any(elsewhere.storage.rglob("*.jpg"))

    def it_erases_again():
        who = "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND usename = 'portal_app' AND wait_event_type = 'Lock'"
        return original.scalar(who.format(beside)) > 0

    for reached in (it_is_there, its_photos_are_there):
        killed_when(elsewhere.operator("backup", "restore", str(archive)), reached)
        assert elsewhere.rows() == {}
    for file in elsewhere.storage.rglob("*.jpg"):
        file.unlink()
    process = elsewhere.operator("backup", "restore", str(archive))
    wait_until(its_photos_are_there)
    with held(original.settings["PORTAL_DATABASE_OWNER_URL"], beside, "person"):
        killed_when(process, it_erases_again)
    assert elsewhere.rows() == {}

    said = elsewhere.flask("backup", "restore", str(archive), "--replace")

    assert "boston: 1 residents' details erased again" in said
    assert is_erased(elsewhere, person)
    assert len(elsewhere.rows()["report"]) == len(original.rows()["report"])
    assert {name: content for name, content in elsewhere.files().items() if name.endswith(".jpg")} == original.files()
    assert databases(environment, elsewhere.database) == [elsewhere.database]
    assert [file.name for file in archive.parent.glob("portal-*")] == [archive.name]


def test_a_photo_whose_file_is_gone_is_told_and_the_rest_is_saved_and_loads(original, environment, tmp_path):
    storage = Path(shutil.copytree(original.storage, tmp_path / "storage"))
    next(storage.rglob("*.small.jpg")).unlink()
    place = Place(original.app, {**original.settings, "PORTAL_STORAGE_URL": f"file://{storage}"})

    assert "has no file" in place.flask("backup", "create", "--to", str(tmp_path / "backups"))
    file = next((tmp_path / "backups").glob("*.tar"))
    said = place.flask("backup", "verify", str(file), "--restore")

    assert "is whole" in said
    assert "tables have the same rows" in said
    assert databases(environment, original.database) == [original.database]


def test_old_archives_go_when_asked(original, tmp_path):
    (tmp_path / "backups").mkdir()
    archive = tmp_path / "backups" / "portal-20260101T022000Z.tar"
    archive.write_bytes(b"old")
    long_ago = time.time() - 36 * 86_400
    os.utime(archive, (long_ago, long_ago))
    stranger = Path(tmp_path / "backups" / "notes.txt")
    stranger.write_text("keep")

    said = original.flask("backup", "create", "--to", str(tmp_path / "backups"), "--keep-days", "35")

    assert f"deleted {archive.name}" in said
    assert len(list((tmp_path / "backups").glob("portal-*.tar"))) == 1
    assert stranger.is_file()


def test_what_killed_runs_left_is_cleared_and_two_do_not_meet(original, archive, environment, tmp_path):
    folder = tmp_path / "backups"
    killed_when(original.operator("backup", "create", "--to", str(folder)), lambda: any(folder.glob("*.tar.new")))
    assert any(folder.glob("portal-*"))
    shutil.copy(archive, folder / "portal-20260101T000000Z.tar")
    process = original.operator("backup", "verify", "--restore", str(folder / "portal-20260101T000000Z.tar"))
    killed_when(process, lambda: databases(environment, f"{original.database}_verify") != [])
    assert any(folder.glob("portal-dump-*"))

    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "Another backup is being written" in original.flask("backup", "create", "--to", str(folder), code=1)
    original.flask("backup", "create", "--to", str(folder))

    assert {file.suffix for file in folder.iterdir() if file.name != ".lock"} == {".tar"}
    assert databases(environment, original.database) == [original.database]


def test_a_backup_that_fails_leaves_nothing(original, tmp_path):
    urls = {"PORTAL_DATABASE_OWNER_URL": original.settings["PORTAL_DATABASE_URL"]}
    place = Place(original.app, original.settings | urls)

    assert "does not pass row-level security" in place.flask("backup", "create", "--to", str(tmp_path / "b"), code=1)
    assert [file.name for file in (tmp_path / "b").iterdir()] == [".lock"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda url: url.update_query_dict({"password": "x"}), "behind the question mark"),
        (lambda url: url.set(database="p" * 42), "at most 41 letters"),
    ],
)
def test_an_address_that_would_betray_or_cut_a_name_off_is_refused(original, tmp_path, change, words):
    url = change(make_url(original.settings["PORTAL_DATABASE_OWNER_URL"])).render_as_string(hide_password=False)
    place = Place(original.app, original.settings | {"PORTAL_DATABASE_OWNER_URL": url})

    assert words in place.flask("backup", "create", "--to", str(tmp_path / "b"), code=1)

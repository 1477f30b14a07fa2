"""A release comes in beside running code: the former release's processes work on the new database, together with new ones.

The former release is the last tag, or the code before the newest migration, taken from git. A copy without history has none: then
the tests' names say so, this release runs beside itself, and `tests/migrations/test_beside.py`, the rule behind it, speaks alone.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import urllib.parse
import urllib.request
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, pool, text

from authority_portal.config import CHECKOUT
from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities import commands
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.processes import children, eventually
from tests.builders.smtp import a_sink
from tests.builders.staff import a_member, a_session
from tests.deploy.conftest import free_port, running

PARTS = (".", ":(exclude)tests", ":(exclude)demo/data")


def git(*words, binary=False):
    done = subprocess.run(["git", *words], cwd=CHECKOUT, capture_output=True, check=False)
    out = done.stdout if binary else done.stdout.decode().strip()
    return out if done.returncode == 0 else None


def former_release():
    """The commit of the former release, or None where git knows nothing of it."""
    if tag := git("describe", "--tags", "--abbrev=0"):
        return tag
    newest = max((CHECKOUT / "migrations/versions").glob("0*.py"), key=lambda file: file.name)
    added = git("log", "--diff-filter=A", "--format=%H", "--", str(newest.relative_to(CHECKOUT)))
    return git("rev-parse", f"{added.splitlines()[-1]}^") if added else None


FORMER = former_release()
beside = pytest.mark.parametrize("commit", [FORMER], ids=[f"beside {FORMER[:12]}" if FORMER else "no history, beside itself"])


def unpacked(commit, folder):
    """The code of a commit, ready to run."""
    packed = git("archive", commit, "--", *PARTS, binary=True)
    assert packed, f"git knows {commit} and cannot give its files"
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        tar.extractall(folder, filter="data")
    shutil.copytree(CHECKOUT / "static/vendor", folder / "static/vendor")
    return folder


def rights(folder, environment):
    """What each table of a release grants to the app's role, as its models say."""
    asked = (
        "import json; from authority_portal import tables; "
        "print(json.dumps({table.name: table.info['rights'] for table in tables.metadata().sorted_tables}))"
    )
    env = os.environ | environment | {"PYTHONPATH": str(folder)}
    done = subprocess.run([sys.executable, "-c", asked], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {table: {right.strip() for right in of.split(",")} for table, of in json.loads(done.stdout).items()}


@contextmanager
def processes(folder, environment, log, port):
    """Web and workers of one release."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | environment
    env |= {"PYTHONPATH": str(folder), "PORTAL_BIND": f"127.0.0.1:{port}"}
    command = [sys.executable, "-m", "gunicorn", "--config", str(CHECKOUT / "deploy/gunicorn_conf.py"), "wsgi:app"]
    with running(command, log, port, env=env, cwd=folder):
        yield


@contextmanager
def workers_of(folder, environment, log):
    env = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | environment
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "authority_portal.worker"],
            cwd=folder,
            env=env | {"PYTHONPATH": str(folder)},
            stdout=out,
            stderr=out,
        )
    try:
        eventually(lambda: len(children(process.pid)) == 4 or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        process.wait(60)


def ask(address, data=None, **headers):
    body = urllib.parse.urlencode(data).encode() if data else None
    with urllib.request.urlopen(urllib.request.Request(address, data=body, headers=headers), timeout=20) as answer:
        return answer.status, answer.read().decode()


@beside
def test_the_new_release_takes_no_right_from_the_old_one(environment, commit, tmp_path):
    old = rights(unpacked(commit, tmp_path / "former") if commit else CHECKOUT, environment)
    new = rights(CHECKOUT, environment)

    assert {table: kept - new[table] for table, kept in old.items() if kept - new[table]} == {}


@beside
def test_old_and_new_work_side_by_side_on_the_new_database(committed, environment, commit, tmp_path):
    town = a_town()
    with transaction():
        _, key = commands.new_key(name="app", by=town.house)
    secret = a_session(a_member(town, Role.SUPERVISOR))
    bind(None)
    db.session.remove()
    owner = create_engine(environment["PORTAL_DATABASE_OWNER_URL"], poolclass=pool.NullPool)
    old, new = unpacked(commit, tmp_path / "former") if commit else CHECKOUT, CHECKOUT
    sent = {"jurisdiction_id": "boston", "service_code": "pothole", "lat": "42.3297", "long": "-71.0993", "api_key": key}
    sent |= {"attribute[depth]": "hand", "email": "rosa@example.org"}

    with a_sink() as sink:
        chosen = environment | {"PORTAL_SMTP_URL": sink.url}
        for number, (web, worker) in enumerate(((old, new), (new, old)), 1):
            port = free_port()
            log, work = tmp_path / f"web{number}.log", tmp_path / f"work{number}.log"
            with processes(web, chosen, log, port), workers_of(worker, chosen, work):
                address = f"http://127.0.0.1:{port}"
                assert ask(f"{address}/readyz")[0] == 200
                status, _ = ask(f"{address}/open311/v2/requests.json", data=sent | {"description": f"Hole {number}."})
                assert status == 201
                status, page = ask(f"{address}/reports", Cookie=f"portal={secret}")
                assert (status, page.count("BOS-") >= number) == (200, True)
                eventually(lambda number=number: len(sink.took) >= number)
            with owner.connect() as connection:
                left = connection.scalar(text("SELECT count(*) FROM message_dispatch WHERE state = 'sent'"))
                assert left == number
                assert connection.scalar(text("SELECT count(*) FROM outbox_event WHERE last_error IS NOT NULL")) == 0

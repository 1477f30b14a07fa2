"""Back to a moment: PostgreSQL's own log of changes, archived as `docs/operations.md` says, and a cluster made from it.

The commands are those of the page. They run under the unprivileged account, because PostgreSQL refuses to run as root.
"""

import re
import shutil
import tempfile
from pathlib import Path

import pytest

from authority_portal.config import CHECKOUT
from authority_portal.servers import Postgres, give_to_account, postgres_binaries, run

PAGE = CHECKOUT / "docs" / "operations.md"


@pytest.fixture
def place():
    """A short path that the servers' account may enter."""
    folder = Path(tempfile.mkdtemp(prefix="pitr-", dir="/var/tmp"))
    give_to_account(folder)
    yield folder
    for name in ("first", "second"):
        Postgres(folder / name, "test").stop()
    shutil.rmtree(folder)


def a_folder(path):
    path.mkdir(mode=0o700)
    give_to_account(path)
    return path


def settings_of_the_page(archive):
    """The lines that the page tells to write into postgresql.conf, with this test's folder in them."""
    block = re.search(r"```ini\n# postgresql.conf\n(.+?)```", PAGE.read_text(), re.DOTALL)[1]
    assert "/var/lib/portal-wal" in block
    return block.replace("/var/lib/portal-wal", str(archive))


def test_the_page_settles_before_anybody_works_on_what_came_back():
    steps = PAGE.read_text().partition("## Point in time")[2]

    assert (
        0 < steps.index("touch recovery.signal") < steps.index("\nflask backup settle\n") < steps.index("start web and workers")
    )


def configure(postgres, lines):
    """Append lines to the cluster's configuration, as its account."""
    done = run(["tee", "-a", str(postgres.data / "postgresql.conf")], text=f"\n{lines}\n")
    assert done.returncode == 0, done.stderr


def test_rows_that_were_deleted_come_back_from_the_moment_before(place):
    archive = a_folder(place / "wal")
    first = Postgres(a_folder(place / "first"), "test")
    first.start()
    first.stop()
    configure(first, settings_of_the_page(archive))
    first.start()
    first.sql("portal", "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    binaries = postgres_binaries()
    base = place / "base"
    done = run([str(binaries / "pg_basebackup"), "-h", str(first.folder), "-U", "portal_owner", "-D", str(base), "-X", "none"])
    assert done.returncode == 0, done.stderr
    first.sql("portal", "INSERT INTO kept SELECT generate_series(1001, 1500)")
    before = first.sql("portal", "SELECT clock_timestamp()").strip()
    first.sql("portal", "SELECT pg_sleep(0.05); DELETE FROM kept")
    first.sql("portal", "SELECT pg_switch_wal()")
    assert first.sql("portal", "SELECT count(*) FROM kept").strip() == "0"
    first.stop()

    second = Postgres(a_folder(place / "second"), "test")
    assert run(["mv", str(base), str(second.data)]).returncode == 0
    configure(
        second,
        f"unix_socket_directories = '{second.folder}'\ncluster_name = '{second.cluster_name}'\narchive_mode = off\n"
        f"restore_command = 'cp {archive}/%f %p'\nrecovery_target_time = '{before}'\nrecovery_target_action = 'promote'",
    )
    assert run(["touch", str(second.data / "recovery.signal")]).returncode == 0
    second.start()

    assert second.sql("portal", "SELECT count(*), max(n) FROM kept").strip() == "1500|1500"

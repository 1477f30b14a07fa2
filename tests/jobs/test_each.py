"""What fails for one authority keeps nothing from those after it, and is complained about by name."""

import os
import threading
from datetime import timedelta

from structlog.testing import capture_logs

from authority_portal.foundation import clock, storage
from authority_portal.foundation.db import bound_authority
from authority_portal.jobs import tidying
from authority_portal.jobs.schedule import Periodic, for_each_authority
from authority_portal.jobs.sweep import Sweeper
from tests.builders.authorities import a_town


def swept(app, run):
    """The complaints of a sweeper that does this once."""
    with capture_logs() as lines:
        Sweeper(app, threading.Event(), (Periodic("work", timedelta(hours=1), run),)).sweep(rung=True)
    return [(line["event"], line["work"], line["error"], line.get("authority")) for line in lines if "work" in line]


def test_one_authoritys_failing_work_does_not_starve_the_others(house):
    towns = [a_town(slug) for slug in ("boston", "otherton", "newton")]
    done = []

    def work(authority_id):
        assert bound_authority() == authority_id
        done.append(authority_id)
        return 1 // (authority_id - towns[0].id)

    said = swept(house, for_each_authority(work))

    assert done == [town.id for town in towns]
    assert said == [("work failed", "work", "ZeroDivisionError", "boston")]


def test_a_folder_that_cannot_be_cleared_leaves_the_others_to_be_cleared(house):
    first, second = a_town(), a_town("otherton")
    shard = int(clock.now().timestamp() // tidying.SHARD_EVERY.total_seconds()) % 256
    long_ago = (clock.now() - tidying.GRACE * 2).timestamp()
    # A folder where half-written files are looked for cannot be deleted like one.
    strange = storage.path(first.id, f"{shard:02x}{storage.new_name()[2:]}").with_suffix(".new")
    strange.mkdir(parents=True)
    os.utime(strange, (long_ago, long_ago))
    name = f"{shard:02x}{storage.new_name()[2:]}"
    storage.keep(second.id, name, b"large", b"small")
    for small in (False, True):
        os.utime(storage.path(second.id, name, small=small), (long_ago, long_ago))

    said = swept(house, tidying.orphan_files)

    strange.rmdir()
    assert said == [("work failed", "work", "IsADirectoryError", "boston")]
    assert not storage.path(second.id, name).exists()

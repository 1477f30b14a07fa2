"""The supervisor: every place is filled, filled again, and emptied when it ends, however it ends."""

import json
import os
import signal
import time
from pathlib import Path

from authority_portal.worker import LONGEST_WAIT, WAIT_AFTER_SIGNAL, Place, Supervisor
from tests.builders.processes import children, eventually, workers


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_killed_child_is_replaced_and_all_end_with_their_supervisor(environment: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with workers(environment | {"PORTAL_WORKERS": "1"}, log) as supervisor:
        first = children(supervisor.pid)
        os.kill(first[1], signal.SIGKILL)
        eventually(lambda: len(children(supervisor.pid)) == 3 and first[1] not in children(supervisor.pid), seconds=10)
        time.sleep(1)
        last = children(supervisor.pid)
    assert not any(alive(pid) for pid in last)
    said = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["place"] for line in said if line["event"] == "started"][:3] == ["sweeper", "messages-1", "errands"]
    assert [line["code"] for line in said if line["event"] == "ended" and "code" in line] == [-signal.SIGKILL]


def test_a_killed_supervisor_leaves_nobody_behind(environment: dict[str, str], tmp_path: Path) -> None:
    with workers(environment | {"PORTAL_WORKERS": "1"}, tmp_path / "worker.log") as supervisor:
        time.sleep(2)
        left = children(supervisor.pid)
        assert len(left) == 3
        supervisor.kill()
        eventually(lambda: not any(alive(pid) for pid in left), seconds=15)
        supervisor.wait(5)
        supervisor.returncode = 0  # it did not end kindly, as this test wanted


def test_who_breaks_again_and_again_waits_longer_than_who_is_killed() -> None:
    broken, killed = Place("broken", lambda: None), Place("killed", lambda: None)
    supervisor = Supervisor([broken, killed])
    for _ in range(20):
        for place, code in ((broken, 1), (killed, -9)):
            place.began = time.monotonic()
            supervisor._plan_replacement(place, code)
    assert LONGEST_WAIT - 1 < broken.next_at - time.monotonic() <= LONGEST_WAIT
    assert killed.next_at - time.monotonic() <= WAIT_AFTER_SIGNAL

"""What `make run` started is found and ended whatever happened in between; strangers are never touched."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.checkout.house import House
from deploy.checkout.places import CHECKOUT, PYTHON
from deploy.checkout.processes import Processes
from deploy.checkout.say import Refused

ENV = {"PATH": "/usr/bin:/bin"}


def _sleep(mark: Path) -> list[str]:
    """A program that waits to be ended. `mark` tells it from those of a test beside this one."""
    return ["-c", f"import time; print('awake', flush=True); time.sleep(300)  # {mark}"]


def _stubborn(mark: Path) -> list[str]:
    """A parent that ignores kindness, with a child of its own."""
    return [
        "-c",
        f"""
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)  # {mark}"])
print("awake", flush=True)
time.sleep(300)
""",
    ]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    kept = Processes(tmp_path / "running", patience=2)
    yield kept
    for name in kept.noted():
        kept.end(name)


def _awake(log: Path) -> None:
    deadline = time.monotonic() + 20
    while not (log.is_file() and "awake" in log.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_house_ends_everything_it_started(processes: Processes, tmp_path: Path) -> None:
    house = House(processes, tmp_path)
    house.start("one", _sleep(tmp_path), ENV)
    house.start("two", _stubborn(tmp_path), ENV)
    _awake(tmp_path / "two.log")
    assert len(processes.family("two")) == 2

    house.check()
    house.end()

    assert processes.noted() == []
    assert _sleepers(tmp_path) == []


def test_a_child_that_dies_is_named_with_its_last_words(processes: Processes, tmp_path: Path) -> None:
    house = House(processes, tmp_path)
    house.start("worker", ["-c", "print('one'); print('no such table'); raise SystemExit(3)"], ENV)

    with pytest.raises(Refused, match=r"worker ended by itself \(code 3\).*no such table") as refused:
        _check_for(house, seconds=20)

    assert "\n" not in str(refused.value)


def test_what_a_killed_supervisor_left_is_ended_with_its_children(processes: Processes, tmp_path: Path) -> None:
    supervisor = f"""
import os, signal
from pathlib import Path
from deploy.checkout.house import House
from deploy.checkout.processes import Processes
House(Processes(Path({str(tmp_path / "running")!r})), Path({str(tmp_path)!r})).start("web", {_stubborn(tmp_path)!r}, {ENV!r})
while "awake" not in Path({str(tmp_path / "web.log")!r}).read_text():
    pass
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", supervisor], cwd=CHECKOUT, check=False)
    assert len(processes.family("web")) == 2

    processes.end("web")

    assert _sleepers(tmp_path) == []


def test_children_are_found_when_their_parent_is_dead(processes: Processes, tmp_path: Path) -> None:
    parent = subprocess.Popen([str(PYTHON), *_stubborn(tmp_path)], start_new_session=True, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    parent.stdout.readline()
    processes.note("worker", parent.pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert processes.pid_of("worker") is None

    processes.end("worker")

    assert _sleepers(tmp_path) == []


def test_a_stranger_who_got_the_number_is_left_alone(processes: Processes, tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "300"], start_new_session=True)
    processes.note("web", stranger.pid)
    note = tmp_path / "running/web.json"
    kept = json.loads(note.read_text())
    note.write_text(json.dumps(kept | {"started": kept["started"] - 1}))

    assert processes.pid_of("web") is None
    processes.end("web")

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"pid": "x"}', '{"pid": 1, "started": 0}'])
def test_a_torn_note_is_no_process(processes: Processes, tmp_path: Path, content: str) -> None:
    (tmp_path / "running").mkdir()
    (tmp_path / "running/web.json").write_text(content)

    processes.end("web")

    assert processes.noted() == []


def _check_for(house: House, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        house.check()
        time.sleep(0.02)


def _sleepers(mark: Path) -> list[str]:
    """Programs of this test that still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        words = entry.read_bytes() if entry.exists() else b""
        if f"# {mark}".encode() in words:
            found.append(words.decode())
    return found

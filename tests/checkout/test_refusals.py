"""What a fresh machine may lack is said in one line that says what to do, never in a traceback.

Each test runs the real command in a copy of the checkout's scripts, so that no portal beside it is touched.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.checkout import commands, diagnosis, environment, places
from deploy.checkout.say import Refused

CHECKOUT = Path(__file__).resolve().parents[2]
PARTS = ("deploy", "demo", "requirements", "Makefile", "package.json", "package-lock.json", ".npmrc")
MODULES = ("__init__", "config", "servers", "services")


@pytest.fixture
def copy() -> Iterator[Path]:
    """The scripts in a folder that every account may enter, as pytest's own folders are not."""
    parent = Path(tempfile.mkdtemp(prefix="ap-", dir="/tmp"))
    folder = parent / "main"
    folder.mkdir()
    for part in PARTS:
        source = CHECKOUT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / part)
    (folder / "authority_portal").mkdir()
    for module in MODULES:
        shutil.copy(CHECKOUT / f"authority_portal/{module}.py", folder / "authority_portal")
    for path in (parent, *parent.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    yield folder
    subprocess.run(["chmod", "-R", "u+w", str(parent)], check=True)
    shutil.rmtree(parent)


@pytest.fixture
def data(copy: Path) -> dict[str, str]:
    """A folder in which the demo's files lie, as far as anybody looks before they are read."""
    folder = copy.parent / "data"
    folder.mkdir(mode=0o755)
    for name in environment.DATA_FILES:
        (folder / name).touch()
    return {"PORTAL_DEMO_DATA": str(folder), "PORT": str(_free_port())}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tools(folder: Path, *names: str) -> str:
    """A PATH with these programs alone."""
    tools = folder.parent / "tools"
    tools.mkdir(mode=0o755)
    for name in names:
        (tools / name).symlink_to("/bin/true")
    return str(tools)


def _nobody() -> dict[str, object]:
    """Another account than the owner of the copy. Without root it is the owner, who has then to lose his rights himself."""
    if os.getuid() != 0:
        return {}
    entry = pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _refusal(copy: Path, command: str, env: dict[str, str], *, python: str = "", **account: object) -> str:
    """What the command says when it refuses: exactly one line, with no traceback anywhere."""
    start = [
        "-c",
        python + f"\nimport sys, runpy; sys.argv = ['x', '{command}']; runpy.run_module('deploy.checkout', run_name='__main__')",
    ]
    done = subprocess.run(
        [_python(account), "-B", *start],
        cwd=copy,
        env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **env},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        **account,  # type: ignore[call-overload]  # user, group and extra_groups
    )
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    said = done.stderr.strip().splitlines()
    assert len(said) == 1, done.stderr
    return said[0]


def _python(account: dict[str, object]) -> str:
    """The Python outside the virtual environment, or the system's where that one lies in a home closed to the account."""
    own = f"{sys.base_prefix}/bin/python3"
    may_run = subprocess.run(["test", "-x", own], check=False, **account).returncode == 0  # type: ignore[call-overload]
    return own if may_run else "/usr/bin/python3"


def test_a_taken_port(copy: Path, data: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        said = _refusal(copy, "run", data | {"PORT": port})

    assert f"Port {port} cannot be used" in said
    assert "make run PORT=" in said


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "８０８０", "80 80"])
def test_a_port_that_is_none(copy: Path, data: dict[str, str], port: str) -> None:
    assert "is not a port" in _refusal(copy, "run", data | {"PORT": port})


@pytest.mark.parametrize("command", ["run", "test", "lint"])
def test_a_folder_that_cannot_be_written(copy: Path, data: dict[str, str], command: str) -> None:
    copy.chmod(0o555)

    said = _refusal(copy, command, data, **_nobody())

    assert f"The folder {copy} cannot be written" in said


def test_no_package_manager(copy: Path, data: dict[str, str]) -> None:
    said = _refusal(copy, "run", data | {"PATH": _tools(copy)})

    assert said.startswith("Missing: ")
    assert "npm" in said
    assert "no apt here" in said


def test_a_normal_user_gets_the_line_for_root(copy: Path, data: dict[str, str]) -> None:
    copy.chmod(0o777)

    said = _refusal(copy, "run", data | {"PATH": _tools(copy, "apt-get")}, **_nobody())

    assert "sudo sh -c '" in said
    assert "install -y --no-install-recommends" in said
    assert "redis-tools" in said


def test_no_venv_module(copy: Path, data: dict[str, str]) -> None:
    env = data | {"PATH": _tools(copy)}

    said = _refusal(copy, "lint", env, python="import sys; sys.modules['ensurepip'] = None")

    assert "Python's venv module" in said


def test_a_python_that_is_too_old(copy: Path, data: dict[str, str]) -> None:
    said = _refusal(copy, "run", data, python="import sys; sys.version_info = (3, 9, 2)")

    assert said.startswith("Python 3.9 is too old")


def test_an_old_python_can_read_as_far_as_that() -> None:
    source = (CHECKOUT / "deploy/checkout/__main__.py").read_text()

    compile(source, "__main__.py", "exec", dont_inherit=True)
    assert not any(word in source for word in ('f"', "match ", ":=", "| None"))


def test_missing_demo_data_say_what_and_where(copy: Path) -> None:
    shutil.rmtree(copy / "demo/data")

    said = _refusal(copy, "run", {"PORT": str(_free_port())})

    assert "boston_311_2011.csv.gz" in said
    assert str(copy / "demo/data") in said
    assert "PORTAL_DEMO_DATA=" in said


def test_a_missing_network(copy: Path, data: dict[str, str]) -> None:
    nowhere = f"http://127.0.0.1:{_free_port()}/"
    closed = {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": nowhere,
        "PIP_NO_CACHE_DIR": "1",
        "npm_config_registry": nowhere,
        "npm_config_cache": str(copy.parent / "cache"),
        "HOME": str(copy.parent),
    }

    said = _refusal(copy, "run", data | closed)

    assert "its package registry cannot be reached" in said


def test_too_little_room(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"MB are free below .* make room"):
        places.check_room(tmp_path, need=10**18)


def test_a_full_disk_in_the_middle() -> None:
    with pytest.raises(OSError, match="No space left") as full:
        Path("/dev/full").write_text("x")

    assert commands.in_words(full.value).startswith("The disk is full")


@pytest.mark.parametrize(
    ("output", "meaning"),
    [
        ("E: Failed to fetch http://…  Temporary failure resolving 'deb.debian.org'", "cannot be reached"),
        ("npm error code EAI_AGAIN", "cannot be reached"),
        ("NewConnectionError(…)\nERROR: No matching distribution found for flask", "cannot be reached"),
        ("ERROR: No matching distribution found for psycopg-binary", "PYTHON="),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend", "another package installation"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "not what the lock file names"),
        ("Collecting x\nERROR: the reason\n    and its consequence", "the reason"),
        ("", "it said nothing"),
    ],
)
def test_other_programs_failures_are_translated(output: str, meaning: str) -> None:
    assert meaning in diagnosis.cause("pip", output, "a.log")

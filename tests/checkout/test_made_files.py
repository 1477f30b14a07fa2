"""What the commands write: browser files that are what the lock file names, settings, stamps, wrappers, summaries."""

import base64
import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from dotenv import dotenv_values

from deploy.checkout import browser_files, environment, places, stamps, suite
from deploy.checkout.places import CHECKOUT, MODULES


def test_the_lock_file_pins_exactly_and_names_no_address() -> None:
    lock = (CHECKOUT / "package-lock.json").read_text()
    wanted = json.loads((CHECKOUT / "package.json").read_text())

    assert "://" not in lock
    assert wanted["dependencies"]["htmx.org"] == "2.0.11"
    assert [
        version for kind in ("dependencies", "devDependencies") for version in wanted[kind].values() if not version[0].isdigit()
    ] == []
    assert all("integrity" in package for name, package in json.loads(lock)["packages"].items() if name)


def test_requirements_have_hashes_and_name_no_address() -> None:
    for file in ("run.txt", "development.txt"):
        text = (CHECKOUT / "requirements" / file).read_text()
        blocks = re.findall(r"^[a-z][^\n]*==(?:[^\n]*\\\n)+[^\n]*", text, re.MULTILINE)
        assert len(blocks) == text.count("==") > 20
        assert [block for block in blocks if "--hash=sha256:" not in block] == []
        assert "://" not in text


def test_the_manifest_describes_the_files_that_pages_load(tmp_path: Path) -> None:
    browser_files.copy(MODULES, tmp_path / "vendor")

    manifest = json.loads((tmp_path / "vendor/manifest.json").read_text())
    lock = json.loads((CHECKOUT / "package-lock.json").read_text())["packages"]
    assert {"htmx.min.js", "leaflet.js", "leaflet.css", "images/layers.png", "protomaps-leaflet.js"} <= set(manifest)
    for name, entry in manifest.items():
        digest = hashlib.sha384((tmp_path / "vendor" / name).read_bytes()).digest()
        assert entry["integrity"] == f"sha384-{base64.b64encode(digest).decode()}"
        assert entry["version"] == lock[f"node_modules/{entry['package']}"]["version"]


def test_settings_survive_the_file_and_are_closed_to_others(tmp_path: Path) -> None:
    settings = {"PORTAL_A": "plain", "PORTAL_B": "a 'quoted' # $HOME \\ \"value\"", "PORTAL_C": "ä=ö"}

    environment.write(settings, tmp_path / "env")

    assert dotenv_values(tmp_path / "env") == settings
    assert (tmp_path / "env").stat().st_mode & 0o777 == 0o600


def test_a_stamp_holds_for_the_same_inputs_only() -> None:
    file = CHECKOUT / "Makefile"

    assert stamps.of("a", [file]) == stamps.of("a", [file])
    assert len({stamps.of("a", [file]), stamps.of("b", [file]), stamps.of("a", []), stamps.of("a", [CHECKOUT / "missing"])}) == 4


def test_the_guard_calls_make_test_and_nothing_else(tmp_path: Path) -> None:
    make = tmp_path / "make"
    make.write_text('#!/bin/sh\necho "$PWD: $*"\n')
    make.chmod(0o755)

    done = subprocess.run(
        ["bash", str(CHECKOUT / ".ci/run")],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "CI": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"{CHECKOUT}: test\n"


@pytest.mark.parametrize(
    ("suites", "line"),
    [
        ('<testsuite tests="9" failures="0" errors="0" skipped="0"/>', "Tests: 9 passed, 0 failed, 0 skipped."),
        ('<testsuite tests="9" failures="2" errors="1" skipped="0"/>', "Tests: 6 passed, 3 failed, 0 skipped."),
        (
            '<testsuite tests="9" failures="0" errors="0" skipped="1"/>',
            "Tests: 8 passed, 0 failed, 1 skipped (a skipped test counts",
        ),
    ],
)
def test_the_summary_hides_nothing(tmp_path: Path, suites: str, line: str) -> None:
    results = tmp_path / "results.xml"
    results.write_text(f"<testsuites>{suites}</testsuites>")

    assert suite.summary(suite.tally(results)).startswith(line)


def test_a_suite_that_died_is_no_success(tmp_path: Path) -> None:
    assert suite.tally(tmp_path / "none.xml") is None
    assert "no result" in suite.summary(None)


def test_a_folder_one_may_write_is_accepted(tmp_path: Path) -> None:
    places.check_writable(tmp_path)

    assert os.listdir(tmp_path / ".local") == []  # noqa: PTH208  # the probe is gone again

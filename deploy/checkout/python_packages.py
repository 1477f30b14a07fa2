"""The virtual environment with exactly the packages of the lock files, and what is made from our own files with them."""

import sys
from pathlib import Path

from deploy.checkout import programs, say, stamps
from deploy.checkout.places import CHECKOUT, LOCAL, PYTHON

VENV = LOCAL / "venv"
TRANSLATIONS = CHECKOUT / "translations"
FLASK = """#!/bin/sh
# flask with the settings that `make run` wrote to .local/env, from any folder.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
exec "$here/../venv/bin/python" -m flask --app "$here/../../wsgi.py" "$@"
"""


def is_ready(files: list[Path]) -> bool:
    """True if the environment is whole and has what the lock files name."""
    return _is_whole() and stamps.holds(_stamp(files), _key(files))


def make(files: list[Path]) -> None:
    """Make the environment if it is missing, of another Python, or moved; then install what the lock files name."""
    if is_ready(files):
        return
    if not _is_whole():
        with say.step("virtual environment"):
            programs.run("virtual environment", [sys.executable, "-m", "venv", "--clear", str(VENV)])
    with say.step("Python packages"):
        # Python compiles what it imports; compiling everything here takes as long as the rest of the installation.
        named = [word for file in files for word in ("-r", str(file))]
        options = [
            "--require-hashes",
            "--no-compile",
            "--no-input",
            "--disable-pip-version-check",
            "--retries",
            "2",
            "--progress-bar",
            "off",
        ]
        programs.run("pip", [str(PYTHON), "-m", "pip", "install", *options, *named])
    stamps.put(_stamp(files), _key(files))


def write_wrappers() -> None:
    """`.local/bin/flask`, for another shell."""
    wrapper = LOCAL / "bin/flask"
    if not wrapper.is_file() or wrapper.read_text() != FLASK:
        wrapper.parent.mkdir(exist_ok=True)
        wrapper.write_text(FLASK)
        wrapper.chmod(0o755)


def compile_translations() -> None:
    """Make the catalogues that gettext reads."""
    sources = list(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
    key = stamps.of(sources)
    built = all(source.with_suffix(".mo").is_file() for source in sources)
    if sources and not (built and stamps.holds("translations", key)):
        with say.step("translations"):
            # Each catalogue by itself: the folder form of the command looks for one domain only.
            for source in sources:
                target = str(source.with_suffix(".mo"))
                programs.run(
                    "translations", [str(PYTHON), "-m", "babel.messages.frontend", "compile", "-i", str(source), "-o", target]
                )
        stamps.put("translations", key)


def _is_whole() -> bool:
    """pip is the last thing that venv writes, and its first line names where the environment was made."""
    pip, config = VENV / "bin/pip", VENV / "pyvenv.cfg"
    if not (PYTHON.exists() and pip.is_file() and config.is_file()):
        return False
    version = f"version = {'.'.join(map(str, sys.version_info[:3]))}"
    return version in config.read_text() and str(VENV) in pip.read_text()[:1000]


def _stamp(files: list[Path]) -> str:
    return "python-" + "-".join(file.stem for file in files)


def _key(files: list[Path]) -> str:
    made = (VENV / "pyvenv.cfg").stat().st_mtime_ns if (VENV / "pyvenv.cfg").is_file() else 0
    return stamps.of(files, f"{sys.version} {VENV} {made}")

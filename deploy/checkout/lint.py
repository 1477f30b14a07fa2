"""`make lint`: style, format, types and the arrows between the floors, at the same time."""

import subprocess
import time
from pathlib import Path

from deploy.checkout import environment, say, set_up
from deploy.checkout.places import CHECKOUT, PYTHON

BIN = PYTHON.parent
CHECKS = {
    "ruff": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "arrows": ["lint-imports"],
}


def main() -> int:
    """Set up what it needs, then check."""
    set_up.for_lint()
    return 1 if failed_checks(CHECKOUT) else 0


def failed_checks(folder: Path) -> list[str]:
    """Run every check, say what each found, and name those that found something."""
    began = time.monotonic()
    started = {
        name: subprocess.Popen(
            [str(BIN / words[0]), *words[1:]],
            cwd=folder,
            env=environment.without_portal(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name, words in CHECKS.items()
    }
    failed = []
    for name, process in started.items():
        said, _ = process.communicate()
        say.line(f"  {'ok' if process.returncode == 0 else 'NO'} {name} ({time.monotonic() - began:.1f} s)")
        if process.returncode != 0:
            say.line(said)
            failed.append(name)
    return failed

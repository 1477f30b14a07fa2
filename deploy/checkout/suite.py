"""`make test`: set-up, every check, every test, and a summary that hides nothing."""

import subprocess
import time
import xml.etree.ElementTree as ET
from pathlib import Path

from deploy.checkout import environment, lint, say, set_up
from deploy.checkout.places import CHECKOUT, LOCAL, PYTHON

RESULTS = LOCAL / "test/results.xml"
COUNTED = ("failures", "errors", "skipped")


def main() -> int:
    """Set up, check, test. Fails if anything failed or was skipped."""
    began = time.monotonic()
    set_up.for_test()
    ready = time.monotonic()
    say.line(f"Set up after {ready - began:.1f} s.")
    failed = lint.failed_checks(CHECKOUT)
    code = _pytest()
    say.line(f"\nSet-up {ready - began:.0f} s, checks and tests {time.monotonic() - ready:.0f} s.")
    say.line(f"Checks: {'all passed' if not failed else 'FAILED: ' + ', '.join(failed)}.")
    counts = tally(RESULTS)
    say.line(summary(counts))
    return 0 if code == 0 and not failed and counts is not None and counts["skipped"] == 0 else 1


def tally(results: Path) -> dict[str, int] | None:
    """How many tests ran, failed and were skipped; None if pytest left no result."""
    if not results.is_file():
        return None
    suites = list(ET.parse(results).getroot().iter("testsuite"))
    counts = {name: sum(int(suite.get(name, 0)) for suite in suites) for name in ("tests", *COUNTED)}
    return counts | {"passed": counts["tests"] - sum(counts[name] for name in COUNTED)}


def summary(counts: dict[str, int] | None) -> str:
    """The last line."""
    if counts is None:
        return "Tests: pytest left no result; what it said stands above."
    failed = counts["failures"] + counts["errors"]
    skipped = f"{counts['skipped']} skipped" + (" (a skipped test counts as a failure)" if counts["skipped"] else "")
    return f"Tests: {counts['passed']} passed, {failed} failed, {skipped}."


def _pytest() -> int:
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.unlink(missing_ok=True)
    # Skips are named with their reason, and the slowest tests too, because ten minutes are the budget.
    command = [str(PYTHON), "-m", "pytest", "-q", "-n", "2", "-rfEs", "--durations=10", f"--junitxml={RESULTS}"]
    return subprocess.run(command, cwd=CHECKOUT, env=environment.for_tests(), stdin=subprocess.DEVNULL, check=False).returncode

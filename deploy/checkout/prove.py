"""`make prove`: every proof at its full size, and the report of it in docs/proofs.md."""

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from authority_portal.servers import ENVIRONMENT, postgres_binaries, redis_binary
from deploy.checkout import environment, proof_report, say, set_up
from deploy.checkout.places import CHECKOUT, LOCAL, PYTHON

RESULTS = LOCAL / "test/proofs.xml"
REPORT = CHECKOUT / "docs/proofs.md"
PROOFS = ("tests/proofs", "tests/journeys", "tests/migrations", "tests/cli/test_import.py", "tests/browser", "tests/web/open311")
"""What speaks for a promise of the product, from the fastest to find broken to the slowest."""


def main() -> int:
    """Set up, prove, write the report. Fails if a proof failed; the report then says which."""
    set_up.for_test()
    began = time.monotonic()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.unlink(missing_ok=True)
    # One after the other: a proof that kills processes and counts seconds must not share the machine with another one.
    command = [str(PYTHON), "-m", "pytest", "-q", "-n", "0", "-rfEs", f"--junitxml={RESULTS}", *PROOFS]
    seen = environment.without_portal() | {environment.PROOF: "full"}
    code = subprocess.run(command, cwd=CHECKOUT, env=seen, stdin=subprocess.DEVNULL, check=False).returncode
    took = time.monotonic() - began
    if code not in (0, 1) or not RESULTS.is_file():
        raise say.Refused("pytest did not come to its end, so docs/proofs.md is unchanged; what it said stands above.")
    cases = proof_report.read(RESULTS)
    REPORT.write_text(proof_report.write(cases, circumstances=_circumstances(took)), encoding="utf-8")
    say.line(f"{proof_report.verdict(cases)} The report: {REPORT.relative_to(CHECKOUT)}")
    return code


def _circumstances(took: float) -> str:
    postgres = _version([str((postgres_binaries() or Path()) / "postgres"), "--version"], word=2)
    redis = _version([redis_binary() or "redis-server", "--version"], word=2).removeprefix("v=")
    python = subprocess.run([str(PYTHON), "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, at commit {commit.stdout.strip() or 'unknown'}, on {os.cpu_count()} cores "
        f"({platform.machine()}), PostgreSQL {postgres}, Redis {redis}, Python {python}; {took / 60:.0f} minutes."
    )


def _version(command: list[str], *, word: int) -> str:
    said = subprocess.run(command, executable=command[0], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    words = said.stdout.split()
    return words[word] if len(words) > word else "unknown"

"""The machine's own packages: which are missing, and the one apt line that brings them without starting any server."""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from authority_portal import servers
from deploy.checkout import programs, say
from deploy.checkout.say import Refused

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Without this file Debian's PostgreSQL package makes a cluster of its own and starts it.
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/zz-authority-portal.conf")
WORDS = {
    "postgresql": "a PostgreSQL server (15 or newer) with PostGIS",
    "redis-tools": "Redis",
    "npm": "npm",
    "venv": "Python's venv module",
    "chromium": "Chromium or Chrome",
    "wrk": "the load generator wrk",
    "systemd": "systemd-analyze, which reads the units",
}


def missing(
    *, servers_needed: bool = True, npm: bool = True, browser: bool = False, wrk: bool = False, units: bool = False
) -> list[str]:
    """What this machine lacks, as keys of WORDS."""
    lacks = {
        "venv": importlib.util.find_spec("ensurepip") is None,
        "postgresql": servers_needed and servers.postgres_binaries() is None,
        "redis-tools": servers_needed and servers.redis_binary() is None,
        "npm": npm and shutil.which("npm") is None,
        "wrk": wrk and shutil.which("wrk") is None,
        "systemd": units and shutil.which("systemd-analyze") is None,
        "chromium": browser and not any(map(shutil.which, BROWSERS)),
    }
    return [thing for thing, is_missing in lacks.items() if is_missing]


def check_installable(things: list[str]) -> None:
    """Refuse if the missing things cannot be installed from here, with the one line that root has to run for all of them."""
    in_words = ", ".join(WORDS[thing] for thing in things)
    if shutil.which("apt-get") is None:
        raise Refused(
            f"Missing: {in_words}. There is no apt here: install it with this machine's package manager, then run again."
        )
    if _become_root() is None:
        raise Refused(f"Missing: {in_words}. Run once as root, then try again: sudo sh -c {shlex.quote(line(things))}")


def install(things: list[str], name: str = "system packages") -> None:
    """Install what is missing with apt, as root."""
    with say.step(f"{name}: {', '.join(WORDS[thing] for thing in things)}"):
        programs.run(name, [*(_become_root() or []), "sh", "-c", line(things)], killable=False)


def refresh_lists() -> None:
    """Fetch the distribution's lists of packages, as root."""
    root = _become_root()
    if root is None:
        raise Refused("The lists of packages are missing. Run once as root, then try again: sudo apt-get update")
    programs.run("package lists", [*root, "apt-get", "update"], killable=False)


def line(things: list[str]) -> str:
    """The shell line that installs `things`. The distribution's own cluster is not made, its Redis service not installed.

    It holds no single quotes, so that it stays readable between two of them.
    """
    packages = " ".join(_package(thing) for thing in things)
    # Lists that cannot be renewed may still be good enough; if they are not, the installation says so.
    apt = f"apt-get update; apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends {packages}"
    lines = f"export DEBIAN_FRONTEND=noninteractive; {apt}"
    if "postgresql" not in things:
        return lines
    return (
        f'mkdir -p {NO_CLUSTER.parent}; trap "rm -f {NO_CLUSTER}" EXIT; echo create_main_cluster = false > {NO_CLUSTER}; {lines}'
    )


def _package(thing: str) -> str:
    if thing == "venv":
        return f"python3.{sys.version_info.minor}-venv"
    if thing == "postgresql":
        # The distribution's own release, known once the lists are there: its number is part of the name.
        return '$(apt-cache depends postgresql | grep -o -m 1 "postgresql-[0-9][0-9]*")-postgis-3'
    return thing


def _become_root() -> list[str] | None:
    if os.getuid() == 0:
        return []
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0:
        return ["sudo", "-n"]
    return None

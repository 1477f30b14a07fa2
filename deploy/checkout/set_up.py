"""Bringing a fresh checkout to where it can run: machine packages, Python packages and browser files, side by side."""

import threading
from collections.abc import Callable
from pathlib import Path

from deploy.checkout import browser_files, debian, programs, python_packages, say, unpacked
from deploy.checkout.places import CHECKOUT, check_room, check_writable

RUN = [CHECKOUT / "requirements/run.txt"]
DEVELOPMENT = [*RUN, CHECKOUT / "requirements/development.txt"]


def for_run(*, own_servers: bool = True) -> None:
    """Everything that `make run` needs."""
    _set_up(RUN, debian.missing(servers_needed=own_servers, npm=not browser_files.is_ready()), browser=True)


def for_test() -> None:
    """Everything that `make test` needs, with a browser and the proxies that the examples are written for."""
    _set_up(DEVELOPMENT, debian.missing(npm=not browser_files.is_ready(), browser=True, units=True), browser=True)
    unpacked.make()


def for_bench() -> None:
    """What `make run` needs, and a load generator."""
    _set_up(RUN, debian.missing(npm=not browser_files.is_ready(), wrk=True), browser=True)


def for_lint() -> None:
    """Only the Python packages: the rest plays no part in reading code."""
    _set_up(DEVELOPMENT, debian.missing(servers_needed=False, npm=False), browser=False)


def _set_up(files: list[Path], missing: list[str], *, browser: bool) -> None:
    check_writable()
    if missing or not python_packages.is_ready(files) or (browser and not browser_files.is_ready()):
        check_room()
        if missing:
            debian.check_installable(missing)
        # Small and first, because the Python packages wait for it.
        if "venv" in missing and not python_packages.is_ready(files):
            debian.install(["venv"], "Python's venv")
        _side_by_side(
            lambda: python_packages.make(files),
            lambda: _machine_then_browser([thing for thing in missing if thing != "venv"], browser=browser),
        )
    python_packages.write_wrappers()
    python_packages.compile_translations()


def _machine_then_browser(missing: list[str], *, browser: bool) -> None:
    if missing:
        debian.install(missing)
    if browser:
        browser_files.make()


def _side_by_side(*works: Callable[[], None]) -> None:
    """Do the works at the same time. The first failure ends the others and is the one that is told."""
    failures: list[BaseException] = []

    def attempt(work: Callable[[], None]) -> None:
        try:
            work()
        except (say.Refused, OSError) as reason:
            failures.append(reason)
            programs.end_all()

    threads = [threading.Thread(target=attempt, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    except BaseException:
        programs.end_all()
        for thread in threads:
            thread.join()
        raise
    if failures:
        raise failures[0]

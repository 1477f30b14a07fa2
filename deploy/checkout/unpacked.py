"""Programs that only tests need: unpacked from the distribution's packages, not installed, so that none starts."""

import shutil
import tempfile
from pathlib import Path

from deploy.checkout import debian, programs, say
from deploy.checkout.places import LOCAL
from deploy.checkout.say import Refused

TOOLS = LOCAL / "tools"
WANTED = {
    "nginx": ("nginx", "usr/sbin/nginx"),
    "caddy": ("caddy", "usr/bin/caddy"),
    "promtool": ("prometheus", "usr/bin/promtool"),
}
"""Program → the package that brings it, and where it lies in it."""


def program(name: str) -> Path | None:
    """The unpacked program, or the machine's own; None if there is neither."""
    unpacked = TOOLS / name
    own = shutil.which(name)
    return unpacked if unpacked.is_file() else Path(own) if own else None


def make() -> None:
    """Unpack what is missing. Refuses in one line where there is no apt to take it from."""
    missing = [name for name in WANTED if program(name) is None]
    if not missing:
        return
    packages = [WANTED[name][0] for name in missing]
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise Refused(f"Missing: {', '.join(missing)}. There is no apt here: install them with this machine's package manager.")
    with say.step(f"programs for tests: {', '.join(missing)}"), tempfile.TemporaryDirectory(dir=LOCAL) as folder:
        try:
            programs.run("test programs", ["apt-get", "download", *packages], cwd=Path(folder))
        except Refused:
            # A fresh machine has no lists yet; only root may fetch them.
            debian.refresh_lists()
            programs.run("test programs", ["apt-get", "download", *packages], cwd=Path(folder))
        TOOLS.mkdir(exist_ok=True)
        for name in missing:
            _take(name, Path(folder))


def _take(name: str, folder: Path) -> None:
    package, place = WANTED[name]
    archive = next(folder.glob(f"{package}_*.deb"))
    programs.run("test programs", ["dpkg-deb", "--extract", str(archive), str(folder / name)])
    (folder / name / place).replace(TOOLS / name)

"""What the pages load from packages: installed without running anything of theirs, copied to static/vendor with a manifest."""

import base64
import hashlib
import json
import shutil
from pathlib import Path

from deploy.checkout import programs, say, stamps
from deploy.checkout.places import CHECKOUT, MODULES, VENDOR

# package → files of it that pages ask for. Everything lies flat, so that Leaflet's stylesheet finds its images.
WANTED = {
    "htmx.org": ["dist/htmx.min.js"],
    "leaflet": ["dist/leaflet.js", "dist/leaflet.css", "dist/images/*.png"],
    "protomaps-leaflet": ["dist/protomaps-leaflet.js"],
}


def is_ready() -> bool:
    """True if the packages and the files made from them are those of the lock file."""
    return stamps.holds("browser-files", _key()) and (VENDOR / "manifest.json").is_file() and MODULES.is_dir()


def make() -> None:
    """Install the packages of the lock file, and copy what the pages load."""
    if is_ready():
        return
    with say.step("browser packages"):
        programs.run("npm", ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries", "1"])
        copy(MODULES, VENDOR)
    stamps.put("browser-files", _key())


def copy(modules: Path, vendor: Path) -> None:
    """Fill `vendor` from `modules`. The manifest names each file's package, version and integrity attribute."""
    draft = vendor.with_name("vendor.new")
    shutil.rmtree(draft, ignore_errors=True)
    manifest: dict[str, dict[str, str]] = {}
    for package, patterns in WANTED.items():
        version = json.loads((modules / package / "package.json").read_text())["version"]
        for source in sorted(file for pattern in patterns for file in (modules / package).glob(pattern)):
            target = source.relative_to(modules / package / "dist")
            (draft / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, draft / target)
            digest = base64.b64encode(hashlib.sha384(source.read_bytes()).digest()).decode()
            manifest[str(target)] = {"package": package, "version": version, "integrity": f"sha384-{digest}"}
    (draft / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    shutil.rmtree(vendor, ignore_errors=True)
    draft.rename(vendor)


def _key() -> str:
    return stamps.of([CHECKOUT / "package.json", CHECKOUT / "package-lock.json"], json.dumps(WANTED), str(CHECKOUT))

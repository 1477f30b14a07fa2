"""The settings of `make run`: those of the demo, each of which may be given in the environment instead."""

import ast
import os
from pathlib import Path

from authority_portal.services import Running
from deploy.checkout.places import CHECKOUT, LOCAL, RUNNING
from deploy.checkout.say import Refused

PREFIX = "PORTAL_"
UNCOMPILED = "PYTHONDONTWRITEBYTECODE"
PROOF = "PORTAL_PROOF"
DATA_FILES = ("boston_311_2011.csv.gz", "boston_wards.geojson", "boston_neighborhoods.geojson", "boston_basemap.pmtiles")
DATA_FOLDERS = (CHECKOUT / "demo/data", CHECKOUT.parent / "shared/data")


def given() -> dict[str, str]:
    """The portal's settings in the environment of the command."""
    return {name: value for name, value in os.environ.items() if name.startswith(PREFIX) and value}


def without_portal() -> dict[str, str]:
    """The environment without the portal's settings, and without the wish to compile every module anew in every process."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX) and name != UNCOMPILED}


def for_tests() -> dict[str, str]:
    """The same, but for the size of the proofs: `PORTAL_PROOF=full make test` runs them at their full size."""
    return without_portal() | {name: value for name, value in given().items() if name == PROOF}


def demo_data() -> Path:
    """The folder with the demo's files. Refuses in one line if there is none."""
    chosen = given().get("PORTAL_DEMO_DATA")
    folders = (Path(chosen).resolve(),) if chosen else DATA_FOLDERS
    for folder in folders:
        if all((folder / name).is_file() for name in DATA_FILES):
            return folder
    looked = " and ".join(map(str, folders))
    lacking = ", ".join(name for name in DATA_FILES if not (folders[-1] / name).is_file())
    raise Refused(
        f"The demo's data are missing ({lacking}; looked in {looked}): put them there, or run with PORTAL_DEMO_DATA=/a/folder."
    )


def of_the_demo(servers: Running, *, port: int, mail_port: int, data: Path) -> dict[str, str]:
    """Every setting, with what the environment says on top."""
    known = demo_secrets()
    return {
        "PORTAL_ENV": "demo",
        "PORTAL_DATABASE_URL": servers.database_url,
        "PORTAL_DATABASE_OWNER_URL": servers.owner_url,
        "PORTAL_REDIS_URL": servers.redis_url,
        "PORTAL_SECRET_KEY": known["DEMO_SECRET_KEY"],
        "PORTAL_DATA_KEYS": known["DEMO_DATA_KEYS"],
        "PORTAL_LINK_KEYS": known["DEMO_LINK_KEYS"],
        "PORTAL_BASE_URL": f"http://127.0.0.1:{port}",
        "PORTAL_SMTP_URL": f"smtp://127.0.0.1:{mail_port}",
        "PORTAL_MAIL_FOLDER": str(LOCAL / "mail"),
        "PORTAL_BASEMAP": "pmtiles",
        "PORTAL_BASEMAP_URL": str(data / "boston_basemap.pmtiles"),
        "PORTAL_DEMO_DATA": str(data),
        "PORTAL_UNDO_SECONDS": "10",
        "PORTAL_METRICS_NETWORKS": "127.0.0.0/8, ::1/128",
        "PORTAL_METRICS_FOLDER": str(RUNNING / "metrics"),
        # Whoever tries the demo out comes from one address and with one key, as often as a load test likes.
        **{f"PORTAL_LIMIT_{of}": "1000000" for of in ("STRANGERS", "CLIENT", "STAFF", "UPLOADS")},
    } | given()


def write(settings: dict[str, str], target: Path = LOCAL / "env") -> None:
    """Write `.local/env`, which only its owner may read: configuration finds it when the environment says nothing."""
    draft = target.with_name(f"{target.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        for name, value in sorted(settings.items()):
            quoted = value.replace("\\", "\\\\").replace("'", "\\'")
            file.write(f"{name}='{quoted}'\n")
    draft.replace(target)


def demo_secrets() -> dict[str, str]:
    """The constants of the configuration, read and not imported: it needs packages that system Python does not have."""
    tree = ast.parse((CHECKOUT / "authority_portal/config.py").read_text())
    return {
        target.id: ast.literal_eval(item.value)
        for item in tree.body
        if isinstance(item, ast.Assign)
        for target in item.targets
        if isinstance(target, ast.Name) and target.id.startswith("DEMO_")
    }

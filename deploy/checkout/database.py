"""Bringing the database to the code's state: migrations, rights, and the demo once."""

import re
import subprocess
from pathlib import Path

from authority_portal import services
from authority_portal.servers import DATABASE, Postgres, ServiceError
from deploy.checkout import environment, programs, say, stamps
from deploy.checkout.places import CHECKOUT, LOCAL, PYTHON
from deploy.checkout.say import Refused

MIGRATIONS = CHECKOUT / "migrations/versions"
PACKAGE = CHECKOUT / "authority_portal"


def prepare(settings: dict[str, str]) -> None:
    """Migrate, give rights, load the demo: each only if something it depends on has changed."""
    env = environment.without_portal() | settings
    identity = _identity(settings)
    # Rights stand beside the models, so any change there asks for a new round.
    key = stamps.of(
        identity,
        MIGRATIONS.glob("*.py"),
        PACKAGE.glob("domain/**/*.py"),
        PACKAGE.glob("foundation/*.py"),
        PACKAGE.glob("cli/install.py"),
    )
    if not (stamps.holds("database", key) and _is_at_head(settings)):
        with say.step("database"):
            programs.run("migrations", _flask("db", "upgrade"), env=env)
            programs.run("rights", _flask("install", "database"), env=env)
        stamps.put("database", key)
    if not stamps.holds("demo", identity):
        say.line("  …  demo")
        # Straight to the screen, because it shows its own progress and prints what was done to which rows.
        if subprocess.run(_flask("demo", "load"), env=env, cwd=CHECKOUT, stdin=subprocess.DEVNULL, check=False).returncode != 0:
            raise Refused("The demo could not be loaded; the reason stands above. `make run` goes on from there.")
        stamps.put("demo", identity)


def _flask(*words: str) -> list[str]:
    return [str(PYTHON), "-m", "flask", "--app", "wsgi", *words]


def _identity(settings: dict[str, str]) -> str:
    """Which database this is. A cluster that was thrown away and made again is another one."""
    made = _private().data / "PG_VERSION"
    return stamps.of(f"{settings['PORTAL_DATABASE_URL']} {made.stat().st_ino if made.is_file() else ''}")


def _is_at_head(settings: dict[str, str]) -> bool:
    """True if the private database says that its last migration is the last file. Of others only the stamp speaks."""
    private = _private()
    if settings["PORTAL_DATABASE_OWNER_URL"] != private.database(DATABASE).owner_url:
        return True
    last = max(MIGRATIONS.glob("*.py"), key=lambda file: file.name, default=None)
    head = re.search(r"^revision[^=]*= *[\"']([^\"']+)", last.read_text(), re.MULTILINE) if last else None
    try:
        return head is not None and private.sql(DATABASE, "SELECT version_num FROM alembic_version").split() == [head[1]]
    except ServiceError:
        return False


def _private() -> Postgres:
    folder: Path = (services.known_place(LOCAL) or LOCAL) / services.BELOW["run"]
    return Postgres(folder, "run")

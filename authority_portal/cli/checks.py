"""What `flask doctor` looks at, one function per thing. Each yields what it found and what to do about it."""

import base64
import binascii
import os
import smtplib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from alembic.script import ScriptDirectory
from sqlalchemy import text

from authority_portal import tables
from authority_portal.cli.install import LEAKPROOF
from authority_portal.config import CHECKOUT, settings
from authority_portal.foundation import bell
from authority_portal.foundation.db import bind, db

INSTALL = "run `flask install database`"
MIGRATE = "run `flask db upgrade`, then `flask install database`"
OWN_ROLE = "let PORTAL_DATABASE_URL name a role of its own, and " + INSTALL
MARKED = text("SELECT proleakproof FROM pg_proc WHERE oid = cast(:name AS regprocedure)")
PMTILES = b"PMTiles"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `minor`: it works without, but less well."""

    good: bool
    words: str
    advice: str = ""
    minor: bool = False


def configuration() -> Iterator[Finding]:
    """The settings were read, or this command would not run; what production refuses is refused there."""
    chosen = settings()
    yield Finding(True, f"settings read, PORTAL_ENV is {chosen.ENV}")
    if chosen.ENV == "production":
        secure = chosen.BASE_URL.startswith("https://")
        yield Finding(secure, f"residents' links begin with {chosen.BASE_URL}", "set PORTAL_BASE_URL to an https address")


def keys() -> Iterator[Finding]:
    """Key rings can be read."""
    for name in ("DATA_KEYS", "LINK_KEYS"):
        ids = [part.partition(":")[0].strip() for part in getattr(settings(), name).split(",")]
        sound = _readable(getattr(settings(), name))
        yield Finding(
            sound, f"PORTAL_{name}: {len(ids)} keys, newest first: {', '.join(ids)}", "`flask doctor --new-keys` shows the form"
        )


def database() -> Iterator[Finding]:
    """It answers, has its extensions and the newest schema."""
    bind(None)
    version = db.session.scalar(text("SHOW server_version"))
    number = int(db.session.scalar(text("SHOW server_version_num")) or 0)
    yield Finding(number >= 150_000, f"PostgreSQL {version}", "PostgreSQL 15 or newer is needed")
    there = set(db.session.scalars(text("SELECT extname FROM pg_extension")))
    for extension in ("postgis", "pg_trgm"):
        yield Finding(extension in there, f"extension {extension}", INSTALL)
    newest = ScriptDirectory(str(CHECKOUT / "migrations")).get_current_head()
    revision = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    yield Finding(
        revision == newest, f"schema {revision}, newest is {newest}", "run `flask db upgrade`, then `flask install database`"
    )


def app_role() -> Iterator[Finding]:
    """The app's role owns nothing and cannot pass row-level security."""
    role = db.session.execute(
        text("SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user")
    ).one()
    plain = not (role.rolsuper or role.rolbypassrls or role.rolcreaterole)
    yield Finding(
        plain, f"role {role.rolname} passes no row-level security", "set PORTAL_DATABASE_URL to a role made by " + INSTALL[4:]
    )
    owned = db.session.scalar(
        text("SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)")
    )
    yield Finding(not owned, f"role {role.rolname} owns nothing", "let another role own the tables, and " + INSTALL)


def row_security() -> Iterator[Finding]:
    """Every tenant table is bound to the authority, for its owner too; the marks that keep this fast are there."""
    secured = set(
        db.session.scalars(
            text(
                "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
                "AND EXISTS (SELECT 1 FROM pg_policy WHERE polrelid = pg_class.oid)"
            )
        )
    )
    bare = [name for name in tables.of_kind("tenant") if name not in secured]
    words = f"row-level security on {len(tables.of_kind('tenant'))} tenant tables"
    yield Finding(
        not bare, words if not bare else f"no row-level security on {', '.join(bare)}", "stop, and run `flask db upgrade`"
    )
    for function in LEAKPROOF:
        marked = db.session.scalar(MARKED, {"name": function})
        yield Finding(
            bool(marked),
            f"{function} is {'' if marked else 'not '}marked leakproof",
            f"{INSTALL} as a superuser once (a restore loses the mark); until then search is slower",
            minor=True,
        )
    db.session.rollback()


def redis() -> Iterator[Finding]:
    """The bell; nothing is lost without it."""
    answers = bell.version(0) is not None
    words = "Redis answers" if answers else "Redis does not answer"
    yield Finding(answers, words, "start it or set PORTAL_REDIS_URL; until then news take seconds longer", minor=True)


def mail() -> Iterator[Finding]:
    """The mail server takes a connection. Nothing is sent."""
    url = urlsplit(settings().SMTP_URL)
    where = f"{url.hostname}:{url.port or (465 if url.scheme == 'smtps' else 25)}"
    try:
        kind = smtplib.SMTP_SSL if url.scheme == "smtps" else smtplib.SMTP
        with kind(url.hostname or "", url.port or 0, timeout=5) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(False, f"mail server {where}: {error}", "check PORTAL_SMTP_URL; messages wait until it answers")
        return
    yield Finding(True, f"mail server {where} answers")


def base_map() -> Iterator[Finding]:
    """The base map's file is one."""
    chosen = settings()
    if chosen.BASEMAP != "pmtiles":
        yield Finding(True, f"base map: {chosen.BASEMAP}")
        return
    file = Path(chosen.BASEMAP_URL)
    try:
        with file.open("rb") as stream:
            sound = stream.read(len(PMTILES)) == PMTILES
    except OSError as error:
        yield Finding(
            False, f"base map {file}: {error.strerror}", "set PORTAL_BASEMAP_URL to a .pmtiles file, or PORTAL_BASEMAP=none"
        )
        return
    yield Finding(sound, f"base map {file}", "this file is not PMTiles")


def storage() -> Iterator[Finding]:
    """Photos can be written."""
    folder = settings().storage_folder
    there = folder
    while not there.exists():
        there = there.parent
    yield Finding(os.access(there, os.W_OK | os.X_OK), f"photos are kept in {folder}", "let the portal's account write there")


def figures() -> Iterator[Finding]:
    """Whether `/metrics` is open, and tells of all web processes."""
    chosen = settings()
    opened = bool(chosen.METRICS_TOKEN or chosen.METRICS_NETWORKS)
    together = bool(chosen.METRICS_FOLDER) or not opened
    yield Finding(
        together,
        f"/metrics is {'open to a token or network' if opened else 'closed to everybody'}",
        "set PORTAL_METRICS_FOLDER, or each web process tells its own requests alone",
        minor=True,
    )


def _readable(ring: str) -> bool:
    try:
        return all(len(base64.b64decode(part.partition(":")[2], validate=True)) >= 32 for part in ring.split(","))
    except binascii.Error:
        return False


ALL: tuple[Callable[[], Iterator[Finding]], ...] = (
    configuration,
    keys,
    database,
    app_role,
    row_security,
    redis,
    mail,
    base_map,
    storage,
    figures,
)

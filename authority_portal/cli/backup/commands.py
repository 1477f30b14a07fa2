"""`flask backup`: database and photos in one archive, keys apart, and the way back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from authority_portal.cli import checks, retention
from authority_portal.cli.asking import bound_to
from authority_portal.cli.backup import creating, keyrings, loading, restoring
from authority_portal.cli.backup.manifest import Manifest
from authority_portal.cli.backup.server import Server
from authority_portal.config import LOCAL
from authority_portal.domain.authorities import card
from authority_portal.foundation.db import db, transaction

backup = AppGroup("backup", help="Database and photos in one archive, keys apart, and the way back.")

# What waited at that moment may have left since. It is sent, and the row says that it may be the second time.
_MAYBE_SENT = text("UPDATE message_dispatch SET ambiguous = ambiguous + 1 WHERE state IN ('pending', 'sending')")
_file = click.argument("file", type=click.Path(path_type=Path))
AFTERWARDS = (checks.database, checks.app_role, checks.row_security, checks.storage)


@contextmanager
def _in_words() -> Iterator[None]:
    """A server that cannot be reached is told in one line."""
    try:
        yield
    except DBAPIError as error:
        raise click.ClickException(f"The database says: {str(error.orig).splitlines()[0]}") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'A file'}: {error.strerror}.") from None


@backup.command("create")
@click.option("--to", "folder", type=click.Path(path_type=Path), default=LOCAL / "backups", show_default=True, help="Where to.")
@click.option("--keep-days", type=click.IntRange(1), help="Afterwards delete archives in that folder that are older.")
def create(folder: Path, keep_days: int | None) -> None:
    """A new archive while everything runs. It holds personal data and is readable by its owner only; keys are not in it."""
    with _in_words():
        made = creating.create(folder)
        click.echo(f"{made.file}: {_summary(made.manifest)}")
        _say_what_it_needs(made.manifest)
        for name in made.manifest.absent:
            click.echo(f"photo {name} has no file; the backup says so and goes without it")
        for name in creating.drop_older(folder, days=keep_days) if keep_days else ():
            click.echo(f"deleted {name}, older than {keep_days} days")


@backup.command("verify")
@_file
@click.option("--restore", "load", is_flag=True, help="Load it into a scratch database and compare every table.")
def verify(file: Path, load: bool) -> None:
    """Check an archive without touching anything: every digest, its table of contents, the keys of this host."""
    with _in_words():
        server = Server.of_settings()
        with loading.unpacked(file) as (known, dump):
            listed = server.run("pg_restore", "--list", str(dump)).count("TABLE DATA")
            loading.check_fits(known, server)
            loading.check_keys(known)
            click.echo(f"{file.name} is whole: {_summary(known)}; {listed} tables in its list")
            if load:
                _load_and_compare(known, dump, server)


@backup.command("restore")
@_file
@click.option("--replace", is_flag=True, help="The place is not empty: keep the former database under another name.")
def restore(file: Path, replace: bool) -> None:
    """Put an archive in the place of the configured database and storage. Web and workers must be stopped."""
    with _in_words():
        db.engine.dispose()
        done = restoring.restore(file, replace=replace)
    click.echo(f"restored {file.name}: {_summary(done.manifest)}; every table compared")
    if done.former:
        click.echo(f"the former database is {done.former}; drop it when it is not needed any more")
    click.echo(done.settled)
    wrong = [finding for check in AFTERWARDS for finding in check() if not finding.good]
    for finding in wrong:
        click.echo(f"{'note' if finding.minor else 'BAD '} {finding.words}\n     → {finding.advice}")
    if any(not finding.minor for finding in wrong):
        raise SystemExit(1)


@backup.command("settle")
def settle() -> None:
    """After going back to a moment, before web and workers start: erase again whom it brought back, mark what may have left."""
    with _in_words():
        for slug in [known.slug for known in card.cards()]:
            with bound_to(slug) as authority:
                again = retention.after_restore(authority)
                click.echo(f"{slug}: {again:,} residents' details erased again, as the journal in the storage says")
        with transaction() as session:
            waiting = session.execute(_MAYBE_SENT).rowcount
        click.echo(f"{waiting:,} messages that waited may leave a second time, and are marked so")


@backup.command("keys")
@_file
def keys(file: Path) -> None:
    """Write the keys of this installation into FILE, a new one that only its owner may read. Keep it apart from the archives."""
    keyrings.export(file)
    click.echo(f"{file}: {', '.join('PORTAL_' + name for name in keyrings.EXPORTED)}. Keep it where the archives are not.")


def _load_and_compare(known: Manifest, dump: Path, server: Server) -> None:
    with server.beside("_verify") as scratch:
        loading.load(dump, server, scratch)
        wrong = loading.differences(known, server, scratch)
    if wrong:
        raise click.ClickException("What was loaded is not what was backed up: " + "; ".join(wrong) + ".")
    click.echo(f"loaded into a scratch database: {len(known.tables)} tables have the same rows")


def _summary(known: Manifest) -> str:
    rows = sum(table.rows for table in known.tables.values())
    files = sum(name.startswith("files/") for name in known.members)
    size = sum(member.size for member in known.members.values())
    return (
        f"made {known.made_at[:16]} UTC, schema {known.schema}, {len(known.tables)} tables with {rows:,} rows, "
        f"{files:,} files, {size / 1_000_000:,.1f} MB"
    )


def _say_what_it_needs(known: Manifest) -> None:
    ids = "; ".join(f"PORTAL_{keyrings.RINGS[ring]}: {', '.join(keys)}" for ring, keys in known.keys.items())
    click.echo(f"without these keys nobody can read it; they are not in it — {ids}")
    lost = [key_id for ids in known.keys.values() for key_id, fingerprint in ids.items() if fingerprint is None]
    if lost:
        click.echo(f"this host lacks the keys {', '.join(lost)}: details sealed with them cannot be read here either")

"""`flask install database`: what a database needs beside its tables. Idempotent; run it after every migration."""

import re

import click
import psycopg
from flask.cli import AppGroup
from sqlalchemy import URL, Connection, create_engine, make_url, pool, text
from sqlalchemy.exc import DBAPIError

from authority_portal import tables
from authority_portal.config import settings

install = AppGroup("install", help="Prepare what the portal stands on.")

LEAKPROOF = ("geometry_overlaps(geometry, geometry)", "texticlike(text, text)", "textlike(text, text)")
"""Marking lets row-level security push these into an index. A restore loses the marks, so `flask doctor` checks them."""


@install.command("database")
def database() -> None:
    """Extensions, the app's role and its rights, row-level security, marks."""
    owner = settings().DATABASE_OWNER_URL
    if not owner:
        raise click.ClickException("PORTAL_DATABASE_OWNER_URL is not set: rights are given by the owner.")
    given, marked = prepare(owner, app=make_url(settings().DATABASE_URL))
    click.echo(f"rights on {given} tables, {marked} of {len(LEAKPROOF)} functions marked leakproof")
    if marked < len(LEAKPROOF):
        click.echo("Marking needs a superuser once; until then text search and exact boxes use slower plans.")


def prepare(owner: str, *, app: URL) -> tuple[int, int]:
    """Do all of it in the database at the owner's address; returns how many tables got rights, how many functions marks.

    `app` is the address that web and workers use: it names their role, and the password of one that has to be made.
    """
    with create_engine(owner, poolclass=pool.NullPool).begin() as connection:
        for extension in ("postgis", "pg_trgm"):
            connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
        given = grant(connection, role=app.username or "", password=app.password)
    return given, sum(_mark(owner, name) for name in LEAKPROOF)


def grant(connection: Connection, *, role: str, password: str | None = None) -> int:
    """Give the app's role exactly what each table's model names; returns how many tables exist.

    A role that is missing is made, with this password. One that is there keeps its own: `ALTER ROLE` rotates it.
    """
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
        raise click.ClickException("PORTAL_DATABASE_URL names no usable role.")
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}) is None:
        # Not as text(): colons of the verifier would be read as names of values.
        connection.exec_driver_sql(f'CREATE ROLE "{role}" LOGIN NOBYPASSRLS{_verifier(connection, role, password)}')
    existing = set(connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
    connection.execute(text(f'GRANT USAGE ON SCHEMA public TO "{role}"'))
    connection.execute(text(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"'))
    if "alembic_version" in existing:
        connection.execute(text(f'GRANT SELECT ON alembic_version TO "{role}"'))
    given = [table for table in tables.metadata().sorted_tables if table.name in existing]
    for table in given:
        connection.execute(text(f'REVOKE ALL ON "{table.name}" FROM "{role}"'))
        connection.execute(text(f'GRANT {table.info["rights"]} ON "{table.name}" TO "{role}"'))
    return len(given)


def _verifier(connection: Connection, role: str, password: str | None) -> str:
    """The password as the server keeps it: the words themselves would stand in its log."""
    if not password:
        return ""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    kept = driver.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    return f" PASSWORD '{kept}'"


def _mark(owner: str, function: str) -> bool:
    try:
        with create_engine(owner, poolclass=pool.NullPool).begin() as connection:
            connection.execute(text(f"ALTER FUNCTION {function} LEAKPROOF"))
    except DBAPIError:
        return False
    return True

"""What a database holds, counted and digested: the same words for the original, the archive and what was restored."""

from dataclasses import dataclass

import click
from sqlalchemy import Connection, text

_TABLES = text(
    """SELECT c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.relname"""
)
_PASSES = text("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
_PHOTOS = text("SELECT authority_id, name FROM photo WHERE state = 'ready' AND name IS NOT NULL ORDER BY authority_id, name")
# The id of the key that wraps a person's own stands at the beginning of the sealed value: version, length, id.
_KEYS = text(
    """SELECT DISTINCT convert_from(substring(wrapped_key FROM 3 FOR get_byte(wrapped_key, 1)), 'UTF8') AS id
    FROM person WHERE wrapped_key IS NOT NULL ORDER BY 1"""
)

_DIGEST = """SELECT count(*) AS rows, coalesce(sum(('x' || left(md5(t::text), 16))::bit(64)::bigint), 0)::text AS digest
    FROM "{}" AS t"""
"""Of a table whose name the catalogue gave."""


@dataclass(frozen=True, slots=True)
class Table:
    """How many rows a table has, and a digest of all of them that does not depend on their order."""

    rows: int
    digest: str


def check_sees_every_row(connection: Connection) -> None:
    """A backup by a role that row-level security binds would be empty without saying so."""
    if not connection.scalar(_PASSES):
        raise click.ClickException(
            "The role in PORTAL_DATABASE_OWNER_URL does not pass row-level security: ALTER ROLE … BYPASSRLS, or use the owner."
        )


def tables(connection: Connection) -> dict[str, Table]:
    """Every table of ours. Reads every row: about two seconds for a million reports."""
    return {name: _table(connection, name) for name in connection.scalars(_TABLES)}


def is_empty(connection: Connection) -> bool:
    """Whether there is no table of ours."""
    return connection.scalars(_TABLES).first() is None


def photos(connection: Connection) -> list[tuple[int, str]]:
    """Authority and name of every photo that must have its files."""
    return [(row.authority_id, row.name) for row in connection.execute(_PHOTOS)]


def data_keys(connection: Connection) -> list[str]:
    """Ids of the keys without which some resident's details cannot be read."""
    return list(connection.scalars(_KEYS))


def schema(connection: Connection) -> str:
    """The last migration."""
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def _table(connection: Connection, name: str) -> Table:
    row = connection.execute(text(_DIGEST.format(name))).one()
    return Table(row.rows, row.digest)

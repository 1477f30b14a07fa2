"""The field register and the database know the same columns."""

from sqlalchemy import text

from authority_portal import tables
from authority_portal.domain.people import register
from authority_portal.foundation.db import db

COLUMNS = text(
    "SELECT table_name || '.' || column_name FROM information_schema.columns "
    "WHERE table_schema = 'public' AND table_name = ANY(:ours)"
)
OTHERS = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND NOT tablename = ANY(:ours)")


def ours():
    return [table.name for table in tables.metadata().sorted_tables]


def test_every_column_is_registered_as_personal_or_plain(house):
    columns = set(db.session.scalars(COLUMNS, {"ours": ours()}))
    known = set(register.personal()) | register.plain()

    assert columns - known == set(), "say in domain/people/register.py what these columns hold"
    assert known - columns == set(), "these columns are gone"


def test_no_column_is_registered_twice():
    listed = [column for entry in register.PERSONAL for column in entry.columns]

    assert len(listed) == len(set(listed))
    assert set(listed) & register.plain() == set()


def test_the_database_has_no_table_that_the_house_does_not_know(house):
    assert set(db.session.scalars(OTHERS, {"ours": ours()})) <= {"alembic_version", "spatial_ref_sys"}


def test_every_entry_says_why_how_long_and_on_what_basis():
    for entry in register.PERSONAL:
        assert entry.purpose.endswith(".")
        assert entry.basis in ("6(1)(c)", "6(1)(e)", "6(1)(f)")
        assert entry.retention
        assert entry.read_with is None or entry.roles


def test_what_is_sealed_is_personal():
    sealed = {
        f"{table.name}.{column.name}"
        for table in tables.metadata().sorted_tables
        for column in table.columns
        if column.name.endswith(("_sealed", "_index"))
    }

    assert sealed
    assert sealed <= set(register.personal())

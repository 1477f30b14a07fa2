"""Every tenant table is closed to other authorities, and the app's role may do exactly what the models name."""

import pytest
from sqlalchemy import create_engine, inspect, pool, text

from authority_portal import tables
from authority_portal.foundation.db import db

TENANTS = tables.of_kind("tenant")
ALL = sorted(table.name for table in tables.metadata().sorted_tables)
RULE = "(authority_id = (NULLIF(current_setting('app.authority_id'::text, true), ''::text))::bigint)"


@pytest.fixture
def owner(environment):
    """A connection of the owner, who alone reads every catalogue."""
    with create_engine(environment["PORTAL_DATABASE_OWNER_URL"], poolclass=pool.NullPool).connect() as connection:
        yield connection


def test_every_table_says_which_kind_it_is():
    assert sorted(TENANTS + tables.of_kind("installation")) == ALL


@pytest.mark.parametrize("table", TENANTS)
def test_a_tenant_table_has_forced_row_level_security_with_one_policy(owner, table):
    flags = owner.execute(text("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = :name"), {"name": table})
    policies = owner.execute(
        text("SELECT permissive, cmd, qual, with_check FROM pg_policies WHERE tablename = :name"), {"name": table}
    )

    assert tuple(flags.one()) == (True, True)
    assert [tuple(row) for row in policies] == [("PERMISSIVE", "ALL", RULE, RULE)]


@pytest.mark.parametrize("table", TENANTS)
def test_a_tenant_table_can_be_pointed_at_only_together_with_its_authority(table):
    made = tables.metadata().tables[table]
    keys = [{column.name for column in key.columns} for key in made.constraints if hasattr(key, "columns")]

    assert "authority_id" in made.columns
    assert not made.columns["authority_id"].nullable
    assert {"authority_id", "id"} in keys or "authority_id" in made.primary_key.columns


@pytest.mark.parametrize("table", ALL)
def test_a_foreign_key_to_a_tenant_table_carries_the_authority(table):
    simple = [
        key.name
        for key in tables.metadata().tables[table].foreign_key_constraints
        if key.referred_table.name in TENANTS and "authority_id" not in {element.column.name for element in key.elements}
    ]
    assert simple == []


@pytest.mark.parametrize("table", TENANTS)
def test_no_unique_key_of_a_tenant_table_tells_about_other_authorities(table):
    random_names = {("photo", ("name",))}  # 128 random bits that nobody chooses
    made = tables.metadata().tables[table]
    loose = [
        tuple(column.name for column in key.columns)
        for key in [*made.constraints, *(index for index in made.indexes if index.unique)]
        if type(key).__name__ in ("UniqueConstraint", "Index") and "authority_id" not in {column.name for column in key.columns}
    ]
    assert [key for key in loose if (table, key) not in random_names] == []


@pytest.mark.parametrize("table", ALL)
def test_the_role_of_the_app_may_do_what_the_model_names(owner, table):
    named = tables.metadata().tables[table].info["rights"]
    whole = {right.strip() for right in _without_columns(named).split(",") if right.strip()}
    held = owner.scalars(
        text(
            "SELECT privilege_type FROM information_schema.role_table_grants WHERE grantee = 'portal_app' AND table_name = :name"
        ),
        {"name": table},
    )

    assert set(held) == whole


def test_the_role_of_the_app_owns_nothing_and_cannot_pass_row_level_security(owner):
    role = owner.execute(
        text("SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'portal_app'")
    )
    owned = owner.scalar(
        text("SELECT count(*) FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner WHERE rolname = 'portal_app'")
    )

    assert not any(role.one())
    assert owned == 0


def test_nothing_in_the_database_looks_past_the_policies(owner):
    views = owner.scalars(text("SELECT table_name FROM information_schema.views WHERE table_schema = 'public'"))
    stored = owner.scalars(text("SELECT matviewname FROM pg_matviews"))
    definers = owner.scalars(
        text(
            "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE prosecdef AND nspname = 'public' "
            "AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
        )
    )

    assert set(views) <= {"geography_columns", "geometry_columns"}
    assert list(stored) == []
    assert set(definers) <= {"refresh_statistics"}  # lets the owner run ANALYZE; takes nothing and returns nothing


def test_models_and_database_have_the_same_tables(house):
    assert set(ALL) <= set(inspect(db.engine).get_table_names())


def _without_columns(rights):
    """`SELECT, UPDATE (seq, hash)` → `SELECT`: rights on single columns are not rights on the table."""
    kept, depth, part = [], 0, ""
    for character in rights + ",":
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            kept.append(part)
            part = ""
        else:
            part += character
    return ",".join(right for right in kept if "(" not in right)

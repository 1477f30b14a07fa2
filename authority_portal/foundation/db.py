"""The database: one session per application context, bound to one authority or to none.

Row-level security lets a transaction see the rows of the authority that is bound, and nothing when none is. An entrance
(session, API key, link token, dispatch row, command line) finds the authority in an installation table and binds it once;
the session's `after_begin` event writes the transaction-local setting, and nothing else does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, UniqueConstraint, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction

from authority_portal.foundation import bell

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every model. Named constraints let a violated one be mapped to a form field."""

    metadata = MetaData(naming_convention=CONVENTION)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

_bound: ContextVar[int | None] = ContextVar("bound_authority", default=None)


def init_app(app: Flask) -> None:
    """Connect the application, and let every request begin and every context end with no authority bound in its thread."""
    db.init_app(app)
    app.before_request(_begin_unbound)
    app.teardown_appcontext(_end_unbound)


def tenant(*constraints: Any, rights: str = "SELECT, INSERT, UPDATE, DELETE", numbered: bool = True) -> tuple[Any, ...]:
    """`__table_args__` of a tenant table: composite key (unless it is not `numbered` by `id`), marked for row-level security.

    `rights` are what the app's role is granted; `flask install database` reads them.
    """
    key = (UniqueConstraint("authority_id", "id"),) if numbered else ()
    return (*key, *constraints, {"info": {"kind": "tenant", "rights": rights}})


def installation(*constraints: Any, rights: str = "SELECT, INSERT, UPDATE") -> tuple[Any, ...]:
    """`__table_args__` of an installation table: no tenant policy, no personal data of residents, least grants."""
    return (*constraints, {"info": {"kind": "installation", "rights": rights}})


def bound_authority() -> int | None:
    """The authority that transactions are bound to, or None."""
    return _bound.get()


def bind(authority_id: int | None) -> None:
    """Bind what follows to one authority. What was read before, unbound, is let go; unsaved writes are a mistake."""
    before = _bound.get()
    if authority_id == before:
        return
    session = db.session()
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("an authority is bound before anything is written")
    _bound.set(authority_id)
    if not session.in_transaction():
        return
    if before is None and not session.in_nested_transaction():
        # Nothing but installation tables was open to this transaction; ending it would cost three ways to the database and back.
        session.expire_all()
        _set(session.connection())
    else:
        session.rollback()


@contextmanager
def bound(authority_id: int | None) -> Iterator[None]:
    """Bind an authority for the block; afterwards the former one holds again."""
    before = _bound.get()
    bind(authority_id)
    try:
        yield
    finally:
        session = db.session()
        if session.in_transaction():
            session.rollback()
        _bound.set(before)


@contextmanager
def transaction() -> Iterator[Session]:
    """Everything inside stands or falls together. Only entrances open one; commands never commit.

    After the commit the bell is rung for the bound authority, so that screens and sweeper look at once.
    """
    session = db.session()
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    authority_id = _bound.get()
    if authority_id is not None:
        bell.ring(authority_id)


def _begin_unbound() -> None:
    bind(None)


def _end_unbound(_error: BaseException | None) -> None:
    _bound.set(None)


@event.listens_for(Session, "after_begin")
def _write_the_setting(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    # Inside somebody's outer transaction a former setting would outlive its binding.
    if _bound.get() is not None or connection.in_nested_transaction():
        _set(connection)


def _set(connection: Connection) -> None:
    authority_id = _bound.get()
    if authority_id is None:
        connection.exec_driver_sql("SELECT set_config('app.authority_id', '', true)")
    else:
        connection.exec_driver_sql("SELECT set_config('app.authority_id', %s, true)", (str(authority_id),))


def engine_options(application: str) -> dict[str, Any]:
    """How every process connects: UTC, bounded statements, a pool that notices a restarted server.

    Sizes: 8 request threads share 8 connections; 2 more for moments of overlap.
    """
    return {
        "pool_size": 8,
        "max_overflow": 2,
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        # Values of a failed statement may be personal; an error's text goes to logs.
        "hide_parameters": True,
        "connect_args": {
            "application_name": application,
            "connect_timeout": 5,
            "options": "-c timezone=UTC -c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=60s",
        },
    }

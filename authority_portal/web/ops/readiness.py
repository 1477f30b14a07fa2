"""How this code and its database fit together: the migration it has, the one it should have, and the size of the pool."""

from functools import lru_cache

from alembic.script import ScriptDirectory
from sqlalchemy import text

from authority_portal.config import CHECKOUT
from authority_portal.foundation.db import db, engine_options


def revision() -> str | None:
    """The database's last migration."""
    known = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return None if known is None else str(known)


@lru_cache(maxsize=1)
def newest_revision() -> str | None:
    """The last migration that this code brings along."""
    return ScriptDirectory(str(CHECKOUT / "migrations")).get_current_head()


def has_what_this_code_needs(known: str | None) -> bool:
    """True for this code's newest migration and for any later one.

    While a new release comes in, the old code runs on its database: every migration leaves what the code before it uses.
    Numbers have four digits, so that their text sorts.
    """
    return known is not None and known >= (newest_revision() or "")


def pool_size() -> tuple[int, int]:
    """Connections a process keeps, and those it may open besides for a moment."""
    options = engine_options("portal")
    return options["pool_size"], options["max_overflow"]

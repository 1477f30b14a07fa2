"""What the sweeper does, and how often: one table. Everything in it may run twice, or late, without harm."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from authority_portal.domain.audit import trail
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.staff import invitations, sessions
from authority_portal.foundation.db import bound, db, transaction
from authority_portal.jobs import dispatch, each, figures, map_cells, retention, tidying


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that comes back. `at_the_bell`: also at once when something was committed."""

    name: str
    every: timedelta
    run: Callable[[], None]
    at_the_bell: bool = False


def for_each_authority(work: Callable[[int], int]) -> Callable[[], None]:
    """`work` for one authority after the other, each bound and committed by itself."""

    def do(authority: Card) -> None:
        with bound(authority.id):
            session = db.session()
            # Committed without the bell: ringing would wake the sweeper again, for ever.
            work(authority.id)
            session.commit()

    return lambda: each.authority(do)


def installation_wide(work: Callable[[], int]) -> Callable[[], None]:
    """`work` on installation tables, in one transaction."""

    def run() -> None:
        with transaction():
            work()

    return run


SCHEDULE: tuple[Periodic, ...] = (
    Periodic("due events", timedelta(seconds=1), dispatch.due_events, at_the_bell=True),
    Periodic("due messages", timedelta(seconds=1), dispatch.due_messages, at_the_bell=True),
    Periodic("seal the audit log", timedelta(seconds=2), for_each_authority(trail.seal)),
    Periodic("count the map's cells", timedelta(seconds=2), for_each_authority(map_cells.refresh)),
    Periodic("count the figures", timedelta(seconds=2), for_each_authority(figures.refresh)),
    Periodic("apply the retention rules, once a day", timedelta(seconds=5), for_each_authority(retention.go_on)),
    Periodic("let go of sessions and throttles", timedelta(minutes=10), installation_wide(sessions.sweep)),
    Periodic("let go of old invitations", timedelta(hours=1), installation_wide(invitations.sweep)),
    Periodic("clear away finished events", timedelta(hours=1), tidying.finished_events),
    Periodic("clear away plain deliveries", timedelta(hours=1), tidying.plain_deliveries),
    Periodic("clear away files without a photo", tidying.SHARD_EVERY, tidying.orphan_files),
)

"""One authority after the other: what fails for one is told at the end, and keeps nothing from the others."""

from collections.abc import Callable

from authority_portal.domain.authorities import card
from authority_portal.domain.authorities.card import Card


class SomeFailed(Exception):
    """Work was done for every authority but these, by slug."""

    def __init__(self, failed: dict[str, Exception]) -> None:
        """At least one."""
        super().__init__(f"failed for {len(failed)} authorities")
        self.failed = failed


def authority(work: Callable[[Card], None]) -> None:
    """Do `work` for each. Raises SomeFailed afterwards."""
    failed: dict[str, Exception] = {}
    for known in card.cards():
        try:
            work(known)
        except Exception as error:
            failed[known.slug] = error
    if failed:
        raise SomeFailed(failed)

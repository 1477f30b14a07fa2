"""The authorities of the seed: Boston with half of the reports, and others, on the same ground, that share the rest."""

from collections.abc import Iterator
from dataclasses import replace

from authority_portal.cli.demo.towns import BOSTON, DemoTown

OTHERS = 9


def shares(reports: int) -> Iterator[tuple[DemoTown, int]]:
    """Each authority and how many of the reports are its own, together exactly `reports`."""
    half = reports - reports // 2
    yield BOSTON, half
    for number in range(1, OTHERS + 1):
        share = (reports - half) * number // OTHERS - (reports - half) * (number - 1) // OTHERS
        yield (
            replace(
                BOSTON,
                slug=f"beside-{number}",
                name=f"Authority {number} beside",
                prefix=f"BE{chr(ord('A') + number)}",
                api_key=f"bench-open311-key-{number}",
            ),
            share,
        )

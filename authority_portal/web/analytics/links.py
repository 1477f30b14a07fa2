"""From a figure to its rows: the address of the queue with exactly the reports that were counted."""

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import quote

from authority_portal.domain.analytics.counting import AGES, Dimension
from authority_portal.domain.analytics.overview import Named
from authority_portal.domain.analytics.periods import Period
from authority_portal.domain.reports.filters import NONE

Link = Callable[[str], str]
"""From the part of an address that names a key to the whole address."""

_FILTERS = {Dimension.CATEGORY: "category", Dimension.AREA: "area", Dimension.TEAM: "team", Dimension.CHANNEL: "channel"}


class Links:
    """The addresses of one period's figures. Each takes `which`: "" for all reports, else what `of_key` gives."""

    def __init__(self, queue: str, period: Period) -> None:
        """`queue` is the address of the queue."""
        first, last = period.first.isoformat(), period.last.isoformat()
        every, done = f"{queue}?queue=all&status=all", f"{queue}?queue=all&status=done"
        closed = f"{done}{{}}&closed_from={first}&closed_to={last}"
        self.received: Link = f"{every}{{}}&received_from={first}&received_to={last}".format
        self.responded: Link = f"{every}{{}}&responded_from={first}&responded_to={last}".format
        self.closed: Link = closed.format
        self.due: Link = f"{closed}&sla=met&sla=missed".format
        self.kept: Link = f"{closed}&sla=met".format
        self.open: Link = f"{every}{{}}&open_on={last}".format


def of_key(dimension: Dimension, named: Named) -> str:
    """The part of an address that chooses one key."""
    return f"&{_FILTERS[dimension]}={quote(NONE if named.key is None else named.code, safe='')}"


def aged(queue: str, last: date, least: int) -> str:
    """The reports that were open at the end of `last` and, by then, at least `least` days old and under the next group's age."""
    older = [age for age in AGES if age > least]
    first = f"&received_from={last - timedelta(days=older[0] - 1)}" if older else ""
    return f"{queue}?queue=all&status=all{first}&received_to={last - timedelta(days=least)}&open_on={last}"

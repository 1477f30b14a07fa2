"""The figures as a table for spreadsheets. What is hidden on the page is hidden here."""

import csv
import io
from collections.abc import Iterator

from authority_portal.domain.analytics.overview import Named, Overview, Side
from authority_portal.domain.analytics.suppression import Shown
from authority_portal.web.analytics import wording

HIDDEN = "hidden"
"""In the place of a count that may not be known."""
_MAY_BE_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
HEADER = (
    *("from", "to", "by", "code", "name"),
    *("received", "closed", "open_at_end", "first_responses", "response_half_seconds", "response_nine_of_ten_seconds"),
    *("close_half_seconds", "close_nine_of_ten_seconds", "closed_with_deadline", "deadline_kept_share"),
)


def name(found: Overview, slug: str) -> str:
    """Of the file: `boston-2026-10-21-2026-11-17-category.csv`."""
    period = found.question.period
    return f"{slug}-{period.first}-{period.last}-{found.question.by}.csv"


def written(found: Overview) -> str:
    """Both periods: first everything together, then each key of the dimension."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for side in (found.now, found.before):
        writer.writerows(_rows(side, found))
    return out.getvalue()


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_MAY_BE_A_FORMULA) else text


def _rows(side: Side, found: Overview) -> Iterator[list[str]]:
    days = [side.period.first.isoformat(), side.period.last.isoformat()]
    yield [*days, "all", "", "", *_cells(side.together, found)]
    for named in found.names:
        words = [harmless(named.code), harmless(_name(named, found))]
        shown = side.by_key.get(named.key)
        yield [*days, str(found.question.by), *words, *_cells(shown or _nothing(named), found)]


def _name(named: Named, found: Overview) -> str:
    return wording.name_of(named, found.question.by)


def _nothing(named: Named) -> Shown:
    return Shown(named.key, 0, 0, 0, 0, due=0)


def _cells(shown: Shown, found: Overview) -> list[str]:
    """Counts are always there or hidden; a time or a share is empty where nothing was counted."""
    values = list(shown._asdict().items())[1:]
    return [_cell(name, value, coarse=found.coarse) for name, value in values]


def _cell(name: str, value: float | None, *, coarse: bool) -> str:
    if value is None:
        return HIDDEN if coarse else ""
    return f"{value:.3f}" if name == "kept" else str(value)

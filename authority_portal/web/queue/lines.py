"""The rows of the list in words: what is the same for all of them is asked once, not by the template for each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup

from authority_portal.domain.reports.deadlines import Deadline
from authority_portal.domain.reports.queries.queue import Line
from authority_portal.domain.reports.queries.report import SeenStatus
from authority_portal.web import rendering, signs
from authority_portal.web import wording_of_time as words
from authority_portal.web.channel_names import CHANNELS

_ANY = "R"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the template writes it. `due` is empty without a deadline; `lat` and `lon` are empty where no place is shown.

    Two rows are equal if they look alike: a row that was written once need not be written again (`web/kept.py`).
    """

    reference: str
    address: str
    lat: str
    lon: str
    status: SeenStatus
    deadline: Deadline = field(compare=False)
    standing: str
    burnt: int
    category: str
    place: str
    locality: str
    photos: bool
    who: str
    below: str
    age: str
    channel: str
    due: Markup | str


def rows(lines: Iterable[Line], *, now: datetime) -> Iterator[Row]:
    """The rows of a page, in their order."""
    in_words = rendering.Moments.here(now)
    page_of = url_for("casework.show", reference=_ANY).removesuffix(_ANY)
    nobody, no_team = gettext("Nobody"), gettext("No team")
    channels = {channel: str(name) for channel, name in CHANNELS.items()}
    for line in lines:
        known = line.holder_known
        yield Row(
            reference=line.reference,
            address=page_of + line.reference,
            lat="" if line.lat is None else f"{line.lat:.5f}",
            lon="" if line.lon is None else f"{line.lon:.5f}",
            status=line.status,
            deadline=line.deadline,
            standing=f"{line.deadline.state} {words.deadline_words(line.deadline, locale=in_words.locale)}",
            burnt=signs.fuse_run(line.deadline),
            category=line.category,
            place=line.address,
            locality=line.locality,
            photos=line.photos > 0,
            who=(line.holder or nobody) if known else line.team or no_team,
            below=line.area or (line.team if known else ""),
            age=words.span(now - line.received_at, locale=in_words.locale),
            channel=channels[line.channel],
            due=in_words.short(line.deadline.due_at) if line.deadline.due_at else "",
        )

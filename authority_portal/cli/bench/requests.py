"""What the bench asks for: each of its rows as requests, made from the seeded reports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import func, select

from authority_portal.cli.bench.visiting import FORM, Ask, Visitor
from authority_portal.cli.demo.towns import BOSTON
from authority_portal.domain.access.actor import Actor
from authority_portal.domain.authorities.models import Category, Question
from authority_portal.domain.reports.models import Report, Status
from authority_portal.foundation.db import db
from authority_portal.web import live

PAGES = 200
"""Different reports whose pages are asked for in turn."""
STEPS = 400
"""Reports that take a step in one round, in turn, there and back."""
SCREEN = "-71.115,42.325,-71.005,42.375"
"""1280 × 800 pixels at zoom 14, over the middle of the city."""
WHOLE = ",".join(str(edge) for edge in (BOSTON.bounds.west, BOSTON.bounds.south, BOSTON.bounds.east, BOSTON.bounds.north))
THERE_AND_BACK = ("in_progress", "waiting_other")
"""Two statuses between which a report may go to and fro as often as one likes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the bench. Rounds that change something have requests of their own; the others share theirs."""

    name: str
    status: int
    rounds: tuple[tuple[Ask, ...], ...]


def rows(desk: Visitor, lead: Visitor, stranger: Visitor, *, by: Actor, rounds: int) -> list[Row]:
    """Every row, with requests for so many rounds. Those that read come first, because the others move the data on.

    `desk` is the caseworker `by`, `lead` a supervisor, `stranger` nobody.
    """
    references = _references(by)
    return [
        # First, because opening a report logs the reading, and the log is news to every screen.
        Row("live_304", 304, ((_live(desk, by),),)),
        Row("list_filtered", 200, (_list(desk, by),)),
        Row("queue_page", 200, ((Ask("/reports", headers=desk.headers),),)),
        Row("map_low", 200, ((_map(desk, WHOLE, 11),),)),
        Row("map_high", 200, ((_map(desk, SCREEN, 14),),)),
        Row("report_page", 200, (tuple(Ask(f"/reports/{each}", headers=desk.headers) for each in references),)),
        Row("open311_get", 200, ((Ask(f"/open311/v2/requests.json?jurisdiction_id={BOSTON.slug}&page_size=50"),),)),
        Row("analytics_overview", 200, ((Ask("/analytics", headers=lead.headers),),)),
        Row("status_change", 303, _steps(desk, by, rounds)),
        Row("open311_post", 201, (_submissions(stranger, by),)),
    ]


def _list(desk: Visitor, by: Actor) -> tuple[Ask, ...]:
    """50 rows by two categories and two groups, as the page asks for them when a filter changes."""
    asked = [("queue", "all"), ("status", "new"), ("status", "open"), *(("category", code) for code in _common(by, 2))]
    return (Ask(f"/reports/list?{urlencode(asked)}", headers=desk.headers | {"HX-Request": "true"}),)


def _map(desk: Visitor, view: str, zoom: int) -> Ask:
    asked = {"queue": "all", "view": view, "z": zoom}
    return Ask(f"/reports/map.geojson?{urlencode(asked)}", headers=desk.headers)


def _live(desk: Visitor, by: Actor) -> Ask:
    """What an open screen asks every second while nothing changes."""
    asked = {"k": live.key(by.authority_id), "since": "2026-01-01T00:00:00+00:00"}
    known = {"If-None-Match": f'"{live.version(by.authority_id)}"'}
    return Ask(f"/live?{urlencode(asked)}", headers=desk.headers | {"HX-Request": "true"} | known)


def _steps(desk: Visitor, by: Actor, rounds: int) -> tuple[tuple[Ask, ...], ...]:
    """For each round reports of its own, which go there, back, there …; each step knows the version the last one left."""
    known = db.session.execute(select(Status.code, Status.id).where(Status.authority_id == by.authority_id))
    statuses = {row.code: row.id for row in known}
    new = _new_ones(by, rounds * STEPS)
    share = len(new) // rounds
    made = []
    for at in range(rounds):
        mine = new[at * share : (at + 1) * share]
        made.append(
            tuple(
                _step(desk, report, statuses[THERE_AND_BACK[times % 2]], report.version + times)
                for times in range(max(1, 8 * STEPS // max(1, len(mine))))
                for report in mine
            )
        )
    return tuple(made)


def _step(desk: Visitor, report: Any, to: int, version: int) -> Ask:
    form = {"csrf_token": desk.token, "version": version, "to": to, "note": "Crew sent.", "reason": "", "outcome": ""}
    return Ask(f"/reports/{report.reference}/status", "POST", desk.headers | FORM, urlencode(form))


def _submissions(stranger: Visitor, by: Actor) -> tuple[Ask, ...]:
    """Reports from an app: a place, words, a contact. Each is new, because none is named by its sender."""
    codes = _common(by, 5, questions=False)
    headers = stranger.headers | FORM | {"X-Api-Key": BOSTON.api_key}
    return tuple(
        Ask("/open311/v2/requests.json", "POST", headers, urlencode(_submission(codes[at % len(codes)], at)))
        for at in range(PAGES)
    )


def _submission(code: str, at: int) -> dict[str, Any]:
    return {
        "jurisdiction_id": BOSTON.slug,
        "service_code": code,
        "lat": round(42.30 + at % 50 / 1000, 5),
        "long": round(-71.10 + at % 41 / 1000, 5),
        "description": f"Something is broken here, number {at}, please have a look.",
        "email": f"resident-{at:09d}@example.org",
        "first_name": "Rosa",
        "last_name": "Example",
    }


def _references(by: Actor) -> Sequence[str]:
    """Unfinished reports of the actor's teams, from all over the table."""
    mine = select(Report.id, Report.reference).where(
        Report.authority_id == by.authority_id, Report.status_group != "done", Report.team_id.in_(sorted(by.team_ids))
    )
    every = db.session.execute(mine.order_by(Report.id)).all()
    return [every[at * len(every) // min(PAGES, len(every))].reference for at in range(min(PAGES, len(every)))]


def _new_ones(by: Actor, most: int) -> Sequence[Any]:
    """New reports of the actor's teams, which nothing was done to yet."""
    return db.session.execute(
        select(Report.reference, Report.version)
        .where(
            Report.authority_id == by.authority_id,
            Report.status_group == "new",
            Report.team_id.in_(sorted(by.team_ids)),
        )
        .order_by(Report.id)
        .limit(most)
    ).all()


def _common(by: Actor, wanted: int, *, questions: bool = True) -> list[str]:
    """The codes of the categories with the most unfinished reports; without `questions` those that ask none."""
    query = (
        select(Category.code)
        .join(Report, (Report.authority_id == Category.authority_id) & (Report.category_id == Category.id))
        .where(Category.authority_id == by.authority_id, Report.status_group != "done")
        .group_by(Category.id)
        .order_by(func.count().desc(), Category.code)
        .limit(wanted)
    )
    if not questions:
        asking = select(Question.category_id).where(Question.authority_id == by.authority_id)
        query = query.where(Category.id.not_in(asking))
    return list(db.session.scalars(query))

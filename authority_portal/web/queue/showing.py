"""What the templates of the queue are given."""

from dataclasses import replace
from typing import Any

from flask import g, url_for
from flask_babel import gettext

from authority_portal.domain.reports import policy
from authority_portal.domain.reports.filters import ME, NOBODY, NONE, SLA_STATES, Queue, Sort, box_text, canonical
from authority_portal.domain.reports.queries import photos
from authority_portal.domain.reports.queries import queue as queries
from authority_portal.domain.reports.queries.report import SeenReport
from authority_portal.domain.reports.workflow import Group
from authority_portal.web import live, maps
from authority_portal.web.channel_names import CHANNELS
from authority_portal.web.queue import asking, lines, wording
from authority_portal.web.queue.asking import Asked
from authority_portal.web.rendering import capped, number

ALWAYS_THERE = frozenset({"queue", "sort", "bbox", "text"})
"""Parameters whose fields stand outside of the filter's panel."""
WORDS = {"queues": wording.QUEUES, "groups": wording.GROUPS, "sla": wording.SLA, "channels": CHANNELS}


def page(asked: Asked, *, full: bool = False) -> dict[str, Any]:
    """Everything on the page; with `full` or something wrong the filter's fields are open."""
    return {
        **list_(asked),
        **panel(asked, full=full or bool(asked.wrong)),
        "map": maps.shell(g.authority) if asked.question.choices.known.places else None,
        "box": box_text(asked.view.box) if asked.view.box else "",
        "live_key": live.key(g.authority.id),
    }


def panel(asked: Asked, *, full: bool) -> dict[str, Any]:
    """The filter's fields, or only their values."""
    return {
        "asked": asked,
        "view": asked.view,
        "full": full,
        "state": [(name, value) for name, value in canonical(asked.view) if name not in ALWAYS_THERE],
        "choices": asked.question.choices,
        "fields": wording.FIELDS,
        "words": WORDS,
        "all_groups": tuple(Group),
        "sla_states": SLA_STATES,
        "me": ME,
        "nobody": NOBODY,
        "unset": NONE,
        "address": asking.address,
    }


def list_(asked: Asked) -> dict[str, Any]:
    """The list with its tabs and chips. Rows and counts are not read while something is wrong with the question."""
    view = asked.view
    # The version is read before the rows: what happens in between is told once too often rather than never.
    version = live.version(g.authority.id)
    rows = None if asked.wrong else queries.page(asked.question, asked.cursor)
    counts = {} if asked.wrong else queries.counts(asked.question)
    chips = wording.chips(view, asked.question.choices)
    total = counts.get(view.queue, 0)
    here = url_for("queue.index")
    return {
        "asked": asked,
        "view": view,
        "page": rows,
        "rows": lines.rows(rows.lines, now=asked.question.now) if rows is not None else (),
        "total": total,
        "tabs": _tabs(asked, counts),
        "chips": chips,
        "emptying": _emptying(asked, chips) if rows is not None and not rows.lines else [],
        "cleared": wording.cleared(view),
        "heading": wording.HEADINGS[view.queue],
        "pager": _pager(rows, total, view.sort) if rows is not None and rows.lines else "",
        "sorts": {sort: f"{here}?{asking.address(replace(view, chosen_sort=sort))}" for sort in Sort},
        "words": WORDS,
        "fields": wording.FIELDS,
        "address": asking.address,
        "version": version,
        "since": asked.question.now.isoformat(),
    }


def _tabs(asked: Asked, counts: dict[Queue, int]) -> list[dict[str, Any]]:
    """The tabs keep the filters; each count is what a click on it will show."""
    shown = [queue for queue in Queue if queue in asked.question.choices.known.queues]
    here = url_for("queue.index")
    return [
        {
            "label": wording.QUEUES[queue],
            "href": f"{here}?{asking.address(replace(asked.view, queue=queue))}",
            "count": counts.get(queue),
            "current": queue is asked.view.queue,
            "late": queue is Queue.OVERDUE,
        }
        for queue in shown
    ]


def _emptying(asked: Asked, chips: list[wording.Chip]) -> list[tuple[wording.Chip, int]]:
    """For an empty list: the filters without which it would not be empty, and how many reports there would be."""
    if not chips:
        return []
    found = queries.counts_of(asked.question, [chip.without for chip in chips])
    return [(chip, count) for chip, count in zip(chips, found, strict=True) if count]


def _pager(page: queries.Page, total: int, sort: Sort) -> str:
    first, last = page.start, page.start + len(page.lines) - 1
    return gettext(
        "%(first)s–%(last)s of %(total)s, %(order)s",
        first=number(first),
        last=number(last),
        total=capped(total),
        order=wording.SORTS[sort],
    )


def look(report: SeenReport) -> dict[str, Any]:
    """What the preview shows beside the report itself: its first photo, and the acts its reader may go on to."""
    ready = [photo for photo in photos.of(report, by=g.actor) if photo.state == "ready"]
    acts = (
        ("a", "team", gettext("Assign"), policy.may_assign),
        ("s", "step", gettext("Status"), policy.may_progress),
        ("n", "new-note", gettext("Note"), policy.may_note),
    )
    return {
        "photo": ready[0] if ready else None,
        "acts": [(key, anchor, words) for key, anchor, words, may in acts if may(g.actor, report)],
    }

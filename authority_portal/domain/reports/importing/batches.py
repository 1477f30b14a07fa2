"""Writing one batch: reports, their history and assignment, in a handful of statements. The caller commits."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import TextClause, text

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.reports import clearing, deadlines, reference, rollup, routing
from authority_portal.domain.reports.importing import runs
from authority_portal.domain.reports.importing.ledger import Ledger
from authority_portal.domain.reports.importing.oddities import Oddity
from authority_portal.domain.reports.importing.records import Kept, Rejected
from authority_portal.domain.reports.importing.runs import Run
from authority_portal.domain.reports.importing.tally import Tally
from authority_portal.domain.reports.routing import Place
from authority_portal.domain.reports.workflow import Group
from authority_portal.foundation.db import db
from authority_portal.foundation.geo import Point, tile

SIZE = 2_000
"""Rows per batch: one commit, one audit line."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch came to. `rejected` holds the reader's and those whose source id another row has."""

    counted: Tally
    rejected: list[Rejected]


def batches(read: Iterable[Kept | Rejected], *, size: int = SIZE) -> Iterator[list[Kept | Rejected]]:
    """Read rows, in lists of `size`. The next list is read beside the writing of the one before: reading is pure."""
    rows = iter(read)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import-reader") as reader:
        coming = reader.submit(lambda: list(islice(rows, size)))
        while batch := coming.result():
            coming = reader.submit(lambda: list(islice(rows, size)))
            yield batch


def write(batch: list[Kept | Rejected], *, run: Run, ledger: Ledger, authority: Card, by: Actor) -> Written:
    """Write the rows that are new, and one audit line for all. Nobody is told: this is old news.

    Raises Conflict if another process moved this run on.
    """
    runs.take_turn(run)
    # The table grows while the same few statements run: a plan kept from when it was empty would read all of it each time.
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    rejected = [row for row in batch if isinstance(row, Rejected)]
    kept, taken, known = _new([row for row in batch if isinstance(row, Kept)], run)
    rejected += taken
    points = {row.point for row in kept if row.point}
    places = routing.places(points, authority.id)
    numbers = db.session.scalars(_NUMBERS, {"n": len(kept)}).all()
    prepared = [
        _prepared(row, number, ledger=ledger, authority=authority, place=places.get(row.point, Place()) if row.point else Place())
        for row, number in zip(kept, numbers, strict=True)
    ]
    _insert(prepared, run, ledger)
    rollup.mark_tiles({row["tile"] for row in prepared if row["tile"] is not None}, authority.id)
    counted = Tally(
        read=len(batch), added=len(kept), known=known, rejected=len(rejected), open=sum(row.closed_at is None for row in kept)
    )
    for row in kept:
        counted.oddities.update(row.oddities)
    counted.oddities.update(row.oddity for row in rejected)
    counted.oddities[Oddity.ALREADY_THERE] += known
    if ledger.has_areas:
        counted.oddities[Oddity.OUTSIDE_AREAS] += sum(row["lat"] is not None and row["area_id"] is None for row in prepared)
    counted.oddities = +counted.oddities
    trail.append(
        "import:batch",
        subject=f"import:{run.id}",
        by=by,
        rows=f"{batch[0].number}-{batch[-1].number}",
        added=counted.added,
        rejected=counted.rejected,
        digest=hashlib.sha256(b"".join(row.digest for row in kept)).hexdigest(),
    )
    return Written(counted, sorted(rejected, key=lambda row: row.number))


def _new(rows: list[Kept], run: Run) -> tuple[list[Kept], list[Rejected], int]:
    """The rows whose source id is new; those whose id stands for other content; how many are there already, unchanged."""
    ids = {"ids": [row.source_id for row in rows], "authority": run.authority_id, "source": runs.reports_of(run)}
    digests: dict[str, bytes | None] = {each.id: each.source_digest for each in db.session.execute(_KNOWN, ids)}
    new: list[Kept] = []
    taken: list[Rejected] = []
    for row in rows:
        if row.source_id not in digests:
            digests[row.source_id] = row.digest
            new.append(row)
        elif digests[row.source_id] not in (row.digest, None):  # None: whoever sent it was erased since
            taken.append(Rejected(row.number, row.source_id, Oddity.SOURCE_ID_TAKEN))
    return new, taken, len(rows) - len(new) - len(taken)


def _prepared(row: Kept, number: int, *, ledger: Ledger, authority: Card, place: Place) -> dict[str, Any]:
    """The columns of the report, and `steps`: its history."""
    category_id, visibility = ledger.category(row.category)
    status = row.status or ledger.first(Group.DONE if row.closed_at else Group.NEW)
    status_id, group = ledger.statuses[status]
    due_at, received_at = row.due_at, row.opened_at
    point: Point | None = row.point
    waits = row.responded_at or received_at if group is Group.WAITING else None
    return {
        "id": number,
        "reference": reference.of(number, prefix=authority.prefix, key=authority.reference_key),
        "source_id": row.source_id,
        "source_digest": row.digest.hex(),
        "channel": row.channel,
        "category_id": category_id,
        "status_id": status_id,
        "status_group": group,
        "outcome": row.outcome,
        "reason": row.reason,
        "team_id": ledger.team(row.team) if row.team else None,
        "area_id": place.area_id,
        "locality": place.locality,
        "visibility": visibility,
        "lat": point.lat if point else None,
        "lon": point.lon if point else None,
        "tile": tile(point) if point else None,
        "address": row.address,
        "description": row.description,
        "cleared_description": clearing.clear(row.description) if row.description else "",
        "received_at": received_at.isoformat(),
        "closed_at": _iso(row.closed_at),
        "first_response_at": _iso(row.responded_at),
        "due_at": _iso(due_at),
        "at_risk_at": _iso(deadlines.at_risk_from(received_at, due_at)) if due_at else None,
        "due_reason": str(deadlines.NAMED_IN_FILE()) if due_at else "",
        "paused_at": _iso(waits),
        "updated_at": (row.closed_at or row.responded_at or received_at).isoformat(),
    }


def _insert(prepared: list[dict[str, Any]], run: Run, ledger: Ledger) -> None:
    if not prepared:
        return
    first = ledger.statuses[ledger.first(Group.NEW)][0]
    steps = []
    for row in prepared:
        report = {"report_id": row["id"], "changed_at": row["received_at"], "to_status_id": first}
        steps.append(report)
        if row["status_id"] != first:
            at = row["closed_at"] or row["first_response_at"] or row["received_at"]
            steps.append(
                report
                | {
                    "from_status_id": first,
                    "to_status_id": row["status_id"],
                    "changed_at": at,
                    "outcome": row["outcome"],
                    "reason": row["reason"],
                }
            )
    whose = {"authority": run.authority_id, "source": runs.reports_of(run)}
    db.session.execute(_REPORTS, {**whose, "rows": json.dumps(prepared)})
    db.session.execute(_STEPS, {"authority": run.authority_id, "rows": json.dumps(steps)})
    db.session.execute(_ASSIGNMENTS, {"authority": run.authority_id, "rows": json.dumps(_assigned(prepared))})


def _assigned(prepared: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"report_id": row["id"], "team_id": row["team_id"], "assigned_at": row["received_at"]}
        for row in prepared
        if row["team_id"]
    ]


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


# One probe of the unique index per id, whatever the planner believes about the table's size.
_KNOWN: TextClause = text(
    """
    SELECT wanted.id, known.source_digest
    FROM unnest(cast(:ids AS text[])) AS wanted (id)
    CROSS JOIN LATERAL (
        SELECT source_digest FROM report
        WHERE authority_id = :authority AND source = :source AND source_id = wanted.id LIMIT 1) AS known
    """
)
_NUMBERS: TextClause = text("SELECT nextval(pg_get_serial_sequence('report', 'id')) FROM generate_series(1, :n)")

# Rows travel as one JSON value: COPY is closed to tables with row-level security, and thousands of bind parameters cost more.
_REPORTS: TextClause = text(
    """
    INSERT INTO report (
        id, authority_id, reference, source, source_id, source_digest, channel, category_id, status_id, status_group, outcome,
        reason, team_id, area_id, locality, visibility, position, tile, address, description, cleared_description, answers,
        cleared_answers, photos, cleared_photos, received_at, closed_at, first_response_at, due_at, at_risk_at, due_reason,
        paused_at, updated_at, version)
    SELECT
        id, :authority, reference, :source, source_id, decode(source_digest, 'hex'), channel, category_id, status_id,
        status_group, outcome, reason, team_id, area_id, locality, visibility, ST_SetSRID(ST_MakePoint(lon, lat), 4326), tile,
        address, description, cleared_description, '[]', '[]', 0, 0, received_at, closed_at, first_response_at, due_at,
        at_risk_at, due_reason, paused_at, updated_at, 1
    FROM json_to_recordset(cast(:rows AS json)) AS row (
        id bigint, reference text, source_id text, source_digest text, channel text, category_id bigint, status_id bigint,
        status_group text, outcome text, reason text, team_id bigint, area_id bigint, locality text, visibility text,
        lat double precision, lon double precision, tile bigint, address text, description text, cleared_description text,
        received_at timestamptz, closed_at timestamptz, first_response_at timestamptz, due_at timestamptz,
        at_risk_at timestamptz, due_reason text, paused_at timestamptz, updated_at timestamptz)
    """
)
_STEPS: TextClause = text(
    """
    INSERT INTO status_change (
        authority_id, report_id, from_status_id, to_status_id, outcome, reason, note, changed_at, public_at, before)
    SELECT :authority, report_id, from_status_id, to_status_id, outcome, coalesce(reason, ''), '', changed_at, changed_at, '{}'
    FROM json_to_recordset(cast(:rows AS json)) AS row (
        report_id bigint, from_status_id bigint, to_status_id bigint, outcome text, reason text, changed_at timestamptz)
    """
)
_ASSIGNMENTS: TextClause = text(
    """
    INSERT INTO assignment (authority_id, report_id, team_id, reason, assigned_at)
    SELECT :authority, report_id, team_id, 'import', assigned_at
    FROM json_to_recordset(cast(:rows AS json)) AS row (report_id bigint, team_id bigint, assigned_at timestamptz)
    """
)

"""A made-up city's file, in a notation of its own, with every oddity in it; and what an import made of it, without ids."""

import csv
import hashlib
import random
from pathlib import Path

from sqlalchemy import text

from authority_portal.domain.access.actor import system
from authority_portal.domain.authorities import areas
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import Town, a_town

HEADER = ("Nr", "Gemeldet", "Erledigt", "Frist", "Breite", "Länge", "Was", "Bereich", "Trupp", "Weg", "Ende", "Text")
MAPPING = """
source = "stadt"
encoding = "cp1252"
delimiter = ";"
[columns]
source_id = "Nr"
opened = "Gemeldet"
closed = "Erledigt"
due = "Frist"
[time]
zone = "Europe/Berlin"
format = "%d.%m.%Y %H:%M"
[position]
lat = "Breite"
lon = "Länge"
decimal = ","
none = [[42.3, -71.1]]
[category]
name = "Was"
group = "Bereich"
visibility = "public"
response = "median"
[team]
name = "Trupp"
[channel]
column = "Weg"
values = { Anruf = "phone", Brief = "letter" }
fallback = "web"
[outcome]
column = "Ende"
values = { Erledigt = "fixed", Doppelt = "duplicate" }
fallback = "not_fixed"
[description]
column = "Text"
"""
SQUARE = """{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": "mid", "name": "Middle"},
"geometry": {"type": "Polygon", "coordinates": [[[-71.15,42.25],[-71.0,42.25],[-71.0,42.35],[-71.15,42.35],[-71.15,42.25]]]}}]}"""


def a_file(folder: Path, rows: int) -> tuple[Path, Path]:
    """A file of so many rows and its mapping, the same each time."""
    chance = random.Random(311)
    lines = [_row(number, chance) for number in range(rows)]
    lines[rows // 2] = lines[rows // 4]  # the same again
    lines[rows // 2 + 1] = [lines[3][0], *lines[rows // 2 + 1][1:]]  # another one under a known number
    lines.insert(rows // 3, ["short", "row"])
    file, mapping = folder / "stadt.csv", folder / "stadt.toml"
    with file.open("w", encoding="cp1252", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(lines)
    mapping.write_text(MAPPING, encoding="utf-8")
    return file, mapping


def _row(number: int, chance: random.Random) -> list[str]:
    day, minute = chance.randrange(1, 29), chance.randrange(60)
    month = chance.randrange(1, 12)
    opened = f"{day:02d}.{month:02d}.2021 {chance.randrange(24):02d}:{minute:02d}"
    closed = chance.choice(["", f"{day:02d}.{month + 1:02d}.2021 07:30", f"{day:02d}.{month:02d}.2020 07:30"])
    place = chance.choice([("42,3123", "-71,0912"), ("42,39", "-71,01"), ("0,0", "0,0"), ("42,3", "-71,1"), ("", ""), ("x", "1")])
    return [
        f"S-{number}" if number % 97 else "",
        opened if number % 89 else "irgendwann",
        closed,
        chance.choice(["", f"{day:02d}.{month + 1:02d}.2021 12:00", "bald"]),
        *place,
        chance.choice(["Straßenschaden", "Müll", "Laterne"]),
        chance.choice(["Tiefbau", "Reinigung"]),
        chance.choice(["Trupp Süd", "Trupp Nord", ""]),
        chance.choice(["Anruf", "Brief", "Rauchzeichen"]),
        chance.choice(["Erledigt", "Doppelt", "", "Unklar"]) if closed else "",
        chance.choice(["", "Tiefes Loch; bitte melden: rosa@example.org", "Größer als gestern"]),
    ]


def a_city(slug: str, folder: Path) -> Town:
    """An authority with one area."""
    town = a_town(slug)
    shape = folder / "area.geojson"
    shape.write_text(SQUARE)
    bind(town.id)
    with transaction():
        areas.add_layer("area", shape, code="code", name="name", by=system(town.id))
    bind(None)
    return town


def content(town: Town) -> dict[str, str]:
    """Digests of what the import wrote, without ids and references; and its tally."""
    bind(town.id)
    found = {name: _digest(statement, town) for name, statement in _CONTENT.items()}
    bind(None)
    return found


def _digest(statement: str, town: Town) -> str:
    rows = [tuple(row) for row in db.session.execute(text(statement), {"authority": town.id})]
    return f"{len(rows)} rows {hashlib.sha256(repr(rows).encode()).hexdigest()}"


_CONTENT = {
    "reports": """
        SELECT r.source, r.source_id, r.source_digest, r.channel, c.code, s.code, r.status_group, r.outcome, r.reason, t.code,
            a.code, r.locality, r.lat, r.lon, r.tile, r.address, r.description, r.cleared_description, r.received_at, r.closed_at,
            r.first_response_at, r.due_at, r.at_risk_at, r.due_reason, r.paused_at, r.updated_at, r.version, r.visibility
        FROM report r
            JOIN category c ON (c.authority_id, c.id) = (r.authority_id, r.category_id)
            JOIN status s ON (s.authority_id, s.id) = (r.authority_id, r.status_id)
            LEFT JOIN team t ON (t.authority_id, t.id) = (r.authority_id, r.team_id)
            LEFT JOIN area a ON (a.authority_id, a.id) = (r.authority_id, r.area_id)
        WHERE r.authority_id = :authority ORDER BY r.source_id""",
    "history": """
        SELECT r.source_id, row_number() OVER (PARTITION BY h.report_id ORDER BY h.id), s.code, h.outcome, h.reason, h.changed_at,
            h.public_at
        FROM status_change h
            JOIN report r ON (r.authority_id, r.id) = (h.authority_id, h.report_id)
            JOIN status s ON (s.authority_id, s.id) = (h.authority_id, h.to_status_id)
        WHERE h.authority_id = :authority ORDER BY 1, 2""",
    "assignments": """
        SELECT r.source_id, t.code, x.assigned_at FROM assignment x
            JOIN report r ON (r.authority_id, r.id) = (x.authority_id, x.report_id)
            JOIN team t ON (t.authority_id, t.id) = (x.authority_id, x.team_id)
        WHERE x.authority_id = :authority ORDER BY 1""",
    "categories": """
        SELECT c.code, c.name, c.group_name, c.response_hours, t.code FROM category c
            LEFT JOIN team t ON (t.authority_id, t.id) = (c.authority_id, c.team_id)
        WHERE c.authority_id = :authority ORDER BY 1""",
    "batches": """
        SELECT details->>'rows', details->>'digest' FROM audit_line
        WHERE authority_id = :authority AND action = 'import:batch' ORDER BY id""",
    "tally": "SELECT rows_done, tally::text, finished_at IS NOT NULL FROM import_run WHERE authority_id = :authority",
    "events": "SELECT id FROM outbox_event WHERE authority_id = :authority",
}

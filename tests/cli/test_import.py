"""`flask import csv`: any city's file, twice, resumed, killed."""

import csv
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, pool, text

from authority_portal.config import CHECKOUT
from authority_portal.domain.reports.importing.models import ImportRun
from authority_portal.domain.reports.models import Report
from authority_portal.foundation.db import bind, db
from tests.builders.authorities import Town
from tests.cli import city

ROWS = 300


def run(app: Flask, file: Path, mapping: Path, slug: str, *more: str) -> str:
    words = ["import", "csv", str(file), "--mapping", str(mapping), "--authority", slug, *more]
    result = app.test_cli_runner().invoke(args=words)
    assert result.exit_code == 0, result.output
    return result.output


def by_source_id(town: Town, source_id: str) -> Report | None:
    bind(town.id)
    return db.session.query(Report).filter_by(authority_id=town.id, source_id=source_id).one_or_none()


def test_another_citys_file_comes_in_by_its_own_notation(house: Flask, tmp_path: Path):
    town = city.a_city("boston", tmp_path)
    mapping = tmp_path / "m.toml"
    mapping.write_text(city.MAPPING, encoding="utf-8")
    file = tmp_path / "f.csv"
    file.write_text(
        ";".join(city.HEADER) + "\n"
        "1;05.06.2021 09:15;06.06.2021 10:00;07.06.2021 09:15;42,3123;-71,0912;Müll;Reinigung;Trupp Süd;Anruf;Erledigt;Rest\n"
        "2;05.06.2021 09:15;;;0,0;0,0;Müll;Reinigung;;Taube;;\n",
        encoding="cp1252",
    )

    said = run(house, file, mapping, "boston")

    first, second = by_source_id(town, "1"), by_source_id(town, "2")
    assert first is not None
    assert second is not None
    assert (first.received_at.isoformat(), first.channel, first.outcome) == ("2021-06-05T07:15:00+00:00", "phone", "fixed")
    assert (first.lat, first.lon, first.area_id is not None) == (42.3123, -71.0912, True)
    assert (second.position, second.team_id, second.channel, second.status_group) == (None, None, "web", "new")
    assert "missing position written as 0.0" in said
    assert "2 added, 1 of them open" in said


def test_every_row_goes_one_way_and_rejected_ones_say_why(house: Flask, tmp_path: Path):
    town = city.a_city("boston", tmp_path)
    file, mapping = city.a_file(tmp_path, ROWS)
    rejected = tmp_path / "rejected.csv"

    run(house, file, mapping, "boston", "--rejected", str(rejected))

    bind(town.id)
    tally = db.session.query(ImportRun.tally).scalar()
    lines = rejected.read_text().splitlines()
    assert tally["read"] == ROWS + 1 == tally["added"] + tally["known"] + tally["rejected"]
    assert len(lines) == tally["rejected"] + 1
    assert lines[0] == "row,source_id,field,reason,value"
    reasons = {(row["source_id"], row["field"], row["value"]) for row in csv.DictReader(lines)}
    assert ("S-3", "source_id", "") in reasons
    assert ("S-89", "opened", "irgendwann") in reasons
    assert "0 rows" in city.content(town)["events"]


def test_a_second_run_adds_nothing_also_with_a_changed_mapping(house: Flask, tmp_path: Path):
    town = city.a_city("boston", tmp_path)
    file, mapping = city.a_file(tmp_path, ROWS)
    run(house, file, mapping, "boston")
    before = city.content(town)

    again = run(house, file, mapping, "boston")
    mapping.write_text(f"# changed\n{city.MAPPING}", encoding="utf-8")
    changed = run(house, file, mapping, "boston")

    assert "0 rows added" in again
    assert "0 added" in changed
    after = city.content(town)
    assert {name: after[name] for name in ("reports", "history", "assignments")} == {
        name: before[name] for name in ("reports", "history", "assignments")
    }


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ('zone = "Europe/Berlin"\nzone = 1', "is not TOML"),
        (city.MAPPING.replace("Europe/Berlin", "Mars/Base"), "time.zone"),
        (city.MAPPING.replace('source = "stadt"', 'source = "stadt"\ncolour = 1'), "colour"),
        (city.MAPPING.replace('"Gemeldet"', '"Datum"'), "has no column Datum. Its columns: Nr, Gemeldet"),
    ],
)
def test_a_wrong_mapping_is_refused_in_words(house: Flask, tmp_path: Path, broken: str, words: str):
    city.a_city("boston", tmp_path)
    file, mapping = city.a_file(tmp_path, 10)
    mapping.write_text(broken, encoding="utf-8")

    result = house.test_cli_runner().invoke(args=["import", "csv", str(file), "--mapping", str(mapping), "--authority", "boston"])

    assert result.exit_code == 1
    assert words in result.output
    assert "Traceback" not in result.output


def test_an_import_killed_at_random_points_ends_the_same(committed: Flask, environment: dict[str, str], tmp_path: Path):
    whole, killed = city.a_city("boston", tmp_path), city.a_city("otherton", tmp_path)
    file, mapping = city.a_file(tmp_path, 6_500)
    run(committed, file, mapping, "boston", "--rejected", str(tmp_path / "whole.csv"))
    chance = random.Random()
    words = ["import", "csv", str(file), "--mapping", str(mapping), "--authority", "otherton", "--rejected"]
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words, str(tmp_path / "killed.csv")]

    kills = 0
    for _ in range(2):
        process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _wait_for_progress(environment, killed, process)
        time.sleep(chance.uniform(0, 0.4))
        if process.poll() is None:
            process.kill()
            kills += 1
        process.wait()
    finished = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stderr
    assert kills > 0
    assert city.content(killed) == city.content(whole)
    assert (tmp_path / "killed.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def _wait_for_progress(environment: dict[str, str], town: Town, process: subprocess.Popen[bytes]) -> None:
    """Until the process has moved the import on, or ended."""
    engine = create_engine(environment["PORTAL_DATABASE_URL"], poolclass=pool.NullPool)
    with engine.connect() as connection:
        before = _rows_done(connection, town)
        deadline = time.monotonic() + 30
        while process.poll() is None and _rows_done(connection, town) == before:
            assert time.monotonic() < deadline, "the import does not move"
            time.sleep(0.02)


def _rows_done(connection, town: Town) -> int:
    with connection.begin():
        connection.execute(text("SELECT set_config('app.authority_id', :it, true)"), {"it": str(town.id)})
        return connection.scalar(text("SELECT coalesce(max(rows_done), -1) FROM import_run"))

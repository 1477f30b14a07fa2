"""`make bench`: what each page costs on a large database, in those of a "hello" beside it. docs/performance.md explains."""

import json
import os
from pathlib import Path
from typing import Any

from authority_portal import services
from authority_portal.services import Running
from deploy.bench import measuring, seeds, table, targets
from deploy.bench.load import Wrong
from deploy.bench.serving import Served, Serving
from deploy.checkout import house, say, set_up
from deploy.checkout.places import LOCAL
from deploy.checkout.say import Refused

FOLDER = LOCAL / "bench"
SMALLER = "bench_smaller"


def main() -> int:
    """Seed what is missing, measure every row, print and write the result. Fails if a row failed."""
    reports = seeds.chosen_size(os.environ.get("N", "100000"))
    set_up.for_bench()
    FOLDER.mkdir(exist_ok=True)
    held = house.lock("bench")
    serving: Serving | None = None
    with say.step("servers"):
        running = services.start("bench", local=LOCAL)
    try:
        serving = Serving()
        result = _measure(running, serving, reports)
    finally:
        if serving is not None:
            serving.end()
        seeds.drop(running, seeds.COPY)
        seeds.drop(running, SMALLER)
        running.stop()
        held.close()
    table.write(result)
    say.line("")
    table.show(result)
    say.line(f"\nWritten to {table.FILE}.")
    return 1 if any("error" in row for row in result["rows"]) else 0


def _measure(running: Running, serving: Serving, reports: int) -> dict[str, Any]:
    seeds.copy(running, reports)
    made = seeds.described(running, seeds.COPY)
    staged = _staged(running, seeds.COPY)
    with say.step("web servers"):
        portal, yardstick = serving.portal(running, seeds.COPY), serving.yardstick()
    rows = [_row(each, portal, yardstick) for each in staged["rows"]]
    others = {
        "web_worker_mb": table.other(portal.worker_mb(), "MB", targets.WORKER_MB),
        "first_page_kb_gz": table.other(staged["first_page_kb_gz"], "kB", targets.FIRST_PAGE_KB),
        **_growth(running, serving, portal, staged, reports),
    }
    speed = _import(running)
    if speed is not None:
        others["import_rows_per_s"] = table.other(speed, "rows/s")
    return {"reports": reports, "seed": made, "rows": rows, "others": others}


def _staged(running: Running, database: str) -> dict[str, Any]:
    file = FOLDER / f"{database}.json"
    with say.step(f"requests for {database}"):
        seeds.flask(running, database, "bench", "stage", str(file), "--rounds", str(measuring.ROUNDS + 1))
    staged: dict[str, Any] = json.loads(file.read_text())
    return staged


def _row(staged: dict[str, Any], portal: Served, yardstick: Served) -> dict[str, Any]:
    with say.step(staged["name"]):
        try:
            return measuring.row(staged, portal, yardstick, FOLDER)
        except Wrong as wrong:
            say.line(f"  NO {staged['name']}: {wrong}")
            return {"name": staged["name"], "error": str(wrong), "met": False}


def _growth(
    running: Running, serving: Serving, portal: Served, staged: dict[str, Any], reports: int
) -> dict[str, dict[str, Any]]:
    """How much longer each page takes than on the seed of a tenth, if that one is there."""
    if not seeds.exists(running, reports // 10):
        say.line(f"  (growth is measured once there is a seed of {reports // 10:,} reports: make bench N={reports // 10})")
        return {}
    seeds.copy(running, reports // 10, SMALLER)
    smaller = {row["name"]: row for row in _staged(running, SMALLER)["rows"]}
    beside = serving.portal(running, SMALLER)
    found = {}
    for row in staged["rows"]:
        if row["name"] in targets.GROWING:
            with say.step(f"growth of {row['name']}"):
                small, large = measuring.p50s([smaller[row["name"]], row], [beside, portal], FOLDER)
            found[f"growth_{row['name']}"] = table.other(large / small, "×", targets.GROWTH[0])
    return found


def _import(running: Running) -> float | None:
    """Rows of Boston's file per second, into an authority of its own beside everything else. None if it fails, and says so."""
    file: Path = FOLDER / "import.json"
    try:
        with say.step("import"):
            seeds.flask(running, seeds.COPY, "bench", "import", str(file))
    except Refused as reason:
        say.line(f"  NO import: {reason}")
        return None
    told = json.loads(file.read_text())
    return float(told["rows"] / told["seconds"])

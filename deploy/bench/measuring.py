"""Measuring one row: the row and the yardstick in turn, several rounds, and of each figure the one in the middle."""

import statistics
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.bench import load, targets
from deploy.bench.serving import Served

ROUNDS = 5
CONNECTIONS = 8
SECONDS, YARDSTICK_SECONDS = 3, 1
NOT_MODIFIED = 304
WARM, MOST_WARMING = 100, 10
HELLO = [{"method": "GET", "path": "/", "headers": {}, "body": ""}]


@dataclass(frozen=True)
class Round:
    """One stretch: its load and the CPU of web and database, in milliseconds per request."""

    load: load.Load
    web: float
    db: float


def row(staged: dict[str, Any], portal: Served, yardstick: Served, folder: Path) -> dict[str, Any]:
    """The figures of one row, as they stand in the result. Raises Wrong if an answer was wrong."""
    hello = folder / "hello.requests"
    load.write(HELLO, hello, yardstick.port)
    if staged["status"] == NOT_MODIFIED:
        staged = {**staged, "rounds": [[_knowing(ask, portal) for ask in asks] for asks in staged["rounds"]]}
    files = [folder / f"{staged['name']}-{at}.requests" for at in range(len(staged["rounds"]))]
    for asks, file in zip(staged["rounds"], files, strict=True):
        load.write(asks, file, portal.port)
    warm_up(portal, files[0], status=staged["status"], most=1 if len(files) > 1 else MOST_WARMING)
    warm_up(yardstick, hello, status=200)
    measured, beside = [], []
    for at in range(1, ROUNDS + 1):
        beside.append(stretch(yardstick, hello, status=200, seconds=YARDSTICK_SECONDS))
        measured.append(stretch(portal, files[at % len(files)], status=staged["status"], seconds=SECONDS))
    return _figures(staged, measured, beside)


def p50s(staged: list[dict[str, Any]], portals: list[Served], folder: Path) -> list[float]:
    """Milliseconds until half of the answers were there, one request at a time, on each of several portals in turn."""
    found: list[list[float]] = [[] for _ in portals]
    files = [folder / f"growth-{at}.requests" for at in range(len(portals))]
    for row, portal, file in zip(staged, portals, files, strict=True):
        load.write(row["rounds"][0], file, portal.port)
        warm_up(portal, file, status=row["status"])
    for _ in range(ROUNDS):
        for times, row, portal, file in zip(found, staged, portals, files, strict=True):
            done = stretch(portal, file, status=row["status"], seconds=SECONDS, connections=1)
            times.append(done.load.p50)
    return [statistics.median(each) for each in found]


def warm_up(served: Served, file: Path, *, status: int, most: int = MOST_WARMING) -> None:
    """Load until every process and connection has done this before, however busy the machine is.

    Requests that change something can be sent once only, so that theirs is one stretch.
    """
    answered = 0
    for _ in range(most):
        done = load.run(file, port=served.port, status=status, seconds=SECONDS, connections=CONNECTIONS)
        answered += done.requests
        if answered >= WARM:
            return


def stretch(served: Served, file: Path, *, status: int, seconds: int, connections: int = CONNECTIONS) -> Round:
    """Load on one server, and what it cost."""
    web, db = served.cpu()
    done = load.run(file, port=served.port, status=status, seconds=seconds, connections=connections)
    if not done.requests:
        raise load.Wrong(f"nothing was answered within {seconds} s")
    web_after, db_after = served.cpu()
    return Round(done, (web_after - web) / done.requests, (db_after - db) / done.requests)


def _knowing(ask: dict[str, Any], portal: Served) -> dict[str, Any]:
    """The request of somebody who knows the present answer: what was tried since the requests were made is news to them."""
    headers = {name: text for name, text in ask["headers"].items() if name != "If-None-Match"}
    address = f"http://127.0.0.1:{portal.port}{ask['path']}"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(urllib.request.Request(address, headers=headers), timeout=10) as answer:
        return {**ask, "headers": {**headers, "If-None-Match": answer.headers["ETag"]}}


def _figures(staged: dict[str, Any], measured: list[Round], beside: list[Round]) -> dict[str, Any]:
    name = staged["name"]

    def middle(of: Callable[[Round], float], rounds: list[Round] = measured) -> float:
        return statistics.median(map(of, rounds))

    def ratio(of: Callable[[Round], float]) -> float:
        return statistics.median(of(one) / of(other) for one, other in zip(measured, beside, strict=True))

    cpu_ratio = ratio(lambda one: one.web + one.db)
    target = targets.CPU_RATIO[name][0]
    return {
        "name": name,
        "concurrency": CONNECTIONS,
        "rps": round(middle(lambda one: one.load.rps), 1),
        "yardstick_rps": round(middle(lambda one: one.load.rps, beside), 1),
        "rps_ratio": round(ratio(lambda one: one.load.rps), 4),
        "cpu_ms_web": round(middle(lambda one: one.web), 3),
        "cpu_ms_db": round(middle(lambda one: one.db), 3),
        "yardstick_cpu_ms": round(middle(lambda one: one.web, beside), 3),
        "cpu_ratio": round(cpu_ratio, 2),
        "p50_ms": round(middle(lambda one: one.load.p50), 2),
        "p95_ms": round(middle(lambda one: one.load.p95), 2),
        "p99_ms": round(middle(lambda one: one.load.p99), 2),
        "sql": staged["sql"],
        "bytes": staged["bytes"],
        "target_cpu_ratio": target,
        "met": cpu_ratio <= target,
    }

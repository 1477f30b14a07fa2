"""The result: a table for the person at the keyboard, and `.local/bench.json` for everything else."""

import json
from pathlib import Path
from typing import Any

from deploy.bench import targets
from deploy.checkout import say
from deploy.checkout.places import LOCAL

FILE = LOCAL / "bench.json"
HEADINGS = ("row", "cpu ratio", "at most", "after", "web ms", "db ms", "hello ms", "rps", "p50", "p95", "p99", "sql", "bytes", "")


def write(result: dict[str, Any], file: Path = FILE) -> None:
    """Replace the file as a whole."""
    draft = file.with_name(f"{file.name}.new")
    draft.write_text(json.dumps(result, indent=2) + "\n")
    draft.replace(file)


def show(result: dict[str, Any]) -> None:
    """Print every row and every other figure with what it is held against."""
    lines = [HEADINGS, *map(_cells, result["rows"])]
    widths = [max(len(line[at]) for line in lines) for at in range(len(HEADINGS))]
    for line in lines:
        cells = [
            cell.ljust(width) if at == 0 else cell.rjust(width) for at, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        say.line("  ".join(cells).rstrip())
    say.line("")
    for name, other in result["others"].items():
        most = f"  (at most {other['target']:g})" if other["target"] is not None else ""
        say.line(f"{name}: {other['value']:g} {other['unit']}{most}{_mark(other['met'])}")


def other(value: float, unit: str, target: float | None = None) -> dict[str, Any]:
    """A figure beside the rows. Targets are upper bounds."""
    return {"value": round(value, 2), "unit": unit, "target": target, "met": None if target is None else value <= target}


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    if "error" in row:
        return (row["name"], "-", *[""] * (len(HEADINGS) - 3), f"FAILED: {row['error']}")
    figures = [row[key] for key in ("cpu_ms_web", "cpu_ms_db", "yardstick_cpu_ms")]
    times = [row[key] for key in ("p50_ms", "p95_ms", "p99_ms")]
    after = targets.CPU_RATIO[row["name"]][1]
    return (
        row["name"],
        f"{row['cpu_ratio']:.1f}",
        f"{row['target_cpu_ratio']:g}",
        f"{after:g}",
        *(f"{figure:.2f}" for figure in figures),
        f"{row['rps']:.0f}",
        *(f"{time:.1f}" for time in times),
        str(row["sql"]),
        str(row["bytes"]),
        _mark(row["met"], reached=row["cpu_ratio"] <= after),
    )


def _mark(met: bool | None, *, reached: bool = False) -> str:
    if met is None:
        return ""
    return "  MISSED" if not met else "  ++" if reached else "  ok"

"""From pytest's result file to docs/proofs.md: which proofs ran, at which size, and what came out."""

import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEAD = """# Proofs at full size

Written by `make prove`. The same proofs run at a small size in `make test`.

"""


@dataclass(frozen=True)
class Case:
    """One test: `size` and `result` are empty unless it measures something (fixture `proved`)."""

    module: str
    name: str
    outcome: str
    seconds: float
    size: str = ""
    result: str = ""


def read(results: Path) -> list[Case]:
    """Every test of a JUnit file."""
    return [_case(entry) for entry in ET.parse(results).getroot().iter("testcase")]


def _case(entry: ET.Element) -> Case:
    bad = next((kind for kind in ("failure", "error", "skipped") if entry.find(kind) is not None), "")
    said = {item.get("name", ""): item.get("value", "") for item in entry.iter("property")}
    return Case(
        module=entry.get("classname", "").replace(".", "/"),
        name=entry.get("name", ""),
        outcome={"": "passed", "skipped": "SKIPPED"}.get(bad, "FAILED"),
        seconds=float(entry.get("time", 0)),
        size=_in_a_cell(said.get("size", "")),
        result=_in_a_cell(said.get("result", "")),
    )


def _in_a_cell(text: str) -> str:
    return text.replace("|", "\\|")


def write(cases: Sequence[Case], *, circumstances: str) -> str:
    """The whole page: the verdict, what was measured, and how many tests stand behind it."""
    measured = [case for case in cases if case.size or (case.outcome != "passed" and case.module.startswith("tests/proofs"))]
    lines = ["| Proof | Size | Result | Seconds |", "|---|---|---|---|"]
    for case in measured:
        result = case.result if case.outcome == "passed" else f"**{case.outcome}** {case.result}"
        lines.append(f"| {_sentence(case.name)} | {case.size or '–'} | {result.strip()} | {case.seconds:.0f} |")
    lines += ["", "## Everything that ran", "", "| Tests | Passed | Failed or skipped | Seconds |", "|---|---|---|---|"]
    for module in dict.fromkeys(case.module for case in cases):
        own = [case for case in cases if case.module == module]
        bad = ", ".join(f"{case.name} {case.outcome}" for case in own if case.outcome != "passed")
        passed = sum(case.outcome == "passed" for case in own)
        lines.append(f"| `{module}.py` | {passed} | {bad or '0'} | {sum(case.seconds for case in own):.0f} |")
    return HEAD + f"{circumstances} {verdict(cases)}\n\n" + "\n".join(lines) + "\n"


def verdict(cases: Sequence[Case]) -> str:
    """One sentence."""
    counts = Counter(case.outcome for case in cases)
    return f"{counts['passed']} passed, {counts['FAILED']} failed, {counts['SKIPPED']} skipped."


def _sentence(name: str) -> str:
    plain, _, parameters = name.removeprefix("test_").partition("[")
    words = plain.replace("_", " ")
    return words[:1].upper() + words[1:] + (f" ({_in_a_cell(parameters.rstrip(']'))})" if parameters else "")

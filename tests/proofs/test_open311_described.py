"""The Open311 door keeps to its own description, `openapi.json`: schemathesis makes up requests and judges every answer."""

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from authority_portal.domain.authorities import commands
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation.db import bind, transaction
from tests.builders.authorities import a_town
from tests.builders.browsing import served
from tests.builders.reports import a_report
from tests.proofs.sizes import sized

PHASES, EACH, LEAST = sized(small=("examples,fuzzing", 20, 150), full=("examples,coverage,fuzzing,stateful", 400, 5_000))
"""Which of its ways schemathesis goes, how many cases it makes up for each document and method, and how many that is at least."""

FUZZER = Path(__file__).with_name("fuzzer.py")
KEY = "key-of-the-fuzzer"
LINE = {"type": "string", "maxLength": 99, "pattern": "^[ -~¡-ž一-龥]*$"}
"""What every field for words takes."""


@pytest.fixture
def base(committed: Flask) -> Iterator[str]:
    """A door with a client that may come as often as it likes, and reports that answer to the described ids."""
    town = a_town()
    bind(town.id)
    with transaction():
        commands.new_key(name="Fuzzer", by=town.house, secret=KEY)
        commands.limit_client("Fuzzer", per_minute=commands.MOST_PER_MINUTE, by=town.house)
    for outcome in (None, Outcome.FIXED, Outcome.NOT_OURS):
        a_report(town, to="closed" if outcome else "in_progress", outcome=outcome)
    bind(None)
    with served(committed) as address:
        yield f"{address}/open311/v2"


def narrowed(description: dict[str, Any], known: list[str]) -> dict[str, Any]:
    """The same description with what this town has: what is made up from it gets past the first look, into the database."""
    telling = {
        "service_code": ["pothole"],
        "lat": ["42.3297", "42.23"],
        "long": ["-71.0993", "-71.01"],
        "email": ["rosa@example.org", ""],
        "phone": ["+1 617 555 0123", ""],
        "media_url": ["https://photos.example.org/1.jpg", ""],
        "jurisdiction_id": ["boston", ""],
        "external_id": ["one", "two", ""],
        "code": ["pothole", "noise", "nowhere"],
        "id": [*known, "BOS-0000-00"],
        "token": [*known, "one", "two"],
        "service_request_id": [*known, ",".join(known), ""],
    }
    made: dict[str, Any] = json.loads(json.dumps(description))
    for path in made["paths"].values():
        for operation in path.values():
            operation["security"] = [each for each in operation["security"] if "bearer" not in each]
            for parameter in operation["parameters"]:
                if parameter["name"] in telling:
                    parameter["schema"] = {"enum": telling[parameter["name"]]}
                    parameter.pop("example", None)
            for content in operation.get("requestBody", {}).get("content", {}).values():
                fields = content["schema"]["properties"]
                fields.update({name: LINE for name, schema in fields.items() if "pattern" in schema})
                fields.update({name: {"enum": texts} for name, texts in telling.items() if name in fields})
                fields.pop("api_key")
                # Only what the question's category knows is taken; any other name is a refusal, which the wide run sees.
                content["schema"]["patternProperties"] = {r"^attribute\[depth\]$": {"enum": ["hand", "flat"]}}
                content["schema"]["additionalProperties"] = False
                content["schema"]["required"] = ["service_code", "lat", "long"]
                content["schema"].pop("anyOf")
    return made


def widened(description: dict[str, Any]) -> dict[str, Any]:
    """The description without the ids that let nothing else count: beside them a wrong value is no mistake."""
    made: dict[str, Any] = json.loads(json.dumps(description))
    for path in made["paths"].values():
        for operation in path.values():
            operation["parameters"] = [each for each in operation["parameters"] if each["name"] != "service_request_id"]
    return made


WIDE = ("positive_data_acceptance",)
"""No description can say which services a town has, nor where its bounds are."""
NARROW = (*WIDE, "negative_data_rejection")


@pytest.mark.parametrize(("width", "left_out"), [("as described", WIDE), ("as this town has it", NARROW)])
def test_whatever_is_made_up_is_answered_as_described(
    base: str, tmp_path: Path, width: str, left_out: Sequence[str], proved: Callable[..., None]
) -> None:
    with urllib.request.urlopen(f"{base}/openapi.json") as answer:
        description = json.load(answer)
    with urllib.request.urlopen(f"{base}/requests.json") as answer:
        known = [seen["service_request_id"] for seen in json.load(answer)]
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(widened(description) if left_out is WIDE else narrowed(description, known)))
    command = [sys.executable, str(FUZZER), "run", str(file), "--url", base, "--header", f"X-Api-Key: {KEY}"]
    effort = ["--phases", PHASES, "--max-examples", str(EACH), "--workers", "2", "--seed", "311", "--no-shrink"]
    mode = "all" if left_out is WIDE else "positive"
    checks = ["--mode", mode, "--continue-on-failure", "--checks", "all", "--exclude-checks", ",".join(left_out)]
    run = subprocess.run([*command, *effort, *checks], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout[-6_000:] + run.stderr[-2_000:]
    cases = re.search(r"([0-9]+) generated", run.stdout)
    assert cases
    assert int(cases[1]) >= LEAST
    proved(size=f"{int(cases[1]):,} cases, {PHASES}", result="0 answers of the kind 5xx, 0 that differ from openapi.json")

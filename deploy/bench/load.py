"""One stretch of load by wrk: prepared requests over a few connections, every answer checked."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.checkout.say import Refused

SCRIPT = Path(__file__).with_name("replay.lua")
GRACE = 60.0


@dataclass(frozen=True)
class Load:
    """What a stretch came to. Times in milliseconds."""

    requests: int
    rps: float
    p50: float
    p95: float
    p99: float


class Wrong(Exception):
    """An answer was not what it has to be: the figures of this row mean nothing."""


def write(asks: list[dict[str, Any]], file: Path, port: int) -> None:
    """Put requests into a file as they go over the line."""
    with file.open("wb") as out:
        for ask in asks:
            body = ask["body"].encode()
            headers = {"Host": f"127.0.0.1:{port}", **ask["headers"]} | ({"Content-Length": len(body)} if body else {})
            lines = [f"{ask['method']} {ask['path']} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
            raw = "\r\n".join([*lines, "", ""]).encode() + body
            out.write(b"%d\n%b" % (len(raw), raw))


def run(file: Path, *, port: int, status: int, seconds: int, connections: int) -> Load:
    """Send the requests of `file`, again and again. Raises Wrong if one is not answered with `status`."""
    command = [_wrk(), "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "10s", "-s", str(SCRIPT)]
    command += [f"http://127.0.0.1:{port}", "--", str(file), str(status)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + GRACE)
    if done.returncode != 0:
        raise Refused(f"wrk failed: {' '.join((done.stderr or done.stdout).split())[-300:]}")
    said = json.loads(done.stdout.strip().splitlines()[-1])
    if said["wrong"] or said["broken"]:
        raise Wrong(
            f"{said['wrong']} of {said['requests']} answers were wrong (e.g. {said['found']}), {said['broken']} broke off"
        )
    return Load(said["requests"], said["requests"] / said["seconds"], said["p50"], said["p95"], said["p99"])


def _wrk() -> str:
    found = shutil.which("wrk")
    if found is None:
        raise Refused("wrk is missing: install it, then run again.")
    return found

"""What must hold for every answer to an attack, whatever else its row asks for.

G1 no failure of ours and no hang; G2 no trace, statement, path or version; G3 nothing of another authority; G4 nothing that is
masked for the reader; G5 nothing changed where the row says "refused"; G6 no connection to anybody but the house's own servers,
as far as Python of this process opens it. What runs in a browser (G7) is proved in tests/browser/test_texts.py and
test_in_a_browser.py. A line in the log (G8) is left by refused sign-ins (tests/web/sign_in) and by nothing else that is refused.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from werkzeug.test import TestResponse

from authority_portal.config import CHECKOUT

HANG = 10.0
"""Seconds after which an answer counts as none (G1). Most come within milliseconds; a busy machine may be slow."""

LEAK = re.compile(
    r"Traceback \(most recent|site-packages|\bsqlalchemy\b|\bpsycopg\b|\b[wW]erkzeug\b|\bjinja2\.|\b(?:Python|Flask|gunicorn)/\d|"
    r"\bPostgreSQL\b|\bredis\.exceptions\b|\bSELECT [\w.\"*( ]|\bINSERT INTO |\bUPDATE \w+ SET\b|\bline \d+, in |root:x:"
)
"""Words of our own machinery (G2)."""


@dataclass(frozen=True)
class Forbidden:
    """What this answer must not hold: canaries of other authorities and of what is masked for its reader."""

    foreign: frozenset[str] = frozenset()
    masked: frozenset[str] = frozenset()


def faults(answer: TestResponse, *, seconds: float, forbidden: Forbidden, typed: Iterable[str] = ()) -> list[str]:
    """What is wrong with an answer, in words. `typed`: what the attacker wrote, which may be shown to them again."""
    said = f"{answer.headers}\n{answer.get_data().decode('utf-8', 'replace')}"
    for text in sorted(filter(None, typed), key=len, reverse=True):
        said = said.replace(text, "").replace(_escaped(text), "")
    low = said.lower()
    found = [f"G1: answered {answer.status_code}"] if answer.status_code >= 500 else []
    found += [f"G1: took {seconds:.1f} s"] if seconds > HANG else []
    leak = LEAK.search(said)
    found += [f"G2: says {leak[0][:80]!r}"] if leak else []
    found += ["G2: names a path of ours"] if str(CHECKOUT) in said else []
    found += [f"G3: shows {canary}" for canary in forbidden.foreign if canary.lower() in low]
    found += [f"G4: shows {canary}" for canary in forbidden.masked if canary.lower() in low]
    return found


def _escaped(text: str) -> str:
    table = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"}
    return "".join(table.get(letter, letter) for letter in text)


class _Listening:
    """Hears of every connection that Python code of this process opens, and of every name it looks up.

    An audit hook cannot be taken away again, so there is one for the whole process, and it listens only inside `nobody_asked`.
    """

    def __init__(self) -> None:
        self.heard: list[str] | None = None
        self._hooked = False

    def begin(self) -> list[str]:
        if not self._hooked:
            sys.addaudithook(self._hear)
            self._hooked = True
        self.heard = []
        return self.heard

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.heard is None or event not in ("socket.connect", "socket.getaddrinfo"):
            return
        where = arguments[1] if event == "socket.connect" else arguments[0]
        host = where[0] if isinstance(where, tuple) else where
        if isinstance(host, bytes):
            host = host.decode("utf-8", "replace")
        # Looking up what is an address already asks nobody.
        known = str(host).startswith("/") or host in HOUSE or (event == "socket.getaddrinfo" and _NUMBERS.match(str(host)))
        if not known:
            self.heard.append(str(host))


HOUSE = frozenset({"127.0.0.1", "localhost", "::1", None})
"""Where the servers of a test run are. What addresses from outside may lead to is proved in tests/foundation/test_fetching.py."""
_NUMBERS = re.compile(r"[0-9a-fA-FxX.:]+\Z")
_listening = _Listening()


@contextmanager
def nobody_asked() -> Iterator[None]:
    """Fails if the block opened a connection to, or looked up, anybody beyond this machine (G6)."""
    before, heard = _listening.heard, _listening.begin()
    try:
        yield
    finally:
        _listening.heard = before
    assert heard == [], f"G6: asked {heard}"

"""What an import counts, so that its report adds up and a resumed run ends with the same figures."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from authority_portal.domain.reports.importing.oddities import RULES, Oddity


@dataclass
class Tally:
    """Rows read = added + already there + rejected. `oddities` counts rows; a kept row may stand in several lines."""

    read: int = 0
    added: int = 0
    known: int = 0
    rejected: int = 0
    open: int = 0
    oddities: Counter[Oddity] = field(default_factory=Counter)
    rejected_bytes: int = 0
    """Length of the file of rejected rows; what a killed run wrote beyond it is cut off."""

    def add(self, other: "Tally") -> None:
        """Count another batch in."""
        self.read += other.read
        self.added += other.added
        self.known += other.known
        self.rejected += other.rejected
        self.open += other.open
        self.oddities.update(other.oddities)

    @property
    def adds_up(self) -> bool:
        """Every row went exactly one way, and every rejected one has exactly one reason."""
        refused = sum(count for oddity, count in self.oddities.items() if RULES[oddity].rejects)
        return self.read == self.added + self.known + self.rejected and refused == self.rejected

    def plain(self) -> dict[str, Any]:
        """As it is stored with the run."""
        return {
            "read": self.read,
            "added": self.added,
            "known": self.known,
            "rejected": self.rejected,
            "open": self.open,
            "rejected_bytes": self.rejected_bytes,
            "oddities": {oddity.value: count for oddity, count in sorted(self.oddities.items())},
        }

    def lines(self) -> list[str]:
        """The report in words: totals, then every rule that was used, most frequent first."""
        words = [
            f"{self.read:>9,} rows read",
            f"{self.added:>9,} added, {self.open:,} of them open",
            f"{self.known:>9,} already there",
            f"{self.rejected:>9,} rejected",
        ]
        if self.oddities:
            words.append("What was odd, and what was done:")
        words += [f"{count:>9,} {RULES[oddity].field}: {RULES[oddity].sentence}" for oddity, count in self.oddities.most_common()]
        return words


def read(plain: dict[str, Any]) -> Tally:
    """A stored tally."""
    counts = {name: plain.get(name, 0) for name in ("read", "added", "known", "rejected", "open", "rejected_bytes")}
    return Tally(**counts, oddities=Counter({Oddity(name): count for name, count in plain.get("oddities", {}).items()}))

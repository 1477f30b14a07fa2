"""The retention rules as a page for people. `docs/retention.md` is drawn by this module and compared with it by a house test."""

from authority_portal.domain.people import register
from authority_portal.domain.rights.rules import CONTACT, Keeps, Rule

HEAD = """# How long residents' details are kept

Drawn from `authority_portal/domain/rights/rules.py` by `python -m authority_portal.domain.rights.picture > docs/retention.md`.

Periods are ISO 8601, counted on the authority's own calendar and clocks from the first engagement: the moment the report was
made. The sweeper applies the rules once a day in each authority; `flask retention plan` says beforehand what that would do, in
counts, and `flask retention run` does it at once. `flask retention mode` chooses the mode. Why it is like this:
[decision 0011](decisions/0011-each-report-has-its-own-clock.md).
"""
FOOT = """
What goes: {columns}.
With them end messages that wait and the links that stop messages. What stays: the empty row, and the link by which the resident
follows the report, until 90 days after its closing. Free text and photos have no rule yet.

Every batch is a row of `erasure_batch` with its persons in `erasure`, one line of the audit log, and a line of the journal
`journal/erasures-<slug>.jsonl` below the storage. The journal holds random ids only. Keep a copy of it where the backups are not:
after a restore `flask retention replay` reads it and erases again whom the backup brought back. `flask backup restore` does so
by itself.

The second person who approves a change of a rule, and a stop when a run would erase much more than usual, do not exist yet.
"""
_KEPT = {Keeps.OPEN: "the report, or its lead report, is open", Keeps.HOLD: "a legal hold (no register yet)"}


def drawn() -> str:
    """The page, in Markdown."""
    rows = [_row(mode.value, rule) for mode, rule in CONTACT.items()]
    names = ("mode", "rule", "period", "told after", "not before, after closing", "at the latest", "kept longer by")
    table = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|", *rows]
    columns = sorted(
        column.removeprefix("person.")
        for column in register.personal()
        if column.startswith("person.") and not column.endswith("_at")
    )
    return HEAD + "\n" + "\n".join(table) + "\n" + FOOT.format(columns=", ".join(f"`{column}`" for column in columns))


def _row(mode: str, rule: Rule) -> str:
    kept = ", ".join(_KEPT[keeps] for keeps in Keeps if keeps in rule.kept_by)
    cells = (f"`{mode}`", rule.name, rule.period, rule.notice or "–", rule.after_closing or "–", rule.longest, kept)
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


if __name__ == "__main__":
    print(drawn(), end="")

"""`flask workflow draw`: the picture of the standard workflow, from its table."""

import click
from flask.cli import AppGroup

from authority_portal.config import CHECKOUT
from authority_portal.domain.reports.workflow import STANDARD, Group, mermaid

workflow = AppGroup("workflow", help="Statuses and steps.")

PICTURE = CHECKOUT / "docs" / "workflow.md"


@workflow.command("draw")
def draw() -> None:
    """Write docs/workflow.md."""
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(page(), encoding="utf-8")
    click.echo(f"{PICTURE.relative_to(CHECKOUT)} is drawn")


def page() -> str:
    """The page as it must be; a house test compares it with the one that is committed."""
    rows = [f"| {draft.name} | `{draft.code}` | {draft.group} | {_names(draft.steps)} |" for draft in STANDARD]
    return "\n".join(
        [
            "# The workflow every authority starts with",
            "",
            "Drawn by `flask workflow draw` from `authority_portal/domain/reports/workflow.py`; do not edit it by hand.",
            "",
            "```mermaid",
            mermaid(STANDARD).rstrip(),
            "```",
            "",
            "| Status | Code | Group | Leads to |",
            "|---|---|---|---|",
            *rows,
            "",
            f"Code looks at the groups ({', '.join(Group)}) only, never at a status.",
            "A step into a done status asks for an outcome.",
            "",
        ]
    )


def _names(codes: tuple[str, ...]) -> str:
    names = {draft.code: draft.name for draft in STANDARD}
    return ", ".join(names[code] for code in codes)

"""`flask audit verify`: is the log of acts whole?"""

import click
from flask.cli import AppGroup

from authority_portal.cli.asking import bound_to, plainly
from authority_portal.domain.audit import trail
from authority_portal.domain.authorities import card

audit = AppGroup("audit", help="The log of acts.")


@audit.command("verify")
@click.option("--authority", "slug", help="Only this one; otherwise all.")
@plainly
def verify(slug: str | None) -> None:
    """Recompute every line's hash. Ends with 1 if a line was changed, reordered or removed."""
    broken = False
    for each in [slug] if slug else [known.slug for known in card.cards()]:
        with bound_to(each) as authority:
            verdict, waiting = trail.verify(authority.id), trail.waiting(authority.id)
        head = verdict.head.hex() if verdict.head else "none"
        if verdict.broken_at is None:
            click.echo(f"{each}: {verdict.lines:,} lines sealed and whole, {waiting:,} waiting to be sealed. Head: {head}")
        else:
            broken = True
            click.echo(f"{each}: BROKEN at line {verdict.broken_at:,}; the {verdict.lines:,} before it are whole.")
    if broken:
        raise SystemExit(1)

"""`flask keys`: keys of API clients. A secret is shown once; only its digest is stored."""

from datetime import datetime, timedelta
from uuid import UUID

import click
from flask.cli import AppGroup

from authority_portal.cli.asking import bound_to, plainly
from authority_portal.domain.access.actor import system
from authority_portal.domain.access.roles import SCOPES
from authority_portal.domain.authorities import commands
from authority_portal.domain.authorities import keys as known_keys
from authority_portal.domain.authorities.keys import KnownKey
from authority_portal.foundation import clock
from authority_portal.foundation.db import transaction

keys = AppGroup("keys", help="Keys of API clients.")

_authority = click.option("--authority", "slug", required=True, help="Slug of the authority.")
_SHORT = {scope.value.partition(":")[2]: scope for scope in SCOPES}
LONGEST_OVERLAP = 24 * 90


@keys.command("new")
@click.argument("name")
@_authority
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(list(_SHORT)), help="What the key carries; several times, or all."
)
@click.option("--days", type=click.IntRange(1, 3_650), help="After how many days it ends by itself; never without this.")
@plainly
def new(name: str, slug: str, scopes: tuple[str, ...], days: int | None) -> None:
    """A key for the client NAME; its former keys go on working."""
    ends_at = clock.now() + timedelta(days=days) if days else None
    carried = [_SHORT[scope] for scope in scopes] or SCOPES
    with bound_to(slug) as authority, transaction():
        _, secret = commands.new_key(name=name, by=system(authority.id), scopes=carried, ends_at=ends_at)
    click.echo("The key below is not shown again. Clients send it as the field api_key or in the header X-Api-Key.")
    click.echo(secret)


@keys.command("rotate")
@click.argument("name")
@_authority
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, LONGEST_OVERLAP),
    default=24,
    show_default=True,
    help="How long the former keys work on; 0: they stop at once.",
)
@click.option(
    "--days", type=click.IntRange(1, 3_650), help="After how many days it ends; without this as its newest key was meant to."
)
@plainly
def rotate(name: str, slug: str, overlap_hours: int, days: int | None) -> None:
    """A new key for the client NAME, with scopes and lifetime of its newest one; the former keys work on for the overlap."""
    overlap, lifetime = timedelta(hours=overlap_hours), timedelta(days=days) if days else None
    with bound_to(slug) as authority, transaction():
        _, secret, ended = commands.rotate_key(name, by=system(authority.id), overlap=overlap, lifetime=lifetime)
    until = f"work until {_moment(clock.now() + overlap)}" if overlap_hours else "stopped working"
    click.echo(f"{ended} former keys of {name} {until}. The new one is not shown again.")
    click.echo(secret)


@keys.command("revoke")
@click.argument("name")
@_authority
@click.option("--key", "key_id", type=click.UUID, help="Only the key of this id, as `flask keys list` shows it.")
@plainly
def revoke(name: str, slug: str, key_id: UUID | None) -> None:
    """End the keys of the client NAME at once."""
    with bound_to(slug) as authority, transaction():
        revoked = commands.revoke_keys(name, key_id=key_id, by=system(authority.id))
    if not revoked:
        raise click.ClickException(f"{name} has no such key that works; look at `flask keys list --authority {slug}`.")
    click.echo(f"{revoked} keys of {name} stopped working.")


@keys.command("limit")
@click.argument("name")
@_authority
@click.option("--per-minute", type=click.IntRange(1, commands.MOST_PER_MINUTE), help="Without it: the installation's limit.")
@plainly
def limit(name: str, slug: str, per_minute: int | None) -> None:
    """How many requests the client NAME may make in a minute."""
    with bound_to(slug) as authority, transaction():
        commands.limit_client(name, per_minute=per_minute, by=system(authority.id))
    click.echo(f"{name}: {per_minute} requests a minute" if per_minute else f"{name}: as many as the installation allows")


@keys.command("list")
@_authority
@plainly
def list_(slug: str) -> None:
    """Every key: id, client, state, scopes, when it was made, last used (to the hour) and ends."""
    with bound_to(slug) as authority:
        known = known_keys.listed(authority.id)
    for key in known:
        click.echo("  ".join(_line(key)))
    if not known:
        click.echo(f"{slug} has no API client; make one with `flask keys new NAME --authority {slug}`.")


def _line(key: KnownKey) -> list[str]:
    state = "works" if key.works else ("revoked" if key.revoked_at else "ended")
    return [
        str(key.id),
        key.client,
        state,
        ",".join(scope.partition(":")[2] for scope in key.scopes),
        f"made {_moment(key.created_at)}",
        f"used {_moment(key.used_at)}",
        f"ends {_moment(key.ends_at)}",
        f"{key.per_minute or 'default'}/min",
    ]


def _moment(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M}Z"

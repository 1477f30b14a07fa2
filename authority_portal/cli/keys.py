"""`flask keys`: keys of API clients. A secret is shown once; only its digest is stored."""

import click
from flask.cli import AppGroup

from authority_portal.cli.asking import bound_to, plainly
from authority_portal.domain.access.actor import system
from authority_portal.domain.authorities import commands
from authority_portal.foundation.db import transaction

keys = AppGroup("keys", help="Keys of API clients.")

_authority = click.option("--authority", "slug", required=True, help="Slug of the authority.")


@keys.command("new")
@click.argument("name")
@_authority
@plainly
def new(name: str, slug: str) -> None:
    """A key for the client NAME; its former keys go on working."""
    with bound_to(slug) as authority, transaction():
        _, secret = commands.new_key(name=name, by=system(authority.id))
    click.echo("The key below is not shown again. Clients send it as the field api_key.")
    click.echo(secret)


@keys.command("rotate")
@click.argument("name")
@_authority
@plainly
def rotate(name: str, slug: str) -> None:
    """A new key for the client NAME; its former keys stop working at once."""
    with bound_to(slug) as authority, transaction():
        _, secret, revoked = commands.rotate_key(name, by=system(authority.id))
    click.echo(f"{revoked} former keys of {name} stopped working. The new one is not shown again.")
    click.echo(secret)

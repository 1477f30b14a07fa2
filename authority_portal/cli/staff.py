"""`flask staff`: accounts of people who work here."""

import sys

import click
from flask.cli import AppGroup

from authority_portal.cli.asking import bound_to, plainly
from authority_portal.domain.access.actor import system
from authority_portal.domain.access.roles import STAFF_ROLES, Role
from authority_portal.domain.staff import commands, invitations, passwords
from authority_portal.foundation.db import transaction

staff = AppGroup("staff", help="Accounts, roles and teams.")

_authority = click.option("--authority", "slug", required=True, help="Slug of the authority.")
_roles = click.option(
    "--role", "roles", multiple=True, type=click.Choice([role.value for role in STAFF_ROLES]), help="May be given several times."
)
_teams = click.option("--team", "teams", multiple=True, help="Code of a team; may be given several times.")


@staff.command("add")
@click.argument("email")
@click.option("--name", required=True)
@_authority
@_roles
@_teams
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@plainly
def add(email: str, name: str, slug: str, roles: tuple[str, ...], teams: tuple[str, ...], password_stdin: bool) -> None:
    """An account with a password that you type."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with bound_to(slug) as authority:
        passwords.check_new(password, about=(name, email, authority.name))
        _add(authority.id, email=email, name=name, roles=roles, teams=teams, password=password)
    click.echo(f"{email} can sign in.")


@staff.command("invite")
@click.argument("email")
@click.option("--name", required=True)
@_authority
@_roles
@_teams
@click.option("--show-link", is_flag=True, help="Print the link too, for an installation whose mail does not leave yet.")
@plainly
def invite(email: str, name: str, slug: str, roles: tuple[str, ...], teams: tuple[str, ...], show_link: bool) -> None:
    """Send somebody a link that works once, by which they choose a password of their own."""
    with bound_to(slug) as authority, transaction():
        made = invitations.invite(
            email=email, name=name, roles=[Role(role) for role in roles], team_codes=teams, by=system(authority.id)
        )
        address, link = made.email, invitations.link_of(made)
    click.echo(f"An invitation goes to {address}. Its link opens for {invitations.VALID.days} days.")
    if show_link:
        click.echo(link)


@staff.command("disable")
@click.argument("email")
@_authority
@plainly
def disable(email: str, slug: str) -> None:
    """Close an account everywhere and end its sessions at once."""
    with bound_to(slug) as authority, transaction():
        ended = commands.disable(commands.id_of(email), by=system(authority.id))
    click.echo(f"{email} cannot sign in any more; {ended} sessions ended.")


@staff.command("roles")
@click.argument("email")
@_authority
@_roles
@_teams
@click.option("--keep-teams", is_flag=True, help="Change roles only.")
@plainly
def roles(email: str, slug: str, roles: tuple[str, ...], teams: tuple[str, ...], keep_teams: bool) -> None:
    """Give exactly these roles and teams in one authority. Without a role the person leaves it."""
    with bound_to(slug) as authority, transaction():
        staff_id, by = commands.id_of(email), system(authority.id)
        commands.set_roles(staff_id, [Role(role) for role in roles], by=by)
        if not keep_teams:
            commands.set_teams(staff_id, teams, by=by)
    click.echo(f"{email}: {', '.join(roles) or 'no role'} in {slug}")


def _add(authority_id: int, *, email: str, name: str, roles: tuple[str, ...], teams: tuple[str, ...], password: str) -> None:
    with transaction():
        commands.add(
            email=email,
            name=name,
            roles=[Role(role) for role in roles],
            team_codes=teams,
            password_hash=passwords.hashed(password),
            by=system(authority_id),
        )

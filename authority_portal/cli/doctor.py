"""`flask doctor`: is everything there that the portal stands on, and what to do if not."""

import base64
import secrets
import sys
from collections.abc import Callable, Iterator

import click

from authority_portal.cli import checks
from authority_portal.cli.checks import Finding
from authority_portal.config import Settings, settings

SECRET = ("SECRET_KEY", "DATA_KEYS", "LINK_KEYS", "DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_REPLICA_URL", "REDIS_URL")
SECRET += ("SMTP_URL", "SMS_URL", "PUSH_VAPID_KEY", "METRICS_TOKEN")
"""Settings that are or may carry a password: shown as set or not set."""


@click.command("doctor")
@click.option("--settings", "list_settings", is_flag=True, help="List every setting with its value, default and reason.")
@click.option("--new-keys", is_flag=True, help="Make fresh secrets, to be put into the environment.")
def doctor(list_settings: bool, new_keys: bool) -> None:
    """Check configuration, services, keys, base map, mail and row security. Ends with 1 if something must be done."""
    if new_keys:
        for line in _new_keys():
            click.echo(line)
        return
    if list_settings:
        for line in _settings():
            click.echo(line)
        return
    wrong = 0
    for check in checks.ALL:
        for finding in _found(check):
            mark = "ok  " if finding.good else "note" if finding.minor else "BAD "
            click.echo(f"{mark} {finding.words}")
            if not finding.good and finding.advice:
                click.echo(f"     → {finding.advice}")
            wrong += not finding.good and not finding.minor
    if wrong:
        click.echo(f"{wrong} to be put right.")
        raise SystemExit(1)
    click.echo("Everything the portal stands on is there.")


def _found(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of one check; one that breaks is itself a finding, so that the others still speak."""
    try:
        yield from check()
    except Exception as error:  # whatever is wrong, the doctor has to go on
        yield Finding(False, f"{check.__name__.replace('_', ' ')}: {type(error).__name__}: {str(error).splitlines()[0][:160]}")


def _new_keys() -> Iterator[str]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    yield f"PORTAL_SECRET_KEY={secrets.token_urlsafe(48)}"
    yield f"PORTAL_DATA_KEYS=k1:{key()}"
    yield f"PORTAL_LINK_KEYS=k1:{key()}"


def _settings() -> Iterator[str]:
    chosen = settings()
    for name, field in Settings.model_fields.items():
        value = getattr(chosen, name)
        shown = ("set" if value else "not set") if name in SECRET else repr(value)
        default = "required" if field.is_required() else f"default {field.default!r}"
        yield f"PORTAL_{name} = {shown}  ({default})"
        yield f"    {field.description}"


def main() -> None:
    """The same without the application, for when it refuses these settings: `python -m authority_portal.cli.doctor`."""
    from pydantic import ValidationError

    from authority_portal.app import create_app

    if "--new-keys" in sys.argv:
        doctor()
    try:
        settings()
    except ValidationError as wrong:
        for each in wrong.errors():
            click.echo(f"BAD  {'PORTAL_' + str(each['loc'][0]) if each['loc'] else 'settings'}: {each['msg']}")
        raise SystemExit(1) from None
    with create_app(process="portal-doctor").app_context():
        doctor()


if __name__ == "__main__":
    main()

"""The flask commands, one file per noun."""

from flask import Flask

from authority_portal.cli import import_, install


def init_app(app: Flask) -> None:
    """Add every command group."""
    for group in (import_.import_, install.install):
        app.cli.add_command(group)

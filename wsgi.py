"""The door for gunicorn and for `flask`: the application with its commands."""

from authority_portal.app import create_app
from authority_portal.cli import commands

app = create_app()
commands.init_app(app)

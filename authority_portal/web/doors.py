"""Which doors the house has."""

from flask import Flask

from authority_portal.web.account import views as account
from authority_portal.web.open311 import views as open311
from authority_portal.web.ops import views as ops
from authority_portal.web.sign_in import views as sign_in


def init_app(app: Flask) -> None:
    """Open every door."""
    for blueprint in (account.account, open311.open311, ops.ops, sign_in.sign_in):
        app.register_blueprint(blueprint)

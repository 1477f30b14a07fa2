"""Which doors the house has."""

from flask import Flask

from authority_portal.web.ops import views as ops


def init_app(app: Flask) -> None:
    """Open every door."""
    for blueprint in (ops.ops,):
        app.register_blueprint(blueprint)

"""create_app(): plugs every door in, and nothing else."""

from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from authority_portal import tables
from authority_portal.config import CHECKOUT, settings
from authority_portal.foundation import db as database
from authority_portal.foundation.db import db, engine_options
from authority_portal.web import counting, doors, errors, guard, headers, htmx, ingress, kept, limits, live, logs, rendering

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes: three photos of 10 MB and their form. Doors that need less set less."""


def create_app(*, process: str = "portal-web") -> Flask:
    """The application of this process. `process` is its name in the database's list of connections."""
    chosen = settings()
    app = Flask("authority_portal", template_folder=str(CHECKOUT / "templates"), static_folder=str(CHECKOUT / "static"))
    # An address with an empty part names nothing; a redirect would answer in no door's own form.
    app.url_map.merge_slashes = False
    app.config.update(
        SECRET_KEY=chosen.SECRET_KEY,
        SQLALCHEMY_DATABASE_URI=chosen.DATABASE_URL,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(process),
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=512 * 1024,
        MAX_FORM_PARTS=300,
        WTF_CSRF_CHECK_DEFAULT=False,  # guard.py checks every unsafe request of staff; public forms check their own
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open as long as its session
        WTF_CSRF_SSL_STRICT=False,  # Origin and Sec-Fetch-Site are checked by headers.py, on plain http as well
    )
    if chosen.TRUSTED_PROXIES:
        hops = chosen.TRUSTED_PROXIES
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    tables.metadata()
    database.init_app(app)
    Migrate(app, db, directory=str(CHECKOUT / "migrations"))
    logs.init_app(app)
    counting.init_app(app)
    ingress.init_app(app)
    htmx.init_app(app)
    rendering.init_app(app)
    kept.init_app(app)
    headers.init_app(app)
    CSRFProtect(app)
    guard.init_app(app)
    limits.init_app(app)
    errors.init_app(app)
    doors.init_app(app)
    app.wsgi_app = live.Doorman(app.wsgi_app)  # type: ignore[method-assign]
    return app

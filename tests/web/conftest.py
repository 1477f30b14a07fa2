"""A stage for templates, the real filters and macros inside a request of Boston without a database; and limits turned down."""

import secrets
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import Flask, g

from authority_portal.config import CHECKOUT, settings
from authority_portal.domain.authorities import commands
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, transaction
from authority_portal.web import rendering

NOW = datetime(2026, 11, 19, 15, 24, tzinfo=UTC)  # Thursday, 10:24 in Boston


@pytest.fixture(scope="package")
def page():
    app = Flask(__name__, template_folder=str(CHECKOUT / "templates"), static_folder=str(CHECKOUT / "static"))
    app.secret_key = "only for forms in this test"
    rendering.init_app(app)
    return app


@pytest.fixture
def render(page):
    """Render a piece of template inside a request of Boston."""

    def rendered(source: str, **context: object) -> str:
        return " ".join(page.jinja_env.from_string(source).render(**context).split())

    with page.test_request_context("/"), clock.frozen(NOW):
        g.authority = SimpleNamespace(zone="America/New_York", locale="en_US", name="City of Boston", accent="0b5a68")
        yield rendered


@pytest.fixture
def piece(render):
    """Render calls of one component's macros."""

    def rendered(component: str, *calls: str, **context: object) -> str:
        shown = "".join(f"{{{{ macros.{call} }}}}" for call in calls)
        return render(f"{{% import 'components/{component}.html' as macros %}}{shown}", **context)

    return rendered


@pytest.fixture
def at_most(monkeypatch):
    """Turn limits down for this test, which nobody else's count disturbs: the digests of its own key are its own."""

    def turn(**allowed):
        monkeypatch.setenv("PORTAL_SECRET_KEY", secrets.token_urlsafe(48))
        for of, number in allowed.items():
            monkeypatch.setenv(f"PORTAL_LIMIT_{of.upper()}", str(number))
        settings.cache_clear()

    yield turn
    monkeypatch.undo()
    settings.cache_clear()


def key_of(town, name, secret):
    bind(town.id)
    with transaction():
        commands.new_key(name=name, by=town.house, secret=secret)
    return {"X-Api-Key": secret}


def statuses(times, ask):
    return [ask().status_code for _ in range(times)]

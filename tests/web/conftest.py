"""A stage for templates: the real filters and macros inside a request of Boston, without a database."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from flask import Flask, g

from authority_portal.config import CHECKOUT
from authority_portal.foundation import clock
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

"""Settings are refused where they would be a danger."""

import pytest
from pydantic import ValidationError

from authority_portal.config import DEMO_DATA_KEYS, DEMO_LINK_KEYS, DEMO_SECRET_KEY, Settings

OWN = {
    "ENV": "production",
    "DATABASE_URL": "postgresql+psycopg://app@/portal",
    "SECRET_KEY": "k" * 40,
    "DATA_KEYS": "a1:" + "A" * 43 + "=",
    "LINK_KEYS": "a1:" + "A" * 43 + "=",
    "FETCH_PRIVATE": False,
}


def test_production_starts_with_secrets_of_its_own(environment):
    assert Settings(**OWN).ENV == "production"


@pytest.mark.parametrize(
    ("name", "value"),
    [("SECRET_KEY", DEMO_SECRET_KEY), ("DATA_KEYS", DEMO_DATA_KEYS), ("LINK_KEYS", DEMO_LINK_KEYS), ("FETCH_PRIVATE", True)],
)
def test_production_refuses_what_everybody_knows(environment, name, value):
    with pytest.raises(ValidationError, match=f"PORTAL_{name}"):
        Settings(**(OWN | {name: value}))


def test_a_demo_may_use_them(environment):
    demo = {"ENV": "demo", "SECRET_KEY": DEMO_SECRET_KEY, "DATA_KEYS": DEMO_DATA_KEYS, "LINK_KEYS": DEMO_LINK_KEYS}

    assert Settings(**(OWN | demo)).ENV == "demo"


def test_a_short_secret_is_refused_everywhere(environment):
    with pytest.raises(ValidationError, match="SECRET_KEY"):
        Settings(**(OWN | {"ENV": "demo", "SECRET_KEY": "short"}))

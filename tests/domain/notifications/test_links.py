"""Residents' secret links: the same each time, known by digest alone, closed when they should be."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from authority_portal.config import DEMO_LINK_KEYS, settings
from authority_portal.domain.notifications import links
from authority_portal.domain.notifications.models import LinkToken
from authority_portal.foundation import clock, tokens
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import Town, a_town

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def town() -> Town:
    return a_town()


def made(town: Town, message_id: int = 1, purpose: links.Purpose = "follow") -> str:
    with transaction():
        return links.make(message_id, 11, town.id, purpose)


def test_a_token_leads_to_its_report_without_any_authority_bound(town: Town) -> None:
    token = made(town)
    bind(None)
    assert links.resolve(token, "follow") == links.Link(town.id, 11, 1, "follow")


def test_the_same_message_has_the_same_token_and_another_has_another(town: Town) -> None:
    assert made(town) == made(town)
    assert made(town, 2) != made(town, 1)
    assert db.session.query(LinkToken).count() == 2


def test_a_token_has_enough_bits_and_only_its_digest_is_stored(town: Town) -> None:
    token = made(town)
    assert len(token) == 32  # base64 of 192 bits
    assert db.session.scalars(select(LinkToken.digest)).all() == [tokens.digest(token)]


def test_a_token_opens_only_its_own_door(town: Town) -> None:
    follow, unsubscribe = made(town), made(town, purpose="unsubscribe")
    assert follow != unsubscribe
    assert links.resolve(follow, "unsubscribe") is None
    assert links.resolve(unsubscribe, "follow") is None


@pytest.mark.parametrize("nonsense", ["", "x", "A" * 32, "é" * 5_000, "\ud800", "' OR 1=1 --", "\x00"])
def test_nonsense_opens_nothing(town: Town, nonsense: str) -> None:
    made(town)
    assert links.resolve(nonsense, "follow") is None


def test_a_link_ends_90_days_after_closing_and_lives_again_after_reopening(town: Town) -> None:
    token, at = made(town), clock.now()
    with transaction():
        links.follow_closing(11, town.id, closed_at=at)
    with clock.frozen(at + timedelta(days=89)):
        assert links.resolve(token, "follow") is not None
    with clock.frozen(at + timedelta(days=90)):
        assert links.resolve(token, "follow") is None
    with transaction():
        links.follow_closing(11, town.id, closed_at=None)
    with clock.frozen(at + timedelta(days=900)):
        assert links.resolve(token, "follow") is not None


def test_a_revoked_link_stays_closed_even_if_its_message_is_sent_again(town: Town) -> None:
    token = made(town)
    with transaction():
        links.revoke(11, town.id)
    assert made(town) == token
    assert links.resolve(token, "follow") is None


def test_a_message_keeps_its_token_when_the_keys_are_renewed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    token = made(town)
    monkeypatch.setenv("PORTAL_LINK_KEYS", "new1:" + "bmV3" * 12 + "," + DEMO_LINK_KEYS)
    settings.cache_clear()
    try:
        assert made(town) == token
        assert made(town, 2) == tokens.derived("link|follow|2", keys=settings().LINK_KEYS)[0]
    finally:
        monkeypatch.undo()
        settings.cache_clear()

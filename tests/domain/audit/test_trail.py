"""The audit chain: nothing changes unseen."""

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import ProgrammingError

from authority_portal.domain.audit import trail
from authority_portal.domain.audit.models import AuditLine
from authority_portal.foundation.db import db, transaction
from tests.builders.authorities import Town, a_town

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def town(house: Flask) -> Town:
    """A town with ten sealed lines."""
    made = a_town()
    with transaction():
        for number in range(10):
            trail.append("test:act", subject=f"thing:{number}", by=made.house, count=number)
    with transaction():
        trail.seal(made.id)
    return made


def test_a_sealed_chain_holds_and_new_lines_join_it(town: Town) -> None:
    before = trail.verify(town.id)
    assert (before.lines, before.broken_at) == (10, None)
    with transaction():
        trail.append("test:act", subject="thing:11", by=town.house)
    assert trail.waiting(town.id) == 1
    with transaction():
        assert trail.seal(town.id) == 1
    after = trail.verify(town.id)
    assert (after.lines, after.broken_at) == (11, None)
    assert after.head != before.head


@pytest.mark.parametrize("change", [{"subject": "thing:other"}, {"details": {"count": 99}}, {"actor_kind": "client"}])
def test_the_app_cannot_change_what_a_line_says(town: Town, change: dict[str, object]) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        db.session.execute(update(AuditLine).where(AuditLine.authority_id == town.id, AuditLine.seq == 4).values(**change))
    db.session.rollback()


@pytest.mark.parametrize("change", [{"hash": b"x" * 32}, {"prev_hash": b"x" * 32}, {"seq": 400}])
def test_a_tampered_chain_is_found(town: Town, change: dict[str, object]) -> None:
    with transaction():
        db.session.execute(update(AuditLine).where(AuditLine.authority_id == town.id, AuditLine.seq == 4).values(**change))
    assert trail.verify(town.id).broken_at == 4


def test_a_line_taken_out_of_the_chain_is_found(town: Town) -> None:
    with transaction():
        lines = db.session.scalars(select(AuditLine).where(AuditLine.authority_id == town.id).order_by(AuditLine.seq)).all()
        lines[4].seq, lines[4].hash, lines[4].prev_hash = None, None, None
        db.session.flush()
        for later in lines[5:]:
            assert later.seq is not None
            later.seq -= 1
            db.session.flush()
    assert trail.verify(town.id).broken_at == 5

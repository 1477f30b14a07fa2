"""What somebody with the owner's rights changes behind the portal's back is found."""

import pytest
from flask import Flask
from sqlalchemy import create_engine, pool, text

from authority_portal.domain.audit import trail
from authority_portal.foundation.db import transaction
from tests.builders.authorities import a_town

CHANGES = (
    "UPDATE audit_line SET subject = 'thing:other' WHERE seq = 4",
    "UPDATE audit_line SET details = '{}' WHERE seq = 4",
    "UPDATE audit_line SET at = at + interval '1 s' WHERE seq = 4",
    "UPDATE audit_line SET request_id = 'other' WHERE seq = 4",
    "DELETE FROM audit_line WHERE seq = 4",
)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_by_the_owner_breaks_the_chain_where_it_was_made(
    committed: Flask, environment: dict[str, str], change: str
) -> None:
    town = a_town()
    with transaction():
        for number in range(6):
            trail.append("test:act", subject=f"thing:{number}", by=town.house, count=number)
    with transaction():
        trail.seal(town.id)
    assert trail.verify(town.id).broken_at is None

    engine = create_engine(environment["PORTAL_DATABASE_OWNER_URL"], poolclass=pool.NullPool)
    with engine.begin() as owner:
        assert owner.execute(text(change)).rowcount == 1

    assert trail.verify(town.id).broken_at == 4

"""What happens to a message whose reader's contact does not open."""

import base64
from collections.abc import Callable

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from authority_portal.config import settings
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.people import commands as people
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.people.models import Person
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import Town
from tests.builders.smtp import Sink
from tests.builders.travel import deliver_what_is_due, dispatches, let_pass, plan_what_is_told, send_everything, states
from tests.jobs.delivery.conftest import A_MINUTE, ROSA, filed

pytestmark = pytest.mark.usefixtures("committed")


def wrap_rosas_key(change: Callable[[bytes], bytes]) -> None:
    with transaction() as session:
        rosa = session.scalars(select(Person).order_by(Person.created_at)).first()
        assert rosa is not None
        assert rosa.wrapped_key is not None
        rosa.wrapped_key = change(rosa.wrapped_key)


def test_a_contact_that_was_changed_fails_alone_and_for_good(sink: Sink, town: Town) -> None:
    filed(town)
    filed(town, contact=Contact(email="sam@example.org", channel="email"))
    wrap_rosas_key(lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]))
    send_everything()
    rosa, sam = dispatches()
    assert (rosa.state, rosa.failure) == ("failed", "contact cannot be opened")
    assert sam.state == "sent"


def test_a_host_without_the_data_key_leaves_the_message_to_another(
    sink: Sink, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed(town)
    plan_what_is_told()
    there = settings().DATA_KEYS
    with monkeypatch.context() as host:
        host.setenv("PORTAL_DATA_KEYS", f"other:{base64.b64encode(bytes(32)).decode()}")
        settings.cache_clear()
        filed(town, contact=Contact(email="sam@example.org", channel="email"))  # sealed with this host's key
        send_everything()
        rosa, sam = dispatches()
        assert (rosa.state, rosa.refusals, rosa.failure) == ("pending", 1, "this host lacks the data key of the contact")
        assert sam.state == "sent"
    monkeypatch.setenv("PORTAL_DATA_KEYS", there)
    settings.cache_clear()
    let_pass(A_MINUTE)
    deliver_what_is_due()
    assert states() == ["sent", "sent"]
    assert len(sink.to(ROSA)) == 1


def test_each_try_without_the_data_key_says_so_once_and_leaves_no_line_of_a_reading(
    sink: Sink, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        filed(town, contact=Contact(email=f"r{number}@example.org", channel="email"))
    plan_what_is_told()
    monkeypatch.setenv("PORTAL_DATA_KEYS", f"other:{base64.b64encode(bytes(32)).decode()}")
    settings.cache_clear()
    for _ in range(2):
        with capture_logs() as lines:
            deliver_what_is_due()
        assert [(line["event"], line["messages"]) for line in lines if line["log_level"] == "error"] == [("data key missing", 3)]
        let_pass(A_MINUTE)
    bind(town.id)
    assert db.session.scalar(select(AuditLine.id).where(AuditLine.action == "person:mailed")) is None


def test_an_erased_person_is_waited_for_by_nobody_with_or_without_the_key(
    sink: Sink, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed(town)
    plan_what_is_told()
    bind(town.id)
    with transaction() as session:
        rosa = session.scalars(select(Person)).one()
        people.erase(rosa, by=town.house)
    monkeypatch.setenv("PORTAL_DATA_KEYS", f"other:{base64.b64encode(bytes(32)).decode()}")
    settings.cache_clear()
    deliver_what_is_due()
    assert [(row.state, row.failure) for row in dispatches()] == [("cancelled", "nobody wants it any more")]


@pytest.mark.parametrize(
    "raw", [b"", b"\x01", b"\x01\xffown", b"\x01\x03own", b"\x01\x03own" + bytes(5), b"\x01\x03own" + bytes(20)]
)
def test_a_contact_cut_short_fails_alone(sink: Sink, town: Town, raw: bytes) -> None:
    filed(town)
    filed(town, contact=Contact(email="sam@example.org", channel="email"))
    with transaction() as session:
        rosa = session.scalars(select(Person).order_by(Person.created_at)).first()
        assert rosa is not None
        rosa.email_sealed = raw
    send_everything()
    assert states() == ["failed", "sent"]

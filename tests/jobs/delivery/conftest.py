"""A town whose mail goes to a real SMTP server, and short ways to file a report and to take a step."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from authority_portal.domain.reports.commands import status
from authority_portal.domain.reports.models import Report
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import Town, a_town
from tests.builders.reports import a_report
from tests.builders.smtp import Sink
from tests.builders.travel import (
    mail_goes_to_a_sink,
)

ROSA = "rosa@example.org"
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def sink(committed: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with mail_goes_to_a_sink(monkeypatch) as made:
        yield made


@pytest.fixture
def town(committed: object) -> Town:
    return a_town()


@dataclass(frozen=True)
class Filed:
    """What is known of a report after its transaction."""

    id: int
    reference: str


def filed(town: Town, **more: Any) -> Filed:
    report = a_report(town, **more)
    return Filed(report.id, report.reference)


def step(town: Town, report: Filed, to: str, **more: object) -> None:
    bind(town.id)
    with transaction():
        found = db.session.get_one(Report, report.id)
        status.change(found, to=town.statuses[to], authority=town.card, by=town.house, **more)  # type: ignore[arg-type]

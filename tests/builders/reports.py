"""Reports in any state."""

from typing import Any

from sqlalchemy import select

from authority_portal.domain.authorities.models import Category
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports.commands import intake, status
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.workflow import Channel, Outcome
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.geo import Point
from tests.builders.authorities import INSIDE, Town

RESIDENT = Contact(name="Rosa Example", email="rosa@example.org", channel="email")


def a_report(
    town: Town,
    *,
    category: str = "pothole",
    to: str | None = None,
    outcome: Outcome | None = None,
    position: Point | None = INSIDE,
    contact: Contact = RESIDENT,
    **more: Any,
) -> Report:
    """A report by a resident with an e-mail address, routed to the team `streets`; taken on to the status `to` if given."""
    bind(town.id)
    with transaction():
        found = db.session.scalars(select(Category).where(Category.id == town.categories[category])).one()
        new = intake.NewReport(
            category=found,
            channel=more.pop("channel", Channel.WEB),
            source=more.pop("source", "test"),
            description=more.pop("description", "A deep hole in the lane."),
            address=more.pop("address", "822 Parker St"),
            position=position,
            contact=contact,
            **more,
        )
        report = intake.receive(new, authority=town.card, by=town.house)
        if to is not None:
            status.change(
                report, to=town.statuses[to], outcome=outcome, note="What the public reads.", authority=town.card, by=town.house
            )
    return report

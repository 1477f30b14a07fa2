"""Everything the domain tells is heard."""

import dataclasses
import inspect

from authority_portal.channels import registry
from authority_portal.config import CHECKOUT
from authority_portal.domain.notifications.planning import REACHED_BY, Wording
from authority_portal.domain.reports import events as reports
from authority_portal.domain.staff import events as staff
from authority_portal.jobs.events import ERRANDS, HANDLERS

EVENTS = {
    name: thing
    for room in (reports, staff)
    for name, thing in inspect.getmembers(room, inspect.isclass)
    if thing.__module__ == room.__name__
}
TOLD = set(EVENTS)


def test_every_event_has_a_handler_and_every_handler_an_event():
    assert set(HANDLERS) == TOLD
    assert ERRANDS <= TOLD


def test_every_event_is_frozen_and_carries_ids_only():
    for name in TOLD:
        event = EVENTS[name]
        assert event.__dataclass_params__.frozen
        assert {field.type for field in dataclasses.fields(event)} <= {int, "int"}


def test_every_channel_that_is_planned_for_can_send():
    assert set(registry.CHANNELS) == REACHED_BY


def test_every_wording_has_its_three_parts():
    folder = CHECKOUT / "templates" / "messages"
    assert {made.name for made in folder.iterdir() if made.is_dir()} == set(Wording)
    for wording in Wording:
        assert {part.name for part in (folder / wording).iterdir()} == {"subject.txt", "body.txt", "body.html"}

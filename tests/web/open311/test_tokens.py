"""Tokens: a client that lost the answer to its POST finds its report by the id it gave; and a reference stands for itself."""

from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities import commands
from authority_portal.foundation.db import bind, transaction
from tests.web.open311.conftest import GOOD, Door


def sent(door: Door, given: str, *, service: str = "noise") -> str:
    """The reference of a report that the client sent under an id of its own."""
    answer = door.post({**GOOD, "service_code": service, "external_id": given, "jurisdiction_id": door.town.card.slug})
    return str(answer.json[0]["service_request_id"])


@pytest.mark.parametrize("given", ["app-17", "reports/2026/17", "Grüße & more"])
def test_a_client_finds_its_report_by_the_id_it_gave(door: Door, given: str) -> None:
    reference = sent(door, given)

    answer = door.get(f"tokens/{given}.json".replace("&", "%26"), as_client=True)
    assert (answer.status_code, answer.json) == (200, [{"service_request_id": reference, "token": given}])
    root = ET.fromstring(door.get(f"tokens/{given}.xml".replace("&", "%26"), as_client=True).data)
    assert root.tag == "service_requests"
    assert [(child.tag, child.text) for child in root[0]] == [("service_request_id", reference), ("token", given)]


def test_a_reference_stands_for_itself_as_far_as_one_may_see_its_report(door: Door) -> None:
    public, private = sent(door, "1", service="pothole"), sent(door, "2")

    assert door.get(f"tokens/{public}.json").json == [{"service_request_id": public, "token": public}]
    assert door.get(f"tokens/{private}.json").status_code == 404
    assert door.get(f"tokens/{private.lower()}.json", as_client=True).json[0]["service_request_id"] == private


def test_ids_of_others_and_what_is_no_token_are_not_there(house: Flask, make_door: Callable[..., Door]) -> None:
    door, otherton = make_door(house), make_door(house, "otherton")
    reference = sent(door, "app-17", service="pothole")
    bind(door.town.id)
    with transaction():
        commands.new_key(name="Another app", by=door.town.house, secret="key-of-another")
    another = Door(door.browser, door.town, "key-of-another", door.client_id)

    here, there = {"jurisdiction_id": "boston"}, {"jurisdiction_id": "otherton"}
    answers = [
        door.get("tokens/app-17.json", **here),
        another.get("tokens/app-17.json", as_client=True, **here),
        otherton.get("tokens/app-17.json", as_client=True, **there),
        door.get(f"tokens/{reference}.json", **there),
        door.get("tokens/%01.json", **here),
        door.get(f"tokens/{'x' * 300}.json", **here),
        door.get("tokens/nothing.json", as_client=True, **here),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1


def test_a_key_that_reads_nothing_asks_for_no_token(door: Door) -> None:
    sent(door, "app-17")
    bind(door.town.id)
    with transaction():
        commands.new_key(name="City app", by=door.town.house, secret="narrow-key", scopes=[Permission.CLIENT_SUBMIT])
    narrow = Door(door.browser, door.town, "narrow-key", door.client_id)
    assert narrow.get("tokens/app-17.json", as_client=True).status_code == 403

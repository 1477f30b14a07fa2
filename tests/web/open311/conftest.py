"""A town with an API client, and the door as that client and as anybody else sees it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from authority_portal.config import settings
from authority_portal.domain.authorities import commands
from authority_portal.domain.people.models import Person
from authority_portal.domain.reports.commands import status
from authority_portal.domain.reports.models import Report, StatusChange
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import Town, a_town

FORM = "application/x-www-form-urlencoded"
GOOD = {"service_code": "pothole", "lat": "42.3297", "long": "-71.0993", "description": "A deep hole."}


@dataclass
class Door:
    """One client's way in. `key` is its secret, `client_id` who it acts as."""

    browser: FlaskClient
    town: Town
    key: str
    client_id: UUID

    def post(
        self,
        fields: dict[str, Any] | Iterable[tuple[str, Any]] | bytes,
        *,
        form: str = "json",
        kind: str = FORM,
        headers: dict[str, str] | None = None,
        query: str = "",
    ) -> TestResponse:
        body = fields if isinstance(fields, bytes) else urlencode(list(fields.items() if isinstance(fields, dict) else fields))
        sent = {"X-Api-Key": self.key, **(headers or {})}
        return self.browser.post(f"/open311/v2/requests.{form}{query}", data=body, content_type=kind, headers=sent)

    def get(self, path: str, *, as_client: bool = False, **query: str) -> TestResponse:
        headers = {"X-Api-Key": self.key} if as_client else {}
        return self.browser.get(f"/open311/v2/{path}", query_string=query, headers=headers)


def a_key(town: Town, secret: str) -> UUID:
    """A key of an API client of this town."""
    bind(town.id)
    with transaction():
        client_id, _ = commands.new_key(name="City app", by=town.house, secret=secret)
    return client_id


def said(answer: TestResponse) -> str:
    """The descriptions of an error answer, one after the other."""
    assert isinstance(answer.json, list), answer.text
    assert all(set(error) == {"code", "description"} and error["code"] == answer.status_code for error in answer.json)
    return "\n".join(error["description"] for error in answer.json)


def same(element: ET.Element, value: Any) -> bool:
    """Whether an element says what a JSON value says."""
    if isinstance(value, dict):
        return [child.tag for child in element] == list(value) and all(
            same(child, part) for child, part in zip(element, value.values(), strict=True)
        )
    if isinstance(value, list):
        assert len({child.tag for child in element}) <= 1
        return len(element) == len(value) and all(same(child, part) for child, part in zip(element, value, strict=True))
    text = {None: "", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else str(value)
    return (element.text or "") == text


@pytest.fixture
def make_door() -> Callable[..., Door]:
    def make(app: Flask, slug: str = "boston") -> Door:
        town = a_town(slug)
        secret = f"key-of-{slug}"
        return Door(app.test_client(), town, secret, a_key(town, secret))

    return make


@pytest.fixture
def door(house: Flask, make_door: Callable[..., Door]) -> Door:
    return make_door(house)


def written(door: Door) -> tuple[int, ...]:
    """How many reports, people and photos the door's town has."""
    bind(door.town.id)
    return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Report, Person, Photo))


@pytest.fixture
def undo_window(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Steps stay inside for a minute."""
    monkeypatch.setenv("PORTAL_UNDO_SECONDS", "60")
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def step(door: Door, report: Report, to: str, note: str, outcome: Outcome | None = None) -> StatusChange:
    """One step of a report, by the house."""
    bind(door.town.id)
    with transaction():
        how: dict[str, Any] = {"to": door.town.statuses[to], "outcome": outcome, "note": note}
        return status.change(report, **how, authority=door.town.card, by=door.town.house)

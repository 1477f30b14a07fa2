"""Who comes too often at the Open311 door: strangers by network, clients by who they are, refusals like everything else."""

import io
from xml.etree import ElementTree as ET

import pytest

from authority_portal.domain.authorities import commands
from authority_portal.foundation.db import transaction
from authority_portal.web import limits
from authority_portal.web.open311 import wire
from tests.builders.authorities import a_town
from tests.web.conftest import key_of, statuses

SERVICES = "/open311/v2/services"


@pytest.fixture
def town(house):
    return a_town()


def test_a_stranger_at_the_open311_door_is_sent_away_in_its_own_form(client, town, at_most):
    at_most(strangers=3)
    assert statuses(3, lambda: client.get(f"{SERVICES}.json")) == [200, 200, 200]

    away = client.get(f"{SERVICES}.json")
    assert away.status_code == 429
    assert 1 <= int(away.headers["Retry-After"]) <= limits.WINDOW
    (error,) = away.json
    assert error["code"] == 429
    assert error["description"].startswith("Too many requests in a short time.")

    away = client.get(f"{SERVICES}.xml")
    assert (away.status_code, away.mimetype) == (429, "text/xml")
    assert ET.fromstring(away.data).findtext("error/code") == "429"
    assert client.get("/open311/v2/discovery.json").status_code == 429


def test_a_client_has_its_own_count_and_its_own_limit(client, town, at_most):
    at_most(strangers=1, client=2)
    city, other = key_of(town, "City app", "city-app-secret"), key_of(town, "Other app", "other-app-secret")
    with transaction():
        commands.limit_client("Other app", per_minute=4, by=town.house)

    def ask(headers):
        return lambda: client.get(f"{SERVICES}.json", headers=headers)

    assert statuses(3, ask(city)) == [200, 200, 429]
    assert statuses(2, ask({})) == [200, 429]
    assert statuses(5, ask(other)) == [200, 200, 200, 200, 429]
    sent = client.post("/open311/v2/requests.json", data={"service_code": "pothole"}, headers=city)
    assert sent.status_code == 429


def test_whoever_guesses_keys_counts_as_a_stranger_and_shuts_no_client_out(client, town, at_most):
    """Guessing is hopeless because of how long keys are, and not because of the limit."""
    at_most(strangers=2)
    good = key_of(town, "City app", "city-app-secret")
    guesses = [client.get(f"{SERVICES}.json", headers={"X-Api-Key": f"guess-number-{n}"}).status_code for n in range(4)]
    assert guesses == [403, 403, 429, 429]
    assert client.get(f"{SERVICES}.json", headers=good).status_code == 200


def test_what_is_refused_at_the_open311_door_counts_too(client, town, at_most):
    at_most(strangers=2)

    def ask():
        return client.get(f"{SERVICES}.json?api_key=in-the-address")

    assert statuses(3, ask) == [400, 400, 429]
    post = client.post("/open311/v2/requests.json", json={"service_code": "pothole"})
    assert (post.status_code, post.json[0]["code"]) == (429, 429)


def test_who_is_refused_counts_once(client, town, at_most):
    at_most(strangers=2, client=2)
    city = key_of(town, "City app", "city-app-secret")
    assert statuses(3, lambda: client.get(f"{SERVICES}/none.json")) == [404, 404, 429]
    assert statuses(3, lambda: client.get(f"{SERVICES}/none.json", headers=city)) == [404, 404, 429]


class Unread(io.BytesIO):
    """A body that nobody may look at."""

    def read(self, *_):
        raise AssertionError("it was read")

    readinto = readline = read


def test_a_strangers_form_with_files_is_counted_before_it_is_read(client, town, at_most):
    at_most(strangers=1)
    address, kind = "/open311/v2/requests.json", "multipart/form-data; boundary=x"
    good = key_of(town, "City app", "city-app-secret")
    assert client.post(address, data={"service_code": "pothole"}, content_type="multipart/form-data").status_code == 403

    assert client.post(address, input_stream=Unread(b"--x\r\n"), content_type=kind).status_code == 429
    assert (
        client.post(address, data={"service_code": "none"}, headers=good, content_type="multipart/form-data").status_code == 400
    )


def test_a_clients_form_with_files_is_counted_before_it_is_read(client, town, at_most):
    at_most(client=1)
    city = key_of(town, "City app", "city-app-secret")
    kind = "multipart/form-data; boundary=x"
    assert client.get(f"{SERVICES}.json", headers=city).status_code == 200

    away = client.post("/open311/v2/requests.json", input_stream=Unread(b"--x\r\n"), content_type=kind, headers=city)
    assert away.status_code == 429


@pytest.mark.parametrize("key", ["a-wrong-key", "city-app-secret"])
def test_files_are_not_taken_into_memory_for_whom_nothing_is_taken_from(client, town, at_most, monkeypatch, key):
    at_most(client=1)
    key_of(town, "City app", "city-app-secret")
    taken = []
    with_files = wire.with_files
    monkeypatch.setattr(wire, "with_files", lambda fields: taken.append(fields) or with_files(fields))

    def send():
        data = {"api_key": key, "service_code": "none", "media": (io.BytesIO(b"large"), "photo.jpg")}
        return client.post("/open311/v2/requests.json", data=data, content_type="multipart/form-data")

    good = key == "city-app-secret"
    assert statuses(2, send) == ([400, 429] if good else [403, 403])
    assert len(taken) == good

"""Photos by Open311: the first cleared one of a report that is public or the client's own, and nothing else."""

import pytest
from sqlalchemy import select

from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import clock, storage
from authority_portal.foundation.db import bind, db, transaction
from tests.web.open311.conftest import GOOD, Door


def a_report_with_photos(door: Door, *cleared: bool, service: str = "pothole") -> tuple[str, list[str]]:
    """A report the client sent, with photos; its reference and their names."""
    reference = door.post({**GOOD, "service_code": service}).json[0]["service_request_id"]
    bind(door.town.id)
    with transaction():
        report = db.session.scalars(select(Report).where(Report.reference == reference)).one()
        names = [storage.new_name() for _ in cleared]
        for name, is_cleared in zip(names, cleared, strict=True):
            storage.keep(door.town.id, name, b"large", b"small")
            photo = Photo(authority_id=door.town.id, report_id=report.id, state="ready", name=name, cleared=is_cleared)
            photo.added_at = clock.now()
            db.session.add(photo)
            db.session.flush()
        report.photos, report.cleared_photos = len(cleared), sum(cleared)
    return reference, names


def shown(door: Door, reference: str, *, as_client: bool = False) -> list[str | None]:
    """The address of the photo in the list and in the answer for one."""
    answers = (door.get(path, as_client=as_client).json for path in ("requests.json", f"requests/{reference}.json"))
    return [seen["media_url"] for answer in answers for seen in answer if seen["service_request_id"] == reference]


def asked(door: Door, name: str, *, as_client: bool = False):
    return door.get(f"media/{name}.jpg", as_client=as_client, jurisdiction_id=door.town.card.slug)


def test_the_first_cleared_photo_of_a_public_report_is_shown_and_sent(door: Door) -> None:
    reference, (hidden, first, second) = a_report_with_photos(door, False, True, True)

    addresses = shown(door, reference)

    assert len(addresses) == 2
    assert all(address.endswith(f"/open311/v2/media/{first}.jpg?jurisdiction_id=boston") for address in addresses)
    answer = door.browser.get(addresses[0])
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"large", "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert asked(door, second).status_code == 200
    assert asked(door, hidden).status_code == asked(door, hidden, as_client=True).status_code == 404
    assert shown(door, reference, as_client=True) == addresses


def test_a_report_without_a_cleared_photo_shows_none(door: Door) -> None:
    reference, _ = a_report_with_photos(door, False)
    assert shown(door, reference) == shown(door, reference, as_client=True) == [None, None]


def test_a_private_report_s_cleared_photo_is_for_its_client_alone(door: Door) -> None:
    reference, (name, hidden) = a_report_with_photos(door, True, False, service="noise")

    assert all(name in address for address in shown(door, reference, as_client=True))
    assert asked(door, name).status_code == 404
    assert asked(door, name, as_client=True).status_code == 200
    assert asked(door, hidden, as_client=True).status_code == 404


@pytest.mark.parametrize("name", ["0" * 32, "x", "..%2f..%2fetc%2fpasswd", "photo"])
def test_a_name_that_is_none_is_not_there(door: Door, name: str) -> None:
    assert asked(door, name).status_code == 404

"""Photos that come with a POST: kept as pixels with the report, or nothing is kept at all."""

from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from authority_portal.config import settings
from authority_portal.domain.reports.commands import intake
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import pictures, storage
from authority_portal.foundation.db import bind, db
from authority_portal.web.open311 import media
from tests.web.open311.conftest import GOOD, Door, said, written


def a_photo(colour: int = 90) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (60, 40), (colour, 120, 90)).save(buffer, "JPEG", comment=b"CNRY")
    return buffer.getvalue()


def post(
    door: Door, *files: tuple[str, bytes], form: str = "json", headers: dict[str, str] | None = None, **more: Any
) -> TestResponse:
    data: dict[str, Any] = {**GOOD, **more}
    for name, raw in files:
        data.setdefault(name, []).append((BytesIO(raw), "photo.jpg"))
    return door.browser.post(
        f"/open311/v2/requests.{form}",
        data=data,
        content_type="multipart/form-data",
        headers={"X-Api-Key": door.key, **(headers or {})},
    )


def stored(door: Door) -> list[bytes]:
    folder = settings().storage_folder / str(door.town.id)
    return [file.read_bytes() for file in folder.rglob("*.jpg")]


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("names", [["media"], ["media[]"], ["media", "media"], ["media[]", "media[]"]], ids=str)
def test_photos_are_kept_as_new_pictures_of_the_report(door: Door, names: list[str], form: str) -> None:
    answer = post(door, *((name, a_photo(50 + place)) for place, name in enumerate(names)), form=form)

    assert answer.status_code == 201
    bind(door.town.id)
    report, photos = db.session.scalars(select(Report)).one(), db.session.scalars(select(Photo)).all()
    assert report.photos == len(photos) == len(names)
    for photo in photos:
        assert (photo.state, photo.staff_id, photo.cleared, photo.report_id) == ("ready", None, False, report.id)
        kept = storage.path(door.town.id, photo.name or "").read_bytes()
        assert (photo.width, photo.height, photo.size) == (60, 40, len(kept))
        assert b"CNRY" not in kept


def test_the_key_may_come_in_the_form_beside_the_photo(door: Door) -> None:
    assert post(door, ("media", a_photo()), headers={"X-Api-Key": ""}, api_key=door.key).status_code == 201
    assert post(door, ("media", a_photo()), headers={"X-Api-Key": ""}, api_key="wrong-key").status_code == 403


def test_a_photo_and_an_address_of_one_are_both_kept(door: Door) -> None:
    assert post(door, ("media", a_photo()), media_url="https://photos.example.org/1.jpg").status_code == 201
    bind(door.town.id)
    assert sorted(db.session.scalars(select(Photo.state))) == ["ready", "wanted"]


def test_the_same_photo_sent_again_under_one_id_is_one_report_and_another_photo_is_refused(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = post(door, ("media", a_photo()), external_id="x-1")
    decoded: list[bytes] = []
    remake = pictures.remake
    monkeypatch.setattr(pictures, "remake", lambda raw: decoded.append(raw) or remake(raw))

    again = post(door, ("media", a_photo()), external_id="x-1")
    other = post(door, ("media", a_photo(200)), external_id="x-1")

    assert (first.status_code, first.data) == (again.status_code, again.data) == (201, first.data)
    assert other.status_code == 422
    assert decoded == []  # a repetition costs no decoding
    assert written(door) == (1, 0, 1)


@pytest.mark.parametrize(
    ("raws", "words"),
    [
        ([b"GIF89a"], "File 1"),
        ([b""], "File 1"),
        ([a_photo(), b"x" * 2_000], "File 2"),
        ([a_photo()] * (media.MOST + 1), "at most 6"),
        ([b"\xff" * (pictures.MOST_BYTES + 1)], "10 MB"),
    ],
    ids=["gif", "empty", "second", "seven", "large"],
)
def test_what_is_no_photo_keeps_the_whole_report_out(door: Door, raws: list[bytes], words: str) -> None:
    before = len(stored(door))
    answer = post(door, *(("media", raw) for raw in raws))

    assert (answer.status_code, said(answer)[:7]) == (400, "media: ")
    assert words in said(answer)
    assert written(door) == (0, 0, 0)
    assert len(stored(door)) == before


def test_no_file_stays_when_the_report_fails_after_all(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_words: object, **_more: object) -> None:
        raise RuntimeError("no")

    before = len(stored(door))
    monkeypatch.setattr(intake, "receive", fail)
    assert post(door, ("media", a_photo())).status_code == 500
    assert len(stored(door)) == before


def test_wrong_words_are_said_before_a_photo_is_looked_at(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "remake", lambda raw: pytest.fail("decoded"))
    answer = post(door, ("media", a_photo()), lat="north")
    assert (answer.status_code, said(answer)[:5]) == (400, "lat: ")


def test_a_bad_key_in_the_header_is_refused_before_the_files_are_read(door: Door) -> None:
    class Unread(BytesIO):
        def read(self, *_size: object) -> bytes:
            pytest.fail("the body was read")

    answer = door.browser.post(
        "/open311/v2/requests.json",
        input_stream=Unread(),
        content_length=1_000_000,
        content_type="multipart/form-data; boundary=x",
        headers={"X-Api-Key": "wrong-key"},
    )
    assert answer.status_code == 403


def test_files_under_another_name_and_media_that_is_no_file_are_not_lost_unseen(door: Door) -> None:
    answer = post(door, ("photo", a_photo()))
    assert (answer.status_code, said(answer)) == (400, "photo: files come under the name media")
    answer = door.post({**GOOD, "media": "https://x.test/1.jpg"})
    assert (answer.status_code, said(answer)[:13]) == (400, "media: must b")
    assert written(door) == (0, 0, 0)


def test_parts_that_are_not_utf_8_are_refused(door: Door) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="description"\r\n\r\nd\xe9p\xf4t\r\n--x--\r\n'
    answer = door.post(body, kind="multipart/form-data; boundary=x")
    assert (answer.status_code, said(answer)) == (400, "description: must be UTF-8")

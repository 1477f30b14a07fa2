"""Photos on the report page: what is seen of them, adding more, saying that one names nobody."""

import io
import re

import pytest
from PIL import Image
from sqlalchemy import select, update

from authority_portal.config import settings
from authority_portal.domain.access.roles import Role
from authority_portal.domain.audit.models import AuditLine
from authority_portal.domain.reports.commands import photos
from authority_portal.domain.reports.models import Report
from authority_portal.domain.reports.photo_models import Photo
from authority_portal.foundation import clock, pictures
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report
from tests.builders.staff import a_member, signed_in


def a_file(colour=90):
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), (colour, 120, 90)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def town(house):
    return a_town()


@pytest.fixture
def report(town):
    return a_report(town)


@pytest.fixture
def desk(house, town):
    return signed_in(house, a_member(town, teams=["streets"]))


def send(browser, report, *raws, form_id="", **headers):
    files = [(io.BytesIO(raw), f"{number}.jpg") for number, raw in enumerate(raws)]
    return browser.post(
        f"/reports/{report.reference}/photos",
        data={"photos": files, "form_id": form_id},
        content_type="multipart/form-data",
        headers=headers,
    )


def rows(town):
    bind(town.id)
    return db.session.scalars(select(Photo).order_by(Photo.id).execution_options(populate_existing=True)).all()


def counts(town):
    bind(town.id)
    return tuple(db.session.execute(select(Report.photos, Report.cleared_photos)).one())


def stored_files():
    return [file for file in settings().storage_folder.rglob("*") if file.is_file()]


def test_photos_are_added_and_shown(town, report, desk):
    answer = send(desk, report, a_file(), a_file(10))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/reports/{report.reference}#photos")
    page = desk.get(f"/reports/{report.reference}").text
    small = re.findall(
        r'<img src="(/photos/[0-9a-f]{32}\?size=small)" alt="(Photo \d of 2, added [^"]+)" width="60" height="40"', page
    )
    assert len(small) == 2
    assert all(desk.get(address).status_code == 200 for address, _ in small)
    assert counts(town) == (2, 0)


def test_no_transaction_is_open_while_a_photo_is_decoded(town, report, desk, monkeypatch):
    seen, session, remake = [], db.session(), pictures.remake

    def look(raw):
        seen.append(session.in_transaction())
        return remake(raw)

    monkeypatch.setattr(pictures, "remake", look)
    assert send(desk, report, a_file(), a_file(10)).status_code == 303
    assert seen == [False, False]
    assert counts(town) == (2, 0)


def test_the_same_form_sent_twice_adds_its_photos_once(town, report, desk):
    form_id = re.search(
        r'action="[^"]+/photos".*?name="form_id" value="([^"]+)"', desk.get(f"/reports/{report.reference}").text, re.DOTALL
    )[1]
    twice = (a_file(), a_file())
    before = len(stored_files())

    for _ in range(2):
        assert send(desk, report, *twice, form_id=form_id).status_code == 303
    assert counts(town) == (2, 0)
    assert len(stored_files()) - before == 4
    assert send(desk, report, a_file(10), form_id=form_id).status_code == 303
    assert counts(town) == (3, 0)
    assert send(desk, report, a_file(), form_id="no id").status_code == 422


def test_with_htmx_the_fragment_comes_back(report, desk):
    answer = send(desk, report, a_file(), **{"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'id="photos"' in answer.text


@pytest.mark.parametrize(
    ("raws", "sentence"),
    [
        ([], "Choose a photo first."),
        ([b"%PDF-1.4"], "File 1: The file is not a photo we can read; JPEG, PNG and WebP are taken."),
        ([a_file(), b"GIF89a"], "File 2: The file is not a photo we can read; JPEG, PNG and WebP are taken."),
        ([a_file()] * 7, "Choose at most 6 photos at once."),
    ],
)
def test_what_is_no_photo_is_refused_beside_the_field(town, report, desk, raws, sentence):
    before = stored_files()
    answer = send(desk, report, *raws)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "new-photos-wrong" in answer.text
    assert rows(town) == []
    assert stored_files() == before


def test_a_full_report_takes_no_more_and_keeps_no_file(town, report, desk):
    with transaction():
        for _ in range(photos.MOST - 1):
            db.session.add(Photo(authority_id=town.id, report_id=report.id, state="wanted", added_at=clock.now()))
    before = stored_files()
    answer = send(desk, report, a_file(), a_file())
    assert answer.status_code == 422
    assert "A report has at most 20 photos." in answer.text
    assert len(rows(town)) == photos.MOST - 1
    assert stored_files() == before


def test_those_who_do_not_work_on_it_add_none(house, town, report):
    other = signed_in(house, a_member(town, teams=["parks"]))
    assert send(other, report, a_file()).status_code == 403
    assert 'id="new-photos"' not in other.get(f"/reports/{report.reference}").text
    assert send(signed_in(house, a_member(town, Role.ADMINISTRATOR)), report, a_file()).status_code == 403
    assert rows(town) == []


def test_nothing_is_decoded_for_those_who_may_not_add(house, town, report, desk):
    """A file that is no photo would be said to be none if anybody had looked at it."""
    assert send(signed_in(house, a_member(town, teams=["parks"])), report, b"no photo").status_code == 403
    absent = desk.post(
        "/reports/BOS-0000-0/photos", data={"photos": [(io.BytesIO(b"no photo"), "1.jpg")]}, content_type="multipart/form-data"
    )
    assert absent.status_code == 404


def test_a_photo_on_its_way_and_one_that_failed_say_so(town, desk):
    report = a_report(town, photo_urls=("http://example.org/a.jpg", "http://example.org/b.jpg"))
    with transaction():
        first = rows(town)[0].id
        gone = "the server answered 404"
        db.session.execute(update(Photo).where(Photo.id == first).values(state="failed", failure=gone, source_url=None))
    page = desk.get(f"/reports/{report.reference}").text
    assert "One photo is being fetched." in page
    assert "A photo could not be fetched: the server answered 404." in page
    assert "example.org" not in page.split('id="photos"')[1].split("</div>")[0]
    assert 'hx-trigger="every 5s"' in page


def test_clearing_lets_others_see_it_and_is_on_record(house, town, report, desk):
    send(desk, report, a_file())
    name = rows(town)[0].name
    other = signed_in(house, a_member(town, teams=["parks"]))
    address = f"/reports/{report.reference}/photos/{name}/clear"
    assert other.get(f"/photos/{name}").status_code == 404
    assert name not in other.get(f"/reports/{report.reference}").text
    for _ in range(2):
        assert desk.post(address, data={"cleared": "1"}).status_code == 303
    assert counts(town) == (1, 1)
    assert other.get(f"/photos/{name}").status_code == 200
    assert name in other.get(f"/reports/{report.reference}").text
    desk.post(address, data={"cleared": "0"})
    assert counts(town) == (1, 0)
    assert other.get(f"/photos/{name}").status_code == 404
    actions = list(
        db.session.scalars(select(AuditLine.action).where(AuditLine.action.startswith("photo:")).order_by(AuditLine.id))
    )
    assert actions == ["photo:added", "photo:cleared", "photo:uncleared"]


def test_others_cannot_clear_it(house, town, report, desk):
    send(desk, report, a_file())
    name = rows(town)[0].name
    other = signed_in(house, a_member(town, teams=["parks"]))
    assert other.post(f"/reports/{report.reference}/photos/{name}/clear").status_code == 403
    assert counts(town) == (1, 0)


def test_a_photo_of_another_report_is_not_found(town, report, desk):
    send(desk, report, a_file())
    name = rows(town)[0].name
    second = a_report(town)
    assert desk.post(f"/reports/{second.reference}/photos/{name}/clear").status_code == 404
    assert desk.post(f"/reports/{report.reference}/photos/{'0' * 32}/clear").status_code == 404

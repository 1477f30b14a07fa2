"""A report of Boston with one photo."""

import io

import pytest
from PIL import Image

from authority_portal.domain.reports.commands import photos
from authority_portal.domain.reports.models import Report
from authority_portal.foundation import pictures, storage
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.reports import a_report


def a_file(size: tuple[int, int] = (900, 600), form: str = "JPEG") -> bytes:
    """A photo as a resident's telephone makes it."""
    buffer = io.BytesIO()
    Image.new("RGB", size, (90, 120, 90)).save(buffer, form)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def picture():
    return pictures.remake(a_file())


@pytest.fixture
def town(house):
    return a_town()


@pytest.fixture
def a_photo(town, picture):
    """Add a photo to a report; gives back its name."""

    def added(report: Report | None = None, *, cleared: bool = False) -> str:
        report = report or a_report(town)
        bind(town.id)
        name = storage.new_name()
        storage.keep(town.id, name, picture.large, picture.small)
        with transaction():
            report = db.session.get_one(Report, report.id)
            photos.add(report, picture, name, by=town.house)
            if cleared:
                photos.clear(report, name, by=town.house)
        return name

    return added

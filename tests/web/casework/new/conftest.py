"""A town with questions of every kind, and a caseworker's browser before the form of a new report."""

import io
import re
from types import SimpleNamespace
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from authority_portal.domain.authorities.models import Question
from authority_portal.domain.reports.models import Report
from authority_portal.foundation.db import bind, db, transaction
from tests.builders.authorities import a_town
from tests.builders.staff import a_member, signed_in


def a_file(form="JPEG"):
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), (90, 120, 90)).save(buffer, form)
    return buffer.getvalue()


@pytest.fixture
def town(house):
    made = a_town()
    bind(made.id)
    with transaction():
        for code, datatype, options in (
            ("name", "string", []),
            ("count", "number", []),
            ("since", "datetime", []),
            ("more", "text", []),
            ("lanes", "multivaluelist", [{"key": "l", "name": "Left"}, {"key": "r", "name": "Right"}]),
        ):
            db.session.add(
                Question(
                    authority_id=made.id,
                    category_id=made.categories["pothole"],
                    code=code,
                    datatype=datatype,
                    prompt=f"Tell us: {code}",
                    options=options,
                    position=1,
                )
            )
        db.session.add(
            Question(
                authority_id=made.id,
                category_id=made.categories["pothole"],
                code="safety",
                datatype="string",
                prompt="Never stand in the road.",
                variable=False,
                position=2,
            )
        )
    return made


@pytest.fixture
def desk(house, town):
    """A caseworker's browser, and what it does with the form."""
    actor = a_member(town, teams=["streets"])
    browser = signed_in(house, actor)
    return SimpleNamespace(browser=browser, actor=actor)


def filled(**more):
    form = {
        "form_id": str(uuid4()),
        "channel": "phone",
        "category": "noise",
        "description": "A dog barks all night.",
        "address": "822 Parker St",
        "coordinates": "42.3297, -71.0993",
        "contact_locale": "en",
    }
    return {name: value for name, value in (form | more).items() if value is not None}


def answers(town, **given):
    """Values by question code, as the form names them."""
    bind(town.id)
    ids = dict(db.session.execute(select(Question.code, Question.id)).all())
    db.session.rollback()
    return {f"answer-{ids[code]}": value for code, value in given.items()} | {"category": "pothole", "asked_of": "pothole"}


def send(desk, files=(), **more):
    data = filled(**more) | {"photos": [(io.BytesIO(raw), name) for raw, name in files]}
    return desk.browser.post("/reports/new", data=data, content_type="multipart/form-data")


def saved(town):
    bind(town.id)
    return db.session.scalars(select(Report).order_by(Report.id)).all()


def wrong(answer):
    """Sentences of the summary."""
    assert answer.status_code == 422
    part = answer.text.split('id="error-summary"')[1].split("</div>")[0]
    return [re.sub("<[^>]+>", "", line).strip() for line in re.findall("<li>(.*?)</li>", part, re.DOTALL)]

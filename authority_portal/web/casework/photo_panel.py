"""The photos on a report's page: what is shown of each, and what was wrong with those just sent."""

from collections.abc import Sequence
from functools import cached_property
from uuid import uuid4

from flask import g
from flask_babel import gettext

from authority_portal.domain.reports import policy
from authority_portal.domain.reports.commands.photos import MOST
from authority_portal.domain.reports.queries import photos
from authority_portal.domain.reports.queries.photos import SeenPhoto
from authority_portal.domain.reports.queries.report import SeenReport
from authority_portal.web import rendering


class PhotoPanel:
    """One report's photos for the reader of this request."""

    def __init__(self, report: SeenReport, wrong: Sequence[str] = ()) -> None:
        self.report, self.wrong = report, wrong
        self.form_id = uuid4()
        self.may_note = policy.may_note(g.actor, report)
        self.may_clear = self.may_note and policy.may_see_photos(g.actor, report)

    @cached_property
    def all(self) -> tuple[SeenPhoto, ...]:
        return photos.of(self.report, by=g.actor)

    @property
    def ready(self) -> list[SeenPhoto]:
        return [photo for photo in self.all if photo.state == "ready"]

    @property
    def wanted(self) -> int:
        """How many are still being fetched."""
        return sum(photo.state == "wanted" for photo in self.all)

    @property
    def failed(self) -> list[SeenPhoto]:
        return [photo for photo in self.all if photo.state == "failed"]

    @property
    def room(self) -> int:
        """How many more the report takes."""
        return max(0, MOST - len(self.ready) - self.wanted)

    def words(self, position: int, photo: SeenPhoto) -> str:
        """What a photo is called where it cannot be seen. Nobody described it, so this says no more than is known."""
        return gettext(
            "Photo %(number)s of %(count)s, added %(when)s",
            number=position,
            count=len(self.ready),
            when=rendering.short_text(photo.added_at),
        )

"""The form of a report that staff write down for a resident. Nothing typed is lost when something is wrong."""

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from babel import Locale
from flask import g, request
from flask_babel import gettext, lazy_gettext
from wtforms import Field, HiddenField, MultipleFileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from authority_portal.channels.wording import spoken
from authority_portal.config import settings
from authority_portal.domain.people import contact
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports.workflow import Channel
from authority_portal.foundation import clock, parsing, sentences
from authority_portal.foundation.errors import Invalid
from authority_portal.foundation.geo import Point
from authority_portal.web import rendering
from authority_portal.web.casework.forms import DeskForm, Typed, line, of_field, words
from authority_portal.web.casework.naming import WANTED_CHANNELS
from authority_portal.web.casework.new_questions import Questions

DESCRIPTION_LIMIT, ADDRESS_LIMIT, NAME_LIMIT, POSTAL_LIMIT = 4_000, 300, 200, 500
CAME_BY = {
    Channel.PHONE: lazy_gettext("Phone"),
    Channel.COUNTER: lazy_gettext("Counter"),
    Channel.LETTER: lazy_gettext("Letter"),
    Channel.EMAIL: lazy_gettext("E-mail"),
    Channel.SOCIAL: lazy_gettext("Social media"),
}
WALL_FORMAT = "%Y-%m-%dT%H:%M"
LEFT_OUT_OF_DIGEST = frozenset({"csrf_token", "form_id", "asked_of", "photos"})


def _position(text: str) -> Point | None:
    return parsing.position(parsing.words(text, most=60)) if text.strip() else None


class NewReportForm(DeskForm):
    """Everything about a report that came by phone, at the counter, by letter, by e-mail or by social media."""

    form_id = HiddenField(lazy_gettext("Form"), [Typed(parsing.uuid)])
    channel = RadioField(lazy_gettext("How it came in"), [InputRequired(lazy_gettext("Choose how the report came in."))])
    received = StringField(lazy_gettext("When it came in"), id="received")
    category = SelectField(
        lazy_gettext("Category"), [InputRequired(lazy_gettext("Choose a category."))], id="category", validate_choice=False
    )
    description = TextAreaField(lazy_gettext("What the resident says"), [words(DESCRIPTION_LIMIT)], id="description")
    address = StringField(lazy_gettext("Address or description of the place"), [line(ADDRESS_LIMIT)], id="address")
    coordinates = StringField(lazy_gettext("Position"), [Typed(_position)], id="coordinates")
    photos = MultipleFileField(lazy_gettext("Photos"), id="photos")
    contact_name = StringField(lazy_gettext("Name"), [line(NAME_LIMIT)], id="contact-name")
    contact_email = StringField(lazy_gettext("E-mail"), id="contact-email")
    contact_phone = StringField(lazy_gettext("Phone"), id="contact-phone")
    contact_address = TextAreaField(lazy_gettext("Postal address"), [words(POSTAL_LIMIT)], id="contact-address")
    contact_channel = RadioField(lazy_gettext("Wants to hear"), validate_choice=False)
    contact_locale = SelectField(lazy_gettext("Language"), id="contact-locale", validate_choice=False)

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.channel.choices = [(key.value, str(name)) for key, name in CAME_BY.items()]
        self.contact_channel.choices = [(key, str(name)) for key, name in WANTED_CHANNELS.items()]
        self.contact_locale.choices = [(name, _language(name)) for name in sorted(spoken())]
        self.form_id.data = self.form_id.data or str(uuid4())
        self.received.data = self.received.data or clock.now().astimezone(rendering.zone()).strftime(WALL_FORMAT)
        self.contact_locale.data = self.contact_locale.data or _own_language()
        self.contact = Contact()
        self.received_at: datetime | None = None
        self.answers: list[dict[str, Any]] = []

    def renew(self) -> None:
        """What is sent next is another report."""
        self.form_id.data = str(uuid4())

    def check(self, questions: Questions | None, photos: list[str]) -> bool:
        """Whether everything is right: the fields, the contact, the answers to `questions`, and the `photos`, of which the
        caller gives what is wrong. All of it stands beside its field afterwards."""
        self.validate()
        self.photos.errors = photos
        self._check_contact()
        if questions is not None:
            self._check_answers(questions)
        elif not self.category.errors:
            self.category.errors = [gettext("Choose a category from the list.")]
        return not self.errors and not (questions and questions.faulty)

    def validate_received(self, field: Field) -> None:
        """A time of the authority's clocks that has been. Letters may be older than today."""
        try:
            self.received_at = parsing.wall_time(field.data or "", ZoneInfo(g.authority.zone))
        except ValueError as error:
            raise ValidationError(of_field(field, sentences.of(error))) from None
        if self.received_at > clock.now():
            raise ValidationError(gettext("The time it came in lies in the future."))

    def validate_coordinates(self, field: Field) -> None:
        """A report has to say where: in words, as a position, or both."""
        if not (field.data or "").strip() and not (self.address.data or "").strip():
            raise ValidationError(gettext("Say where it is: give an address, click on the map, or type a position."))

    def validate_contact_locale(self, field: Field) -> None:
        """Only languages there are words in."""
        if field.data not in spoken():
            raise ValidationError(gettext("Choose a language from the list."))

    @property
    def source_id(self) -> str:
        """Names this filling-in of the form, so that a second click makes no second report."""
        return str(UUID(self.form_id.data))

    def digest(self, photos: list[bytes]) -> bytes:
        """Of everything that was said. Keyed, so that nobody can try out phone numbers against a stored one."""
        said = sorted((name, text) for name, text in request.form.items(multi=True) if name not in LEFT_OUT_OF_DIGEST)
        seen = [hashlib.sha256(raw).hexdigest() for raw in photos]
        canonical = json.dumps([said, seen], ensure_ascii=True, separators=(",", ":"))
        return hmac.digest(f"staff|{settings().SECRET_KEY}".encode(), canonical.encode(), hashlib.sha256)

    def _check_contact(self) -> None:
        try:
            self.contact = contact.read(
                region=g.authority.region,
                name=self.contact_name.data or "",
                email=(self.contact_email.data or "").strip(),
                phone=(self.contact_phone.data or "").strip(),
                address=self.contact_address.data or "",
                locale=self.contact_locale.data,
                channel=self.contact_channel.data or None,
            )
        except Invalid as error:
            for name, sentence in error.fields.items():
                field = self[f"contact_{name}"]
                if not field.errors:
                    field.errors = [of_field(field, sentence)]

    def _check_answers(self, questions: Questions) -> None:
        if questions.unasked:
            self.category.errors = [gettext("This category asks questions. They stand below now: ask them, then save again.")]
            return
        try:
            self.answers = questions.answers()
        except Invalid as error:
            questions.refuse(error.fields)


def _own_language() -> str:
    """What residents are written to in where nobody said anything else."""
    own = str(g.authority.locale).partition("_")[0]
    return own if own in spoken() else "en"


def _language(name: str) -> str:
    return str(Locale.parse(name).get_display_name(rendering.locale())).capitalize()

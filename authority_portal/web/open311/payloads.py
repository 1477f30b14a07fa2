"""From fields to plain values the domain understands, or an Open311 error that names every wrong field at once.

Fields that GeoReport v2 does not know are ignored, never applied. Extensions, all optional: `external_id` or the header
`Idempotency-Key` makes a POST repeatable; `locale` is the resident's language (Accept-Language would be the sending
machine's).
"""

import re
from typing import Any
from urllib.parse import urlsplit

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.authorities.card import Card
from authority_portal.domain.people import contact
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports import answering
from authority_portal.domain.reports.commands.intake import NewReport, misplaced
from authority_portal.domain.reports.queries import public
from authority_portal.domain.reports.workflow import Channel
from authority_portal.foundation import parsing
from authority_portal.foundation.errors import Invalid, NotFound
from authority_portal.foundation.geo import Point
from authority_portal.web.open311 import repeats
from authority_portal.web.open311.fields import LOCALE, LONGEST_DESCRIPTION, LONGEST_URL
from authority_portal.web.open311.reading import Reading
from authority_portal.web.open311.wire import Fields

_LOCALE = re.compile(rf"{LOCALE}\Z")
_NOT_IN_URLS = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")


def new_report(fields: Fields, *, authority: Card, by: Actor) -> NewReport:
    """A report as a client sent it. Raises Refused (400) naming every wrong field."""
    reading = Reading(fields, (*repeats.CONTENT, "external_id"))
    category, answers = _answers(reading, authority)
    position, address = _place(reading, authority)
    description = reading.read("description", lambda text: parsing.words(text, most=LONGEST_DESCRIPTION, lines=True), "")
    photo = reading.read("media_url", web_address, "")
    person = _contact(reading, authority)
    source_id = repeats.source_id(reading)
    reading.done()
    return NewReport(
        category=category,
        channel=Channel.APP,
        source=repeats.source(by),
        source_id=source_id or None,
        source_digest=repeats.digests(fields)[0] if source_id else None,
        description=description,
        answers=answers,
        position=position,
        address=address,
        contact=person,
        photo_urls=(photo,) if photo else (),
    )


def web_address(text: str) -> str:
    """An http or https address in proper form. Whether it may be fetched is decided by whoever fetches it."""
    try:
        parts = urlsplit(text)
        plain = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and "@" not in parts.netloc
    except ValueError:
        plain = False
    if not plain or len(text) > LONGEST_URL or _NOT_IN_URLS.search(text) or not parsing.words(text, most=LONGEST_URL):
        raise ValueError("must be one http or https address such as https://example.org/photo.jpg")
    return text


def _answers(reading: Reading, authority: Card) -> tuple[Any, list[dict[str, Any]]]:
    code = reading.line("service_code")
    if not code:
        reading.wrong.setdefault("service_code", "is required")
        return None, []
    try:
        category, questions = public.service(code, authority.id)
    except NotFound:
        reading.wrong["service_code"] = "there is no such service; ask services.xml or services.json for the present ones"
        return None, []
    try:
        return category, answering.answered(questions, reading.fields.attributes)
    except Invalid as invalid:
        for asked, sentence in invalid.fields.items():
            reading.wrong.setdefault(f"attribute[{asked}]", sentence)
        return category, []


def _place(reading: Reading, authority: Card) -> tuple[Point | None, str]:
    values = reading.fields.values
    lat_text, lon_text = values.get("lat", "").strip(), values.get("long", "").strip()
    lat = reading.read("lat", parsing.latitude, None)
    lon = reading.read("long", parsing.longitude, None)
    address, address_id = reading.line("address_string"), reading.line("address_id")
    if bool(lat_text) != bool(lon_text):
        reading.wrong.setdefault("long" if lat_text else "lat", "lat and long are given together")
    elif not (lat_text or address or address_id or {"address_string", "address_id"} & reading.wrong.keys()):
        reading.wrong.setdefault("lat", "a place is required: lat and long, address_string or address_id")
    if address_id:
        address = f"{address} ({address_id})" if address else address_id
    if lat is None or lon is None:
        _hint_at_a_swap(reading, authority, lat_text, lon_text)
        return None, address
    position = Point(lat, lon)
    sentence = misplaced(position, authority)
    if sentence:
        reading.wrong["lat"] = reading.wrong["long"] = sentence
    return position, address


def _hint_at_a_swap(reading: Reading, authority: Card, lat: str, lon: str) -> None:
    try:
        swapped = parsing.point(lon, lat)
    except ValueError:
        return
    if "lat" in reading.wrong and authority.bounds.holds(swapped):
        reading.wrong["lat"] += ". Latitude and longitude look swapped."


def _contact(reading: Reading, authority: Card) -> Contact:
    names = (reading.line("first_name"), reading.line("last_name"))
    device, account = reading.line("device_id"), reading.line("account_id")
    locale = reading.read("locale", _locale, None)
    ids = (device and f"device:{device}", account and f"account:{account}")
    values = reading.fields.values
    try:
        return contact.read(
            region=authority.region,
            name=" ".join(name for name in names if name),
            email=values.get("email", ""),
            phone=values.get("phone", ""),
            device=" ".join(given for given in ids if given),
            locale=locale,
        )
    except Invalid as invalid:
        for field, sentence in invalid.fields.items():
            reading.wrong.setdefault(field, sentence)
        return Contact()


def _locale(text: str) -> str:
    if not _LOCALE.match(text):
        raise ValueError("must be a language such as en or pt-BR")
    language, _, region = text.replace("-", "_").partition("_")
    return f"{language}_{region.upper()}" if len(region) == 2 else language

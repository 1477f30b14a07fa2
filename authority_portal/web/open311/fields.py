"""Every field this door reads, once: parsers take their lengths from here, and `openapi.json` is drawn from it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

WINDOW = timedelta(days=90)
MOST_ROWS = 1_000
MOST_IDS = 50
MOST_CODES = 100
MOST_PAGE = 100_000
LONGEST_CODE = 200
LONGEST_ID = 200
LONGEST_DESCRIPTION = 4_000
LONGEST_CODES = 4_000
LONGEST_URL = 2_000
LONGEST_STATUS = 40
STATUS = "^(open|closed)(,(open|closed))*$"
LOCALE = r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `most`: characters; `example`: a text as it goes over the wire; `kind`: more of its JSON schema."""

    name: str
    words: str
    most: int
    example: str = ""
    kind: dict[str, Any] = field(default_factory=dict)
    required: bool = False


JURISDICTION = Field("jurisdiction_id", "The authority's slug. Needed only where one address serves several authorities.", 41)

PLACE = (
    Field("lat", "Degrees north, WGS 84, with a decimal point; together with long.", 30, "42.3297", {"format": "decimal"}),
    Field("long", "Degrees east, WGS 84, with a decimal point; together with lat.", 30, "-71.0993", {"format": "decimal"}),
    Field("address_string", "Where it is, in words.", 500, "822 Parker St"),
    Field("address_id", "Where it is, by the authority's number of the address.", 100, "P-17"),
)
"""One of these is needed; lat and long count as one."""

CONTENT = (
    Field("service_code", "What it is about: an opaque text from the list of services.", LONGEST_CODE, required=True),
    *PLACE,
    Field("description", "What is wrong, in plain text.", LONGEST_DESCRIPTION, "A deep hole beside the tram."),
    Field(
        "media_url",
        "Where a photo is. It is fetched later; only pixels are kept.",
        LONGEST_URL,
        "https://example.org/1.jpg",
        {"pattern": "^https?://"},
    ),
    Field("email", "The resident's e-mail address.", 254, "rosa@example.org", {"format": "email"}),
    Field("device_id", "The app's own name of the device.", 140, "d-1"),
    Field("account_id", "The app's own name of the account.", 140, "a-1"),
    Field("first_name", "The resident's first name.", 99, "Rosa"),
    Field("last_name", "The resident's last name.", 99, "Example"),
    Field("phone", "The resident's phone number; without a country code it is read as one of the authority's country.", 40),
    Field("locale", "The language in which the resident is written to (our extension).", 8, "pt-BR", {"pattern": f"^{LOCALE}$"}),
)
"""What a report is made of; a POST sent again is the same only if all of this is the same. The order goes into a digest."""

EXTERNAL_ID = Field(
    "external_id",
    "The client's own id of this POST (our extension), as the header Idempotency-Key: sent again it gives the same answer.",
    LONGEST_ID,
    "app-17",
)
API_KEY = Field("api_key", "The client's key, if it does not come in a header.", LONGEST_ID)
POST = (*CONTENT, EXTERNAL_ID, JURISDICTION, API_KEY)
LONGEST = {each.name: each.most for each in POST}

EXTENSIONS = Field("extensions", "Adds extended_attributes and notes to each report.", 5, "true", {"enum": ["true", "false"]})
SEARCH = (
    Field("service_code", f"Only these services: up to {MOST_CODES} codes with commas.", LONGEST_CODES),
    Field(
        "start_date", "Only reports that came in from then on: a time with its offset.", 35, "2026-11-01T00:00:00Z",
        {"format": "date-time"},
    ),
    Field(
        "end_date", f"Only reports that came in until then; at most {WINDOW.days} days after start_date.", 35,
        "2026-11-22T10:24:00Z", {"format": "date-time"},
    ),
    Field("status", "open, closed, or both with a comma.", LONGEST_STATUS, "open", {"pattern": STATUS}),
    Field("page", "Which page, from 1.", 6, "1", {"type": "integer", "minimum": 1, "maximum": MOST_PAGE}),
    Field("page_size", "How many reports a page holds.", 4, "50", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}),
    EXTENSIONS,
)  # fmt: skip
UPDATES = tuple(each for each in SEARCH if each.name in ("start_date", "end_date", "page", "page_size"))
"""The dates mean when a step became public."""
REQUEST_IDS = Field(
    "service_request_id",
    f"Only these reports: up to {MOST_IDS} ids with commas. Nothing else counts then.",
    2_000,
)


def names(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """Their names in their order."""
    return tuple(each.name for each in fields)

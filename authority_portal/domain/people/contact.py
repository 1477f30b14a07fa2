"""A resident's contact as it is given: checked, brought into one form, not yet sealed."""

from dataclasses import dataclass

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from authority_portal.foundation import parsing, sentences
from authority_portal.foundation.errors import Invalid
from authority_portal.foundation.sentences import Sentence

CHANNELS = ("email", "sms", "phone", "letter", "none")


@dataclass(frozen=True, slots=True, repr=False)
class Contact:
    """Checked contact details. Never logged: it has no text form with values."""

    name: str = ""
    email: str = ""
    phone: str = ""
    """E.164."""
    address: str = ""
    device: str = ""
    locale: str | None = None
    channel: str = "none"

    def __repr__(self) -> str:
        return "<contact>"

    @property
    def empty(self) -> bool:
        """Nothing given that could reach or name anybody."""
        return not (self.name or self.email or self.phone or self.address or self.device)


def email_address(text: str) -> str:
    """One deliverable-looking address in normal form. Raises ValueError with a sentence."""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise ValueError(Sentence("must be one e-mail address such as name@example.org")) from None


def on_the_wire(address: str) -> str:
    """A checked address with its domain in ASCII, by the rules it was checked with. Raises ValueError.

    The codec of the standard library follows IDNA 2003, which makes straße.de into strasse.de: somebody else's domain.
    """
    read = validate_email(address, check_deliverability=False, test_environment=True)
    return f"{read.local_part}@{read.ascii_domain}"


def phone_number(text: str, region: str) -> str:
    """A phone number in E.164. `region` (ISO country) reads numbers without a country code."""
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise ValueError(Sentence("must be a phone number such as +1 617 555 0123")) from None
    if not phonenumbers.is_possible_number(parsed):
        raise ValueError(Sentence("must be a phone number such as +1 617 555 0123"))
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def read(
    *,
    region: str,
    name: str = "",
    email: str = "",
    phone: str = "",
    address: str = "",
    device: str = "",
    locale: str | None = None,
    channel: str | None = None,
) -> Contact:
    """Check what somebody gave. Raises Invalid with every wrong field at once.

    `channel` None picks the best reachable one: e-mail, else none. A channel without its address is refused.
    """
    wrong: dict[str, str] = {}

    def checked(field: str, value: str, most: int) -> str:
        try:
            return parsing.words(value, most=most, lines=field == "address")
        except ValueError as error:
            wrong[field] = sentences.of(error)
            return ""

    name, address, device = checked("name", name, 200), checked("address", address, 500), checked("device", device, 300)
    email, phone = checked("email", email, 254), checked("phone", phone, 40)
    for field, value in (("email", email), ("phone", phone)):
        if not value:
            continue
        try:
            if field == "email":
                email = email_address(value)
            else:
                phone = phone_number(value, region)
        except ValueError as error:
            wrong[field] = sentences.of(error)
    chosen = channel or ("email" if email else "none")
    needs = {"email": ("email", email), "sms": ("phone", phone), "phone": ("phone", phone), "letter": ("address", address)}
    if chosen not in CHANNELS:
        wrong["channel"] = Sentence("must be one of %(choices)s", choices=", ".join(CHANNELS))
    elif chosen in needs and not needs[chosen][1] and needs[chosen][0] not in wrong:
        wrong[needs[chosen][0]] = Sentence("is needed for the channel the resident wants")
    if wrong:
        raise Invalid(wrong)
    return Contact(name, email, phone, address, device, locale, chosen)

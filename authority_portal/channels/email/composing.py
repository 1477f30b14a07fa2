"""An e-mail from its words: two parts, the authority as sender, one click to stop, the same identity at every attempt."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from authority_portal.channels import wording
from authority_portal.channels.contract import Mailing, Words
from authority_portal.config import settings
from authority_portal.domain.people import contact
from authority_portal.foundation import clock

LONGEST_LINE = 990


def compose(words: Words, to: Mailing) -> EmailMessage:
    """The message as RFC 5322 wants it. Seven-bit throughout, but for an address that is not."""
    authority, sender, address = to.letter.authority, settings().MAIL_FROM, mailbox(to.address)
    ours = authority.mail_from or sender
    # Long lines are allowed by SMTP; folding would turn a long link into encoded words that no program reads as a link.
    made = EmailMessage(policy=SMTP.clone(utf8=not address.isascii(), max_line_length=LONGEST_LINE))
    made["From"] = Address(authority.name, addr_spec=ours)
    made["Reply-To"] = Address(authority.name, addr_spec=ours)
    made["To"] = Address(addr_spec=address) if address.isascii() else address
    made["Subject"] = words.subject
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = f"<{to.key}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    if to.letter.unsubscribe:
        made["List-Unsubscribe"] = f"<{wording.unsubscribe_address(to.letter)}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made["Content-Language"] = to.letter.locale.replace("_", "-")
    made.set_content(words.text, cte="quoted-printable")
    made.add_alternative(words.html, subtype="html", cte="quoted-printable")
    return made


def mailbox(address: str) -> str:
    """The address with its domain as DNS knows it; only a local part beyond ASCII needs SMTPUTF8 then."""
    return contact.on_the_wire(address)

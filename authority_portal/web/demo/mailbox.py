"""The folder in which the demo's SMTP sink keeps what residents were sent. Read only; a file name never leads elsewhere."""

import email
import email.policy
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z.-]{0,100}\.eml\Z", re.ASCII)
_LINK = re.compile(r"https?://[!-~]+")
SHOWN_AT_MOST = 200
HEADERS = (
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Message-ID",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
)


@dataclass(frozen=True)
class Summary:
    """A line of the list. `sender` is the name beside the address."""

    name: str
    sender: str
    to: str
    subject: str
    sent_at: datetime | None


@dataclass(frozen=True)
class Mail:
    """One mail, as text: headers, the plain part, the source of the HTML part, and the addresses named in the plain part."""

    headers: list[tuple[str, str]]
    sender: str
    subject: str
    sent_at: datetime | None
    text: str
    html: str
    links: list[str]


def newest(folder: Path) -> list[Summary]:
    """The mails that arrived last, the newest first. Names sort by arrival."""
    names = sorted((file.name for file in folder.glob("*.eml") if _NAME.match(file.name)), reverse=True)
    return [_summary(folder, name) for name in names[:SHOWN_AT_MOST]]


def read(folder: Path, name: str) -> Mail | None:
    """One mail by its file's name; None if there is none or the name is not one of ours."""
    if not _NAME.match(name) or not (folder / name).is_file():
        return None
    mail = _parsed(folder / name)
    text = _part(mail, "plain")
    return Mail(
        headers=[(header, str(mail[header])) for header in HEADERS if mail[header]],
        sender=_sender(mail),
        subject=str(mail["Subject"] or ""),
        sent_at=_sent_at(mail),
        text=text,
        html=_part(mail, "html"),
        links=_LINK.findall(text),
    )


def _summary(folder: Path, name: str) -> Summary:
    mail = _parsed(folder / name)
    return Summary(name, _sender(mail), str(mail["To"] or ""), str(mail["Subject"] or ""), _sent_at(mail))


def _sender(mail: EmailMessage) -> str:
    addresses = getattr(mail["From"], "addresses", ())
    return str(addresses[0].display_name) if addresses else ""


def _sent_at(mail: EmailMessage) -> datetime | None:
    """The moment the mail names; None for one that names none that can be read."""
    sent_at: datetime | None = getattr(mail["Date"], "datetime", None)
    # Without a zone the moment is Coordinated Universal Time (RFC 5322, 3.3: -0000).
    return sent_at.replace(tzinfo=UTC) if sent_at is not None and sent_at.tzinfo is None else sent_at


def _parsed(file: Path) -> EmailMessage:
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):
        return ""

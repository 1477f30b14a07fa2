"""The invitation of staff as an e-mail: who invites, to what, the link, and until when it opens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import current_app
from flask_babel import force_locale, get_locale, gettext

from authority_portal.channels.contract import Words
from authority_portal.channels.naming import role_name
from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities.card import Card


@dataclass(frozen=True, slots=True)
class Heading:
    """The authority writes, in its own language; there is nothing to stop."""

    authority: Card
    locale: str
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Invited:
    """One invitation, ready to be written. Never logged: it has no text form."""

    letter: Heading
    address: str
    key: str
    link: str = field(repr=False)
    roles: Sequence[Role]
    ends_at: datetime

    def __repr__(self) -> str:
        return "<invitation>"


def write(invited: Invited) -> Words:
    """Subject, text and HTML."""
    authority = invited.letter.authority
    with force_locale(invited.letter.locale):
        zone = ZoneInfo(authority.zone)
        known = {
            "authority": authority,
            "link": invited.link,
            "roles": [role_name(role) for role in invited.roles],
            "until": format_datetime(
                invited.ends_at.astimezone(zone), gettext("EEE d MMM y, HH:mm"), tzinfo=zone, locale=get_locale()
            ),
            "language": str(get_locale()).replace("_", "-"),
        }
        find = current_app.jinja_env.get_template
        known["subject"] = " ".join(find("staff/messages/invitation/subject.txt").render(known).split())[:200]
        return Words(
            subject=known["subject"],
            text=find("staff/messages/invitation/body.txt").render(known).strip() + "\n",
            html=find("staff/messages/invitation/body.html").render(known),
        )

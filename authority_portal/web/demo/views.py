"""`/demo/messages`: what residents were sent, for people who try the portal. In production there is no such page."""

from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, g, render_template

from authority_portal.config import settings
from authority_portal.domain.authorities import card
from authority_portal.foundation import clock
from authority_portal.web import rendering
from authority_portal.web.demo import mailbox
from authority_portal.web.guard import public

demo = Blueprint("demo", __name__, url_prefix="/demo")


@demo.get("/messages")
@public
def messages() -> str:
    """The newest mails."""
    mails = mailbox.newest(_folder())
    now, locale = clock.now(), rendering.locale()
    zones = {mail.sender: _zone(mail.sender) for mail in mails}
    moments = {name: rendering.Moments(zone, locale, now.astimezone(zone).date()) for name, zone in zones.items()}
    return render_template("demo/messages.html", mails=mails, moments=moments)


@demo.get("/messages/<name>")
@public
def message(name: str) -> str:
    """One mail, every part of it shown as text."""
    mail = mailbox.read(_folder(), name)
    if mail is None:
        abort(404)
    g.zone = _zone(mail.sender)
    ours = settings().BASE_URL + "/"
    return render_template("demo/message.html", mail=mail, links=[link for link in mail.links if link.startswith(ours)])


def _zone(sender: str) -> ZoneInfo:
    """The zone of the authority that sends under this name: its residents' clocks show it."""
    return ZoneInfo(next((each.zone for each in card.cards() if each.name == sender), "UTC"))


def _folder() -> Path:
    """Residents of the demo are invented; real ones' mail is nobody's to read."""
    if settings().ENV == "production" or not settings().MAIL_FOLDER:
        abort(404)
    return Path(settings().MAIL_FOLDER)

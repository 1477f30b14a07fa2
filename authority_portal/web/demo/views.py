"""`/demo/messages`: what residents were sent, for people who try the portal. In production there is no such page."""

from pathlib import Path

from flask import Blueprint, abort, render_template

from authority_portal.config import settings
from authority_portal.web.demo import mailbox
from authority_portal.web.guard import public

demo = Blueprint("demo", __name__, url_prefix="/demo")


@demo.get("/messages")
@public
def messages() -> str:
    """The newest mails."""
    return render_template("demo/messages.html", mails=mailbox.newest(_folder()))


@demo.get("/messages/<name>")
@public
def message(name: str) -> str:
    """One mail, every part of it shown as text."""
    mail = mailbox.read(_folder(), name)
    if mail is None:
        abort(404)
    ours = settings().BASE_URL + "/"
    return render_template("demo/message.html", mail=mail, links=[link for link in mail.links if link.startswith(ours)])


def _folder() -> Path:
    """Residents of the demo are invented; real ones' mail is nobody's to read."""
    if settings().ENV == "production" or not settings().MAIL_FOLDER:
        abort(404)
    return Path(settings().MAIL_FOLDER)

"""The door of somebody who was invited: look at the invitation, choose a password, once.

Looking changes nothing, so that programs which open links in mails do no harm. Whatever is wrong with a token, the answer is
the same to the byte.
"""

from typing import Any

from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from authority_portal.channels.naming import role_name
from authority_portal.domain.authorities import card
from authority_portal.domain.staff import invitations, passwords
from authority_portal.domain.staff.invitations import Found
from authority_portal.foundation.db import bind, transaction
from authority_portal.foundation.errors import Invalid, NotFound
from authority_portal.web.guard import public
from authority_portal.web.rendering import said

invited = Blueprint("invitations", __name__)

LARGEST_BODY = 16 * 1024
"""Bytes: one field."""


class AcceptForm(FlaskForm):
    """A password of one's own."""

    password = PasswordField(
        lazy_gettext("Password"), [InputRequired(lazy_gettext("Enter a password.")), Length(max=1_000)], id="password"
    )


@invited.after_request
def protect(answer: Response) -> Response:
    """The address is a secret: it is named to no other page, kept by nobody and found by no search engine."""
    # Without an origin a browser's own form would be refused; the path stays secret either way.
    answer.headers["Referrer-Policy"] = "strict-origin"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@invited.get("/invited")
@public
def ready() -> str:
    """The same for everybody: the way on to the sign-in."""
    only = card.cards()
    g.authority = only[0] if len(only) == 1 else None
    return render_template("invitations/ready.html")


@invited.get("/invitation/", defaults={"token": ""})
@invited.get("/invitation/<path:token>")
@public
def show(token: str) -> Any:
    """What somebody is invited to, and a form. Changes nothing."""
    found = _found(token)
    return _gone() if found is None else _page(found, AcceptForm(formdata=None))


@invited.post("/invitation/", defaults={"token": ""})
@invited.post("/invitation/<path:token>")
@public
def accept(token: str) -> Any:
    """Set the password and give the roles; the token is used up with that."""
    request.max_content_length = LARGEST_BODY
    found, form = _found(token), AcceptForm()
    if found is None:
        return _gone()
    hashed = _hashed(form, found) if form.validate() else None
    if hashed is None:
        return _page(found, form, 422)
    try:
        with transaction():
            invitations.accept(token, hashed)
    except NotFound:
        return _gone()
    return redirect(url_for(".ready"), code=303)


def _found(token: str) -> Found | None:
    """What the token opens; from then on its authority is bound, and the page speaks its language."""
    try:
        found = invitations.find(token)
    except NotFound:
        return None
    g.authority = card.by_id(found.authority_id)
    bind(found.authority_id)
    return found


def _hashed(form: AcceptForm, found: Found) -> str | None:
    """Hashing takes long and waits outside of any transaction."""
    password = form.password.data
    try:
        passwords.check_new(password, about=(found.name, found.email, g.authority.name))
    except Invalid as wrong:
        form.password.errors = [gettext("The password %(sentence)s.", sentence=said(wrong.fields["password"]))]
        return None
    return passwords.hashed(password)


def _page(found: Found, form: AcceptForm, status: int = 200) -> tuple[str, int]:
    names = [role_name(role) for role in found.roles]
    return render_template("invitations/show.html", found=found, form=form, roles=names, shortest=passwords.SHORTEST), status


def _gone() -> Response:
    return make_response(render_template("invitations/gone.html"), 404)

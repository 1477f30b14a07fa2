"""One's own account: password, appearance, open sessions, authority."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities import card
from authority_portal.domain.staff import account as own
from authority_portal.domain.staff import passwords, sessions, throttle
from authority_portal.foundation.db import transaction
from authority_portal.foundation.errors import Invalid
from authority_portal.web import guard
from authority_portal.web.account import browsers
from authority_portal.web.account.forms import AppearanceForm, AuthorityForm, PasswordForm
from authority_portal.web.browser_session import cookie_name, set_cookie
from authority_portal.web.guard import requires
from authority_portal.web.rendering import said

account = Blueprint("account", __name__, url_prefix="/account")


@account.get("")
@requires(Permission.ACCOUNT_OWN)
def show() -> Any:
    """Everything about one's own account on one page."""
    return _page()


@account.post("/password")
@requires(Permission.ACCOUNT_OWN)
def change_password() -> Any:
    """A new password; every other session ends and this one gets a new secret."""
    form = PasswordForm()
    if not form.validate() or not _is_own(form) or (new_hash := _checked(form)) is None:
        return _page(password=form, status=422)
    with transaction():
        own.change_password(g.entrance, new_hash, by=g.actor)
        secret = _renewed(gettext("Your password was changed. You are signed out everywhere else."))
    return _onward(secret)


@account.post("/appearance")
@requires(Permission.ACCOUNT_OWN)
def change_appearance() -> Any:
    """Light or dark, shortcuts on or off."""
    form = AppearanceForm()
    if not form.validate():
        return _page(appearance=form, status=422)
    with transaction():
        own.change_appearance(g.entrance, theme=form.theme.data, single_keys=form.single_keys.data, by=g.actor)
    flash(gettext("Your choice is saved."))
    return redirect(url_for(".show"), code=303)


@account.post("/authority")
@requires(Permission.ACCOUNT_OWN)
def change_authority() -> Any:
    """Go on in another authority, in a new session: forms opened in the former one are not accepted any more."""
    form = _authority_form()
    if not form.validate():
        return _page(authority=form, status=422)
    with transaction():
        secret = own.move(g.entrance, form.authority_id.data, browser=request.user_agent.string, by=g.actor)
    return _onward(secret)


@account.post("/sign-out-everywhere")
@requires(Permission.ACCOUNT_OWN)
def sign_out_everywhere() -> Response:
    """End every session of this person, in every browser."""
    with transaction():
        own.sign_out_everywhere(g.entrance, by=g.actor)
    return guard.left(redirect(url_for("sign_in.form"), code=303))


def _renewed(notice: str) -> str:
    return sessions.begin(g.actor.id, g.actor.authority_id, browser=request.user_agent.string, notice=notice)


def _onward(secret: str) -> Response:
    answer = redirect(url_for(".show"), code=303)
    set_cookie(answer, cookie_name(), secret)
    return answer


def _is_own(form: PasswordForm) -> bool:
    """Whether the present password is right; tries are counted like those of the sign-in."""
    bucket = own.guess_bucket(g.entrance)
    with transaction():
        wait, stored = throttle.pour([bucket]), own.stored_password(g.entrance)
    if wait is None and passwords.fits(form.current.data, stored):
        with transaction():
            throttle.take_back([bucket])
        return True
    words = gettext("This is not your present password.") if wait is None else gettext("Too many tries. Wait a few minutes.")
    form.current.errors = [words]
    return False


def _checked(form: PasswordForm) -> str | None:
    try:
        return own.checked_new(form.password.data, entrance=g.entrance, authority_name=g.authority.name)
    except Invalid as wrong:
        form.password.errors = [gettext("The new password %(sentence)s.", sentence=said(wrong.fields["password"]))]
        return None


def _authority_form(chosen: int | None = None) -> AuthorityForm:
    form = AuthorityForm(authority_id=chosen)
    form.authority_id.choices = [SelectChoice(place, card.by_id(place).name) for place in sessions.places(g.actor.id)]
    return form


def _page(
    *,
    password: PasswordForm | None = None,
    appearance: AppearanceForm | None = None,
    authority: AuthorityForm | None = None,
    status: int = 200,
) -> tuple[str, int]:
    page = render_template(
        "account/page.html",
        password=password or PasswordForm(formdata=None),
        appearance=appearance or AppearanceForm(formdata=None, theme=g.entrance.theme, single_keys=g.entrance.single_keys),
        authority=authority or _authority_form(g.authority.id),
        opened=[(one, browsers.name_of(one.browser), card.by_id(one.authority_id)) for one in sessions.open_ones(g.actor.id)],
        shortest=passwords.SHORTEST,
    )
    return page, status

"""The door of staff: in, out, and the way from `/`."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.authorities import card
from authority_portal.domain.staff import sessions
from authority_portal.domain.staff.sign_in import Attempt
from authority_portal.foundation.db import transaction
from authority_portal.web import guard
from authority_portal.web.browser_session import cookie_name, drop_cookie, set_cookie, visitor_cookie
from authority_portal.web.guard import public, requires
from authority_portal.web.sign_in import known_browser, steps
from authority_portal.web.sign_in.forms import SignInForm
from authority_portal.web.sign_in.way_back import way_back

sign_in = Blueprint("sign_in", __name__)

LARGEST_BODY = 16 * 1024
"""Bytes: two fields and a way back."""


@sign_in.before_request
def speak() -> None:
    """The only authority of an installation is at home here: its name and language are known before anybody signs in."""
    only = card.cards()
    if len(only) == 1:
        g.setdefault("authority", only[0])


@sign_in.get("/")
@public
def start() -> Response:
    """To the first page this person may see, or to the sign-in."""
    entrance = guard.recognised()
    return redirect(url_for(".form") if entrance is None else guard.home(entrance.actor()), code=303)


@sign_in.get("/sign-in")
@public
def form() -> Any:
    """The form; who is signed in already goes on."""
    entrance = guard.recognised()
    back = way_back(request.args.get("next"))
    if entrance is not None:
        return redirect(back or guard.home(entrance.actor()), code=303)
    return _page(SignInForm(formdata=None, next=back), 200)


@sign_in.post("/sign-in")
@public
def enter() -> Any:
    """Check the attempt and open a session under a new secret, whatever cookie came along."""
    request.max_content_length = LARGEST_BODY
    form = SignInForm()
    if not form.validate():
        return _page(form, 422)
    known_as, browser_id = known_browser.read()
    attempt = Attempt(form.email.data, request.remote_addr, known_as, browser_id)
    result = steps.run(attempt, form.password.data, browser=request.user_agent.string)
    return _refused(form, result) if result.secret is None else _entered(form, result)


@sign_in.post("/sign-out")
@requires(Permission.ACCOUNT_OWN)
def sign_out() -> Response:
    """End this session, on the server first; the browser forgets what it kept."""
    with transaction():
        sessions.end(g.entrance.digest)
    answer = guard.left(redirect(url_for(".form"), code=303))
    flash(gettext("You are signed out."))
    return answer


def _entered(form: SignInForm, result: steps.Result) -> Response:
    assert result.secret is not None
    assert result.found is not None
    entrance = sessions.recognise(result.secret)
    assert entrance is not None
    answer = redirect(way_back(form.next.data) or guard.home(entrance.actor()), code=303)
    set_cookie(answer, cookie_name(), result.secret)
    drop_cookie(answer, visitor_cookie())
    known_browser.remember(answer, result.found.staff_id)
    return answer


def _refused(form: SignInForm, result: steps.Result) -> Any:
    """The same words and status for unknown, wrong and disabled; what was typed as e-mail stays."""
    if result.wait is None:
        form.password.errors = [gettext("E-mail and password do not match.")]
        return _page(form, 422)
    minutes = -(-int(result.wait.total_seconds()) // 60)
    form.password.errors = [ngettext("Too many tries. Wait one minute.", "Too many tries. Wait %(num)s minutes.", minutes)]
    body, status = _page(form, 429)
    return body, status, {"Retry-After": str(int(result.wait.total_seconds()) + 1)}


def _page(form: SignInForm, status: int) -> tuple[str, int]:
    back = way_back(form.next.data)
    form.next.data = back or ""
    return render_template("sign_in/form.html", form=form, back=back), status

"""Inviting people, sending an invitation again, taking it back."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from authority_portal.channels.naming import role_name
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities import overview
from authority_portal.domain.staff import invitations as commands
from authority_portal.foundation import clock
from authority_portal.foundation.db import transaction
from authority_portal.foundation.errors import Conflict, Denied, Invalid
from authority_portal.web.admin import forms
from authority_portal.web.admin.door import admin
from authority_portal.web.admin.forms import InviteForm, SeenForm
from authority_portal.web.guard import requires


@admin.get("/invitations")
@requires(Permission.STAFF_MANAGE)
def invitations() -> Any:
    """Who is invited, and a form to invite."""
    return _page(forms.with_choices(InviteForm(formdata=None)))


@admin.post("/invitations")
@requires(Permission.STAFF_MANAGE)
def invite() -> Any:
    """Invite somebody by e-mail."""
    form = forms.with_choices(InviteForm())
    if not form.validate():
        return _page(form, 422)
    try:
        with transaction():
            codes = {team.id: team.code for team in overview.teams(by=g.actor)}
            who = {"email": form.email.data, "name": form.name.data, "roles": form.wanted()}
            commands.invite(**who, team_codes=[codes[team_id] for team_id in form.teams.data or ()], by=g.actor)
    except (Invalid, Denied) as error:
        return _page(form, forms.refused(form, error))
    return _back(gettext("The invitation is on its way."))


@admin.post("/invitations/<int:invitation_id>/send-again")
@requires(Permission.STAFF_MANAGE)
def send_again(invitation_id: int) -> Any:
    """A new link; the former one is worthless from now on."""
    return _done(commands.send_again, invitation_id, gettext("A new link is on its way. The former one opens nothing any more."))


@admin.get("/invitations/<int:invitation_id>/withdraw")
@requires(Permission.STAFF_MANAGE)
def ask_to_withdraw(invitation_id: int) -> str:
    """Say what it means before it is done: the link cannot be revived."""
    return render_template("admin/withdraw.html", invitation=commands.one(invitation_id, by=g.actor))


@admin.post("/invitations/<int:invitation_id>/withdraw")
@requires(Permission.STAFF_MANAGE)
def withdraw(invitation_id: int) -> Any:
    """Make the link worthless, for good."""
    return _done(commands.withdraw, invitation_id, gettext("The invitation is withdrawn. Its link opens nothing any more."))


def _done(act: Callable[..., Any], invitation_id: int, words: str) -> Any:
    form = SeenForm()
    try:
        with transaction():
            act(invitation_id, by=g.actor)
    except (Conflict, Denied) as error:
        return _page(forms.with_choices(InviteForm(formdata=None)), forms.refused(form, error), refused=form)
    return _back(words)


def _back(words: str) -> Response:
    flash(words)
    return redirect(url_for("admin.invitations"), code=303)


def _page(form: InviteForm, status: int = 200, *, refused: Any = None) -> tuple[str, int]:
    waiting = [
        (one, [role_name(Role(role)) for role in one.roles], one.ends_at <= clock.now()) for one in commands.waiting(by=g.actor)
    ]
    page = render_template("admin/invitations.html", form=form, refused=refused, waiting=waiting, days=commands.VALID.days)
    return page, status

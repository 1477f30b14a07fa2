"""Who works here: to read for those who lead, to change for administrators."""

from typing import Any
from uuid import UUID

from flask import flash, g, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from authority_portal.channels.naming import role_name
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.staff import invitations, management, roster
from authority_portal.domain.staff.roster import Colleague
from authority_portal.foundation.db import transaction
from authority_portal.foundation.errors import Conflict, Denied, Invalid
from authority_portal.web.admin import forms
from authority_portal.web.admin.door import admin
from authority_portal.web.admin.forms import PlaceForm, SeenForm
from authority_portal.web.guard import requires

REFUSALS = (Invalid, Conflict, Denied)


@admin.get("/staff")
@requires(Permission.STAFF_READ)
def staff() -> str:
    """Everybody, with roles and teams."""
    return render_template("admin/staff.html", people=roster.everybody(by=g.actor), role_name=role_name)


@admin.get("/staff/<uuid:staff_id>")
@requires(Permission.STAFF_READ)
def colleague(staff_id: UUID) -> Any:
    """One person."""
    return _page(roster.one(staff_id, by=g.actor))


@admin.post("/staff/<uuid:staff_id>")
@requires(Permission.STAFF_MANAGE)
def change(staff_id: UUID) -> Any:
    """Give roles and teams."""
    before, form = roster.one(staff_id, by=g.actor), forms.with_choices(PlaceForm())
    if not form.validate():
        return _page(before, form, 422)
    try:
        with transaction():
            wanted = {"roles": form.wanted(before), "team_ids": form.teams.data, "seen": form.seen.data}
            management.change(staff_id, **wanted, by=g.actor)
    except REFUSALS as error:
        return _page(roster.one(staff_id, by=g.actor), form, forms.refused(form, error))
    return _back(staff_id, gettext("Saved. Roles that changed count from the next sign-in."))


@admin.get("/staff/<uuid:staff_id>/suspend")
@requires(Permission.STAFF_MANAGE)
def ask_to_suspend(staff_id: UUID) -> Any:
    """Say what it means before it is done."""
    found = roster.one(staff_id, by=g.actor)
    return render_template("admin/suspend.html", person=found, form=SeenForm(formdata=None, seen=found.seen))


@admin.post("/staff/<uuid:staff_id>/suspend")
@requires(Permission.STAFF_MANAGE)
def suspend(staff_id: UUID) -> Any:
    """Close the doors of this authority to somebody, at once."""
    return _done(management.suspend, staff_id, gettext("Suspended. Whoever was signed in with this account here is out."))


@admin.post("/staff/<uuid:staff_id>/restore")
@requires(Permission.STAFF_MANAGE)
def restore(staff_id: UUID) -> Any:
    """Open them again."""
    return _done(management.restore, staff_id, gettext("This person can work here again."))


@admin.post("/staff/<uuid:staff_id>/new-password")
@requires(Permission.STAFF_MANAGE)
def new_password(staff_id: UUID) -> Any:
    """Send a link by which they choose a new password."""
    form = SeenForm()
    try:
        with transaction():
            invitations.ask_for_password(staff_id, by=g.actor)
    except REFUSALS as error:
        return _page(roster.one(staff_id, by=g.actor), form, forms.refused(form, error))
    return _back(staff_id, gettext("A link to choose a new password is on its way."))


def _done(act: Any, staff_id: UUID, words: str) -> Any:
    form = SeenForm()
    try:
        with transaction():
            act(staff_id, seen=form.seen.data or "", by=g.actor)
    except REFUSALS as error:
        status = forms.refused(form, error)
        return _page(roster.one(staff_id, by=g.actor), form, status)
    return _back(staff_id, words)


def _back(staff_id: UUID, words: str) -> Response:
    flash(words)
    return redirect(url_for("admin.colleague", staff_id=staff_id), code=303)


def _page(person: Colleague, form: Any = None, status: int = 200) -> tuple[str, int]:
    """The form shows what was ticked if it is that form which was refused, and otherwise what is true."""
    manages = g.actor.holds(Permission.STAFF_MANAGE)
    own = person.id == g.actor.id
    place = form if isinstance(form, PlaceForm) else forms.of_colleague(person) if manages else None
    if place is not None:
        place.seen.data = person.seen
    page = render_template(
        "admin/colleague.html",
        person=person,
        form=place if manages and not own else None,
        refused=form,
        fixed=[role for role in person.roles if role not in management.may_give(g.actor)] if manages else [],
        own=own,
        manages=manages,
        role_name=role_name,
    )
    return page, status

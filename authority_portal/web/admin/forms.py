"""The forms of administrators. What was typed stays in the field when it is refused."""

from collections.abc import Mapping
from typing import Any

from flask import g
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, SelectChoice, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from authority_portal.channels.naming import role_name
from authority_portal.domain.access.roles import STAFF_ROLES, Role
from authority_portal.domain.authorities import overview
from authority_portal.domain.staff import management
from authority_portal.domain.staff.roster import Colleague
from authority_portal.foundation.errors import Conflict, Denied, Invalid, PortalError
from authority_portal.web.rendering import said

NAMES = {"role": "roles", "team": "teams"}
"""Fields as commands call them, where the form's own name differs."""


class Ticks(SelectMultipleField):
    """Several of a list, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PlaceForm(FlaskForm):
    """Roles and teams of one person; `seen` says which state they were ticked in."""

    seen = HiddenField()
    roles = Ticks(lazy_gettext("Roles"), id="roles")
    teams = Ticks(lazy_gettext("Teams"), coerce=int, id="teams")

    def wanted(self, colleague: Colleague | None = None) -> list[Role]:
        """The roles that were ticked, and those the visitor may neither give nor take as they are."""
        fixed = set(colleague.roles if colleague else ()) - management.may_give(g.actor)
        return [*sorted(fixed), *(Role(name) for name in self.roles.data or ())]


class InviteForm(PlaceForm):
    """Somebody new: address, name, roles, teams."""

    email = EmailField(
        lazy_gettext("Work e-mail"), [InputRequired(lazy_gettext("Enter a work e-mail.")), Length(max=254)], id="email"
    )
    name = StringField(lazy_gettext("Name"), [InputRequired(lazy_gettext("Enter a name.")), Length(max=200)], id="name")


class SeenForm(FlaskForm):
    """A button, and which state it was shown in."""

    seen = HiddenField()


def with_choices(form: Any) -> Any:
    """The form, offering the roles the visitor may give and the teams of the authority."""
    may = management.may_give(g.actor)
    form.roles.choices = [SelectChoice(role.value, role_name(role)) for role in STAFF_ROLES if role in may]
    form.teams.choices = [SelectChoice(team.id, team.name) for team in overview.teams(by=g.actor)]
    return form


def of_colleague(colleague: Colleague) -> PlaceForm:
    """The form as it stands for somebody, whatever was sent."""
    form: PlaceForm = with_choices(PlaceForm(formdata=None))
    form.seen.data = colleague.seen
    form.roles.data, form.teams.data = list(colleague.roles), list(colleague.team_ids)
    return form


def refused(form: FlaskForm, error: PortalError) -> int:
    """Put what a command says beside the fields it is about, or above the form; returns the status of the page."""
    if isinstance(error, Invalid):
        _beside(form, error.fields)
        return 422
    form.form_errors = [*form.form_errors, said(error.args[0])]
    return 403 if isinstance(error, Denied) else 409 if isinstance(error, Conflict) else 422


def _beside(form: FlaskForm, fields: Mapping[str, str]) -> None:
    for name, words in fields.items():
        field, sentence = form._fields.get(NAMES.get(name, name)), said(words)
        if field is None:
            form.form_errors = [*form.form_errors, sentence]
            continue
        # A parser's words go on from the field's name; a whole sentence stands by itself.
        whole = not words[:1].islower()
        text = sentence if whole else gettext("%(field)s %(problem)s", field=field.label.text, problem=sentence)
        field.errors = [*field.errors, text]

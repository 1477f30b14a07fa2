"""The forms of one's own account."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, SelectChoice, SelectField
from wtforms.validators import InputRequired, Length


class PasswordForm(FlaskForm):
    """A new password, and the present one to show that it is the owner who asks."""

    current = PasswordField(
        lazy_gettext("Present password"),
        [InputRequired(lazy_gettext("Enter your present password.")), Length(max=1_000)],
        id="current",
    )
    password = PasswordField(
        lazy_gettext("New password"), [InputRequired(lazy_gettext("Enter a new password.")), Length(max=1_000)], id="password"
    )


class AppearanceForm(FlaskForm):
    """Light or dark, and single-letter shortcuts."""

    theme = RadioField(
        lazy_gettext("Colours"),
        choices=[
            SelectChoice("system", lazy_gettext("As the device")),
            SelectChoice("light", lazy_gettext("Light")),
            SelectChoice("dark", lazy_gettext("Dark")),
        ],
        id="theme",
    )
    single_keys = BooleanField(lazy_gettext("Single-letter shortcuts (j, k, a, s, n, /)"), id="single_keys")


class AuthorityForm(FlaskForm):
    """In which of one's authorities to go on."""

    authority_id = SelectField(lazy_gettext("Authority"), coerce=int, id="authority_id")

"""The sign-in form."""

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    """E-mail and password; nothing here says which of the two was wrong."""

    email = EmailField(
        lazy_gettext("Work e-mail"), [InputRequired(lazy_gettext("Enter your work e-mail.")), Length(max=254)], id="email"
    )
    password = PasswordField(
        lazy_gettext("Password"), [InputRequired(lazy_gettext("Enter your password.")), Length(max=1_000)], id="password"
    )
    next = HiddenField()

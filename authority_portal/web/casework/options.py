"""A list to choose one from, with dozens of teams or people in it, written in one go."""

from typing import Any

import wtforms
from markupsafe import Markup, escape
from wtforms.widgets import Select, html_params


class Options(Select):  # type: ignore[misc]  # WTForms has no types
    """Writes what WTForms writes; its own way takes as long for the options as everything else on the page."""

    def __call__(self, field: wtforms.SelectField, **attributes: Any) -> Markup:
        """The control with an option for each choice, the chosen one marked."""
        if field.has_groups():
            return super().__call__(field, **attributes)  # type: ignore[no-any-return]
        given = {"id": field.id, **attributes}
        given |= {name: True for name in self.validation_attrs if name not in given and getattr(field.flags, name, False)}
        lines = [
            f'<option {"selected " if choice.selected else ""}value="{escape(choice.value)}">{escape(choice.label)}</option>'
            for choice in field.iter_choices()
        ]
        return Markup(f"<select {html_params(name=field.name, **given)}>{''.join(lines)}</select>")  # noqa: S704  # all is escaped


class SelectField(wtforms.SelectField):  # type: ignore[misc]  # WTForms has no types
    """WTForms' field for long lists."""

    widget = Options()

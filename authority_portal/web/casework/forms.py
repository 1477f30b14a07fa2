"""The forms of the report page. Every field passes a strict parser; what was typed stays in the field when it is refused."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from authority_portal.domain.people import reading
from authority_portal.domain.reports.queries.choices import Choices
from authority_portal.domain.reports.queries.report import SeenReport
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import parsing, sentences
from authority_portal.foundation.errors import Invalid
from authority_portal.foundation.sentences import Sentence
from authority_portal.web.casework import sending
from authority_portal.web.casework.naming import OUTCOMES, REVEAL_REASONS
from authority_portal.web.casework.options import SelectField
from authority_portal.web.rendering import said

NOTE_LIMIT, WORDS_LIMIT, REASON_LIMIT = 10_000, 4_000, 200


class Typed:
    """A validator around one of the strict parsers. The sentence begins with the field's name; the parsed value is kept."""

    def __init__(self, parse: Callable[[str], Any]) -> None:
        self.parse = parse

    def __call__(self, _form: Any, field: Field) -> None:
        try:
            field.parsed = self.parse(field.data or "")
        except ValueError as error:
            raise ValidationError(of_field(field, sentences.of(error))) from None


def of_field(field: Field, problem: str) -> str:
    """A problem as a parser or a command puts it, in a sentence that begins with the field's name: "Position must be …"."""
    return gettext("%(field)s %(problem)s", field=field.label.text, problem=said(problem))


def words(most: int) -> Typed:
    """Text of several lines, at most `most` characters."""
    return Typed(lambda text: parsing.words(text, most=most, lines=True))


def line(most: int) -> Typed:
    """Text of one line, at most `most` characters."""
    return Typed(lambda text: parsing.words(text, most=most))


def _number_or_none(text: str) -> int | None:
    return parsing.integer(text) if text else None


def _person_or_none(text: str) -> UUID | None:
    return parsing.uuid(text) if text else None


def _outcome(text: str) -> Outcome | None:
    if text and text not in list(Outcome):
        raise ValueError(Sentence("must be one of the list"))
    return Outcome(text) if text else None


class DeskForm(FlaskForm):
    """The guard checks the token of every unsafe request of staff, so forms carry it without checking it again."""

    class Meta:
        csrf = False

    @property
    def from_version(self) -> int | None:
        """The report's version this form was made from; None where the form does not depend on it."""
        return None

    def refuse(self, fields: dict[str, str]) -> None:
        """Put what a command refused beside the fields; what has no field stands in the summary."""
        for name, sentence in fields.items():
            if name in self:
                self[name].errors = [*self[name].errors, said(sentence)]
            else:
                self.form_errors.append(said(sentence))

    def refuse_as(self, error: Exception) -> None:
        """The same for any expected failure."""
        self.refuse(error.fields if isinstance(error, Invalid) else {"": sentences.of(error)})


class _Versioned(DeskForm):
    """A form that knows from which version of the report it was made."""

    version = HiddenField(lazy_gettext("Version"), [Typed(lambda text: parsing.integer(text, least=1))])

    @property
    def from_version(self) -> int | None:
        return self.version.parsed  # type: ignore[no-any-return]  # set by Typed


class StepForm(_Versioned):
    """One step of the workflow."""

    to = RadioField(lazy_gettext("New status"), [InputRequired(lazy_gettext("Choose the new status."))], validate_choice=False)
    outcome = SelectField(lazy_gettext("Outcome"), [Typed(_outcome)], id="outcome", validate_choice=False)
    reason = StringField(lazy_gettext("Reason, staff only"), [line(REASON_LIMIT)], id="reason")
    note = TextAreaField(lazy_gettext("Words the public will read"), [words(WORDS_LIMIT)], id="words")
    seen_status = HiddenField(lazy_gettext("Status seen"), [Typed(_number_or_none)])

    def offer(self, report: SeenReport, choices: Choices) -> "StepForm":
        """Fill in what can be chosen now; on a fresh form also where it starts from."""
        self.to.choices = [(str(step.to_status_id), step.label) for step in choices.steps]
        self.version.data = self.version.data or str(report.version)
        self.seen_status.data = self.seen_status.data or str(report.status.id)
        return self

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.outcome.choices = [("", gettext("Choose one")), *((key.value, str(name)) for key, name in OUTCOMES.items())]

    def validate_to(self, field: Field) -> None:
        """Whether the workflow has the step is the command's question; here it only has to be a number."""
        Typed(parsing.integer)(self, field)

    @property
    def step(self) -> dict[str, Any]:
        """What the command wants."""
        return {name: self[name].parsed for name in ("to", "outcome", "reason", "note")}


class AssignForm(_Versioned):
    """Who holds the report."""

    team = SelectField(lazy_gettext("Team"), [Typed(_number_or_none)], id="team", validate_choice=False)
    assignee = SelectField(lazy_gettext("Person"), [Typed(_person_or_none)], id="assignee", validate_choice=False)
    reason = StringField(lazy_gettext("Reason, staff only"), [line(REASON_LIMIT)], id="assign-reason")
    seen_team = HiddenField(lazy_gettext("Team seen"), [Typed(_number_or_none)])
    seen_assignee = HiddenField(lazy_gettext("Person seen"), [Typed(_person_or_none)])

    def offer(self, report: SeenReport, choices: Choices) -> "AssignForm":
        """Fill in what can be chosen now; on a fresh form also who holds the report."""
        self.team.choices = [("", gettext("No team")), *((str(key), name) for key, name in choices.teams)]
        self.assignee.choices = [("", gettext("Nobody yet")), *((str(key), name) for key, name in choices.people)]
        if not self.version.data:
            self.version.data = str(report.version)
            self.team.data = self.seen_team.data = str(report.team_id or "")
            self.assignee.data = self.seen_assignee.data = str(report.assignee_id or "")
        return self

    @property
    def holder(self) -> dict[str, Any]:
        """What the command wants."""
        return {"team_id": self.team.parsed, "staff_id": self.assignee.parsed, "reason": self.reason.parsed}


class NoteForm(DeskForm):
    """An internal note."""

    form_id = HiddenField(lazy_gettext("Form"), [Typed(parsing.uuid)])
    text = TextAreaField(lazy_gettext("Note, staff only"), [words(NOTE_LIMIT)], id="new-note")

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.form_id.data = self.form_id.data or str(uuid4())

    @property
    def note(self) -> dict[str, Any]:
        """What the command wants. The same words of the same form are the same note."""
        return {"text": self.text.parsed, "sending": sending.named(self.form_id.parsed, [self.text.parsed.encode()])}


class RevealForm(DeskForm):
    """Which detail, and why."""

    field = HiddenField(lazy_gettext("Detail"), [Typed(lambda text: _one_of(text, reading.FIELDS))], id="reveal-field")
    reason = SelectField(
        lazy_gettext("Why do you need it?"), [InputRequired(lazy_gettext("Choose why you need it."))], id="reveal-reason"
    )

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.reason.choices = [("", gettext("Choose a reason")), *((key, str(name)) for key, name in REVEAL_REASONS.items())]


def _one_of(text: str, known: Iterable[str]) -> str:
    if text not in known:
        raise ValueError(Sentence("must be one that the page shows"))
    return text

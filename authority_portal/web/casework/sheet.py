"""What one rendering of the report page shows: each part is asked for once, and only if the answer contains it."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from itertools import groupby
from types import SimpleNamespace
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext

from authority_portal.channels import wording
from authority_portal.channels.contract import Words
from authority_portal.domain.access.permissions import Permission
from authority_portal.domain.access.scope import Reach
from authority_portal.domain.notifications import queries as messages
from authority_portal.domain.notifications.planning import Wording
from authority_portal.domain.notifications.queries import MessageState
from authority_portal.domain.reports import policy
from authority_portal.domain.reports.commands import status
from authority_portal.domain.reports.queries import choices, timeline
from authority_portal.domain.reports.queries.choices import Choices
from authority_portal.domain.reports.queries.report import SeenReport
from authority_portal.domain.reports.queries.timeline import Entry, Kind
from authority_portal.domain.reports.workflow import Group, Outcome, Step
from authority_portal.foundation import clock
from authority_portal.web import maps, rendering
from authority_portal.web.casework import naming, resident
from authority_portal.web.casework.forms import AssignForm, NoteForm, RevealForm, StepForm
from authority_portal.web.casework.photo_panel import PhotoPanel
from authority_portal.web.maps import Shell

LINES = ("all", "public", "staff")


class Sheet:
    """One report with its forms. A form that was posted is handed in with what was typed and what is wrong with it."""

    naming = naming

    def __init__(
        self,
        report: SeenReport,
        *,
        step: StepForm | None = None,
        assignment: AssignForm | None = None,
        note: NoteForm | None = None,
        reveal: RevealForm | None = None,
        photos_wrong: Sequence[str] = (),
        notice: str = "",
    ) -> None:
        self.report, self.reveal, self.notice = report, reveal, notice
        self.photos_wrong = photos_wrong
        self.posted_step, self.posted_assignment = step, assignment
        self.fragment = False
        self.note = note or NoteForm(formdata=None)
        self.may_progress = policy.may_progress(g.actor, report)
        self.may_assign = policy.may_assign(g.actor, report)
        self.may_note = policy.may_note(g.actor, report)

    @cached_property
    def details(self) -> list[resident.Detail]:
        """The resident's panel; logs the reading, so it is asked for before anything is rendered."""
        return resident.details(self.report)

    @cached_property
    def photos(self) -> PhotoPanel:
        return PhotoPanel(self.report, self.photos_wrong)

    @cached_property
    def choices(self) -> Choices:
        return choices.of(self.report, by=g.actor)

    @cached_property
    def step(self) -> StepForm:
        return (self.posted_step or StepForm(formdata=None)).offer(self.report, self.choices)

    @cached_property
    def assignment(self) -> AssignForm:
        return (self.posted_assignment or AssignForm(formdata=None)).offer(self.report, self.choices)

    @property
    def faulty(self) -> list[Any]:
        """The forms with something wrong, for the summary at the top."""
        forms = (self.posted_step, self.posted_assignment, self.note, self.reveal)
        return [form for form in forms if form is not None and form.errors]

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        return timeline.of(self.report, by=g.actor)

    @property
    def lost_words(self) -> str:
        """What was typed for a step that the reader may no longer take: their form is gone, their words are not."""
        return "" if self.may_progress or self.posted_step is None else self.posted_step.note.data or ""

    @property
    def line(self) -> str:
        """Which part of the timeline is shown."""
        asked = request.args.get("line", "all")
        return asked if asked in LINES else "all"

    @property
    def shown_entries(self) -> list[Entry]:
        wanted = {"all": (True, False), "public": (True,), "staff": (False,)}[self.line]
        return [entry for entry in self.entries[: timeline.LONGEST] if entry.public in wanted]

    @property
    def days(self) -> list[tuple[datetime, list[Entry]]]:
        """The shown entries under the days of the authority's zone; a day is given by its newest moment."""
        zone = rendering.zone()
        grouped = [list(day) for _, day in groupby(self.shown_entries, key=lambda entry: entry.at.astimezone(zone).date())]
        return [(day[0].at, day) for day in grouped]

    @property
    def cut(self) -> bool:
        """Whether older entries are left out."""
        return len(self.entries) > timeline.LONGEST

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The links above the timeline."""
        public = sum(entry.public for entry in self.entries)
        counts = {"all": len(self.entries), "public": public, "staff": len(self.entries) - public}
        return [
            {
                "label": naming.LINES[line],
                "count": counts[line],
                "current": line == self.line,
                "href": url_for("casework.show", reference=self.report.reference, line=line, _anchor="timeline"),
            }
            for line in LINES
        ]

    @cached_property
    def deliveries(self) -> dict[int, list[MessageState]]:
        """States of messages by the step they tell of. Without a reporter to tell there is nothing to ask."""
        found: dict[int, list[MessageState]] = {}
        if self.report.reporter is not None and g.actor.may(Permission.REPORT_READ_MESSAGES, self.report):
            for state in messages.states_of(self.report.id, by=g.actor):
                if state.change_id is not None:
                    found.setdefault(state.change_id, []).append(state)
        return found

    def delivered(self, message: MessageState) -> dict[str, Any]:
        """A message as its line in the timeline names it."""
        name = naming.MESSAGE_CHANNELS.get(message.channel, message.channel)
        if message.wording == Wording.RETENTION:
            name = gettext("%(channel)s on how long contact details are kept", channel=name)
        return {"channel_name": name, "state": message.state, "at": message.at}

    @property
    def status(self) -> SimpleNamespace:
        """The status with its outcome in words, and what its sign needs."""
        status = self.report.status
        name = status.name + (f": {naming.OUTCOMES[Outcome(status.outcome)]}" if status.outcome else "")
        return SimpleNamespace(name=name, group=status.group, outcome=status.outcome, reopened=self.reopened)

    @property
    def deadline_hint(self) -> str:
        """Why the report is due when it is due, and why the clock stands still if it does."""
        paused = gettext("The clock stands still while the report waits.") if self.report.deadline.state == "paused" else ""
        return " ".join(filter(None, (rendering.said(self.report.deadline.reason), paused)))

    @property
    def coordinates(self) -> str:
        """Latitude and longitude as exactly as they may be known: about a metre, or the 100 m grid."""
        place = self.report.place
        if place is None or place.lat is None or place.lon is None:
            return gettext("No position")
        decimals = 5 if place.exact else 3
        return f"{place.lat:.{decimals}f}, {place.lon:.{decimals}f}".replace("-", "−")

    @cached_property
    def map(self) -> Shell | None:
        """The shell of the small map, where there is a base map to draw and a point to show."""
        place, shell = self.report.place, maps.shell(g.authority)
        return shell if shell.basemap == "pmtiles" and place is not None and place.lat is not None else None

    def asks(self, field: str) -> bool:
        """Whether the panel is just asking why this detail is needed."""
        return self.reveal is not None and self.reveal.field.data == field

    @property
    def asked_label(self) -> Any:
        """The detail the panel asks about; empty unless it could be revealed."""
        return next((detail.label for detail in self.details if detail.revealable and self.asks(detail.field)), "")

    @property
    def undo(self) -> Entry | None:
        """The newest step, while nobody outside has seen it and the reader may take it back."""
        last = next((entry for entry in self.entries if entry.kind is Kind.STEP and entry.undone_at is None), None)
        if last is None or not self.may_progress or last.public_at is None or last.public_at <= clock.now():
            return None
        leads = g.actor.reach(Permission.REPORT_PROGRESS) is Reach.AUTHORITY
        return last if last.own or leads else None

    @property
    def undo_seconds(self) -> int:
        """Whole seconds the undo strip begins with, rounded up: it never promises less than there is."""
        assert self.undo is not None
        assert self.undo.public_at is not None
        return -int((clock.now() - self.undo.public_at).total_seconds() // 1)

    @property
    def window(self) -> int:
        """Seconds a new step can be undone."""
        return int(status.undo_window(g.authority).total_seconds())

    @property
    def reopened(self) -> bool:
        """It was done once, and is not done now."""
        return self.report.status.group != Group.DONE and any(e.reopening and e.undone_at is None for e in self.entries)

    @property
    def signs(self) -> dict[str, str]:
        """The ring of each step."""
        return {str(step.to_status_id): self._sign(step) for step in self.choices.steps}

    def _sign(self, step: Step) -> str:
        if self.report.status.group == Group.DONE:
            return "st-reopened"
        return {Group.NEW: "st-received", Group.OPEN: "st-progress", Group.WAITING: "st-waiting"}.get(step.to_group, "st-done")

    @property
    def closes(self) -> bool:
        """Whether one of the steps closes the report, so that an outcome has to be offered."""
        return any(step.needs_outcome for step in self.choices.steps)

    @cached_property
    def preview(self) -> Words | None:
        """What a follower would receive of the step that is chosen in the form, in the reporter's language if we speak it."""
        step = next((one for one in self.choices.steps if str(one.to_status_id) == self.step.to.data), None)
        if step is None:
            return None
        outcome = self.step.outcome.data if step.needs_outcome else None
        wanted = self.report.reporter.locale if self.report.reporter else None
        return wording.preview(
            authority=g.authority,
            reference=self.report.reference,
            category=self.report.category,
            before=Group(self.report.status.group),
            status=next(name for key, name, _ in self.choices.statuses if key == step.to_status_id),
            group=step.to_group,
            outcome=Outcome(outcome) if outcome in list(Outcome) else None,
            note=self.step.note.data or "",
            locale=wanted if wanted in wording.spoken() else None,
        )

    @property
    def chosen_words(self) -> str:
        """The status that is chosen in the form, with its outcome."""
        name = next((name for key, name, _ in self.choices.statuses if str(key) == self.step.to.data), "")
        outcome = self.step.outcome.data
        return f"{name}: {naming.OUTCOMES[Outcome(outcome)]}" if outcome in list(Outcome) else name

    @property
    def told(self) -> str:
        """Who is told of a step, as far as the reader may know: `nobody`, a channel's name, or empty where it is masked."""
        if not g.actor.may(Permission.REPORTER_READ_PRESENCE, self.report):
            return ""
        reporter = self.report.reporter
        if reporter is None or reporter.stopped or reporter.erased_at or reporter.channel != "email" or not reporter.has_email:
            return "nobody"
        return "email"

"""The macros, rendered as pages render them."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import BooleanField, EmailField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

CHANNELS = [SelectChoice("phone", "Phone"), SelectChoice("letter", "Letter")]
NOW = datetime(2026, 11, 19, 15, 24, tzinfo=UTC)  # Thursday, 10:24 in Boston


@dataclass(frozen=True)
class ShownDeadline:
    state: str = "on_time"
    used: float = 0.41
    left: timedelta | None = timedelta(hours=28, minutes=34)
    due_at: datetime | None = NOW + timedelta(hours=28, minutes=34)
    started_at: datetime | None = NOW - timedelta(hours=19, minutes=26)


@dataclass(frozen=True)
class ShownStatus:
    name: str = "Received"
    group: str = "new"
    outcome: str | None = None
    reopened: bool = False


class ContactForm(FlaskForm):
    class Meta:
        csrf = False

    email = EmailField("E-mail", [InputRequired("Enter an e-mail address")])
    words = TextAreaField("Words")
    channel = RadioField(
        "Channel", [InputRequired("Choose a channel")], choices=[SelectChoice("phone", "Phone"), SelectChoice("letter", "Letter")]
    )
    team = SelectField("Team", choices=["Roads", "Parks"])
    agreed = BooleanField("May be called back")


@pytest.fixture
def wrong_form(render):
    form = ContactForm(data={})
    form.validate()
    return form


# Status and deadline


def test_a_status_shows_the_authoritys_words_and_the_sign_of_its_group(render):
    tag = render(
        "{% from 'components/status_tag.html' import status_tag %}{{ status_tag(s) }}", s=ShownStatus("<b>Aufgenommen</b>")
    )
    assert "#st-received" in tag
    assert "&lt;b&gt;Aufgenommen&lt;/b&gt;" in tag
    assert 'aria-hidden="true"' in tag


@pytest.mark.parametrize(
    ("state", "tone", "words"),
    [("on_time", "", "1 d 4 h left"), ("at_risk", "due--risk", "1 d 4 h left"), ("paused", "due--paused", "paused, 1 d 4 h")],
)
def test_a_deadline_has_form_and_words(piece, state, tone, words):
    tag = piece("due", "due(d)", d=ShownDeadline(state))
    assert words in tag
    assert tone in tag
    assert "<svg" in tag


def test_no_deadline_is_said_without_a_sign_or_a_fuse(render):
    nothing = ShownDeadline("none", 0, None, None, None)
    shown = render(
        "{% from 'components/due.html' import due, fuse, clock %}{{ due(d) }}{{ fuse(d) }}{{ clock(d, 'Fill') }}", d=nothing
    )
    assert "no deadline" in shown
    assert "<svg" not in shown


def test_the_fuse_is_decoration_with_its_length_as_an_attribute(piece):
    drawn = piece("due", "fuse(d)", d=ShownDeadline())
    assert 'width="23"' in drawn
    assert 'aria-hidden="true"' in drawn


def test_the_clock_says_what_it_draws(render):
    drawn = render(
        "{% from 'components/due.html' import clock %}{{ clock(d, 'Fill or make safe', 'No pauses.') }}", d=ShownDeadline()
    )
    assert 'aria-label="From Wed 14:58 to Fri 14:58; now 41 percent used"' in drawn
    assert 'd="M123 2v18"' in drawn
    assert "No pauses." in drawn


def test_a_part_of_town_is_said_once(piece):
    assert piece("place", "place_line('2 Elm St Fenway MA', 'Fenway')") == "2 Elm St Fenway MA"
    assert piece("place", "place_line('2 Elm St, FENWAY, MA 02115', 'Fenway')") == "2 Elm St, FENWAY, MA 02115"
    assert piece("place", "place_line('2 High St Old Town CV32 5HZ', 'Old Town')") == "2 High St Old Town CV32 5HZ"
    assert piece("place", "place_line('2 Elm St', 'Fenway')") == "2 Elm St, Fenway"
    assert piece("place", "place_line('', 'Fenway')") == "Fenway"
    assert piece("place", "place_line('', '')") == ""


def test_a_street_that_carries_the_name_of_the_part_of_town_does_not_hide_it(piece):
    street = "803-805 Hyde Park Ave Roslindale MA 02131"
    assert piece("place", f"place_line('{street}', 'Hyde Park')") == f"{street}, Hyde Park"
    assert piece("place", "place_line('2 Southend', 'End')") == "2 Southend, End"


def test_a_late_clock_marks_the_time_over(piece):
    late = replace(ShownDeadline(), state="overdue", used=1.0, left=timedelta(days=-2), due_at=NOW - timedelta(days=2))
    late = replace(late, started_at=NOW - timedelta(days=4))
    assert 'class="clock__over" x="150"' in piece("due", "clock(d, 'Fill')", d=late)


# Forms


def test_a_field_ties_label_hint_and_error_together(render, wrong_form):
    html = render(
        "{% from 'components/field.html' import text_input %}{{ text_input(f.email, hint='At work', autocomplete='email') }}",
        f=wrong_form,
    )
    assert '<label for="email">E-mail</label>' in html
    assert 'aria-describedby="email-hint email-wrong"' in html
    assert 'aria-invalid="true"' in html
    assert 'autocomplete="email"' in html
    assert 'type="email"' in html
    assert 'id="email-wrong"' in html
    assert 'class="unseen">Error:</span> Enter an e-mail address' in html


def test_a_field_without_hint_and_error_describes_nothing(piece, wrong_form):
    html = piece("field", "text_area(f.words, rows=2)", f=wrong_form)
    assert 'rows="2"' in html
    assert "aria-describedby" not in html
    assert "aria-invalid" not in html


def test_radios_are_a_group_with_a_legend_and_its_error(render, wrong_form):
    html = render(
        "{% from 'components/field.html' import radios %}{{ radios(f.channel, signs={'phone': 'phone'}) }}", f=wrong_form
    )
    assert '<fieldset class="field" aria-describedby="channel-wrong">' in html
    assert '<legend class="field__label">Channel</legend>' in html
    assert html.count('type="radio"') == 2
    assert "#phone" in html


def test_selects_and_boxes(render, wrong_form):
    html = render(
        "{% from 'components/field.html' import select, checkbox %}{{ select(f.team) }}{{ checkbox(f.agreed) }}", f=wrong_form
    )
    assert html.count("<select") == 1
    assert '<label for="team">Team</label>' in html
    assert '<label class="check"><input' in html


def test_what_people_typed_is_text(piece):
    form = ContactForm(data={"words": "</textarea><script>alert(1)</script>"})
    html = piece("field", "text_area(f.words)", f=form)
    assert "<script>" not in html


def test_the_error_summary_leads_to_every_wrong_field(piece, wrong_form):
    html = piece("error_summary", "error_summary(f)", f=wrong_form)
    assert 'role="alert" tabindex="-1"' in html
    assert '<a href="#email">Enter an e-mail address</a>' in html
    assert '<a href="#channel-0">Choose a channel</a>' in html


def test_errors_of_the_whole_form_stand_as_plain_lines(piece, wrong_form):
    wrong_form.form_errors.append("The report was closed meanwhile")
    html = piece("error_summary", "error_summary(f)", f=wrong_form)
    assert "<li>The report was closed meanwhile</li>" in html


def test_a_form_without_errors_has_no_summary(piece):
    assert piece("error_summary", "error_summary(f)", f=ContactForm()) == ""


# Pieces


def test_the_mask_is_the_same_whatever_lies_below_it(piece):
    html = piece("mask", "mask('Phone', '/reveal')")
    assert html.count("•") == 8
    assert 'href="/reveal"' in html
    assert "hidden" in html


@pytest.mark.parametrize("state", ["pending", "sending", "sent", "failed", "unknown", "cancelled"])
def test_every_state_of_a_message_is_said_in_words(piece, state):
    message = SimpleNamespace(channel_name="E-mail", state=state, at=NOW)
    html = piece("message_state", "message_state(m)", m=message)
    words = Markup(html).striptags()
    assert words.startswith("E-mail: ")
    assert words.endswith("today 10:24")


def test_public_and_internal_events_are_told_apart_in_words(render):
    source = (
        "{% from 'components/timeline.html' import timeline_item, line_box %}"
        "{{ timeline_item('check', 'Told', at, public=True) }}|{{ timeline_item('note', 'Note', at) }}|"
        "{{ timeline_item('person', 'Assigned', at, automatic=True) }}|"
        "{% call timeline_item('note', 'Note', at) %}{% call line_box() %}Same block{% endcall %}{% endcall %}"
    )
    told, note, assigned, boxed = render(source, at=NOW).split("|")
    assert "Public" in told
    assert "Staff only" in note
    assert "Staff only" in assigned
    assert '<div class="line__box">Same block</div>' in boxed


def test_tabs_name_where_you_are(piece):
    items = [{"label": "Mine", "href": "/a", "count": 1200, "current": True}, {"label": "All", "href": "/b", "count": None}]
    html = piece("tabs", "tabs(items, 'Queues')", items=items)
    assert '<a href="/a" aria-current="page">Mine <span class="count">1,000+</span></a>' in html
    assert '<a href="/b">All</a>' in html


def test_a_filter_has_two_targets(piece):
    html = piece("chip", "chip('Status', 'open', '/o', '/x')")
    assert 'href="/o"' in html
    assert 'href="/x" aria-label="Remove filter Status"' in html


def test_an_icon_with_a_label_is_a_picture_and_one_without_is_decoration(render):
    source = "{% from 'components/icon.html' import icon %}{{ icon('lock', label='Staff only') }}{{ icon('lock') }}"
    html = render(source)
    assert 'role="img" aria-label="Staff only"' in html
    assert html.count('aria-hidden="true"') == 1


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_every_error_page_stands_without_a_session_and_without_a_database(page, code):
    with page.test_request_context("/"):
        html = page.jinja_env.get_template(f"errors/{code}.html").render()
    assert html.count("<h1>") == 1
    assert 'href="/"' in html
    assert '<main id="main">' in html

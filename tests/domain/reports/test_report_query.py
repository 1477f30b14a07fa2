"""One report as its readers see it: each sees their row of the matrix and nothing else."""

import pytest
from sqlalchemy import update

from authority_portal.domain.access.actor import Actor
from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities.models import Category
from authority_portal.domain.people import reading
from authority_portal.domain.people.contact import Contact
from authority_portal.domain.reports.commands import assignment, notes
from authority_portal.domain.reports.models import Assignment, Report
from authority_portal.domain.reports.queries import choices, timeline
from authority_portal.domain.reports.queries.report import Changed, SeenReport, by_reference, by_reference_for_update
from authority_portal.domain.reports.queries.timeline import Kind
from authority_portal.domain.reports.workflow import Outcome
from authority_portal.foundation import clock
from authority_portal.foundation.db import bind, db, transaction
from authority_portal.foundation.errors import NotFound
from tests.builders.authorities import Town, a_town
from tests.builders.reports import RESIDENT, a_report
from tests.builders.staff import a_member

pytestmark = pytest.mark.usefixtures("house")

WORDS = "A hole. Call me at 617 555 0123."


def _seen(report: Report, by: Actor) -> SeenReport:
    return by_reference(report.reference, by=by)


@pytest.fixture
def town() -> Town:
    return a_town()


def test_whoever_holds_it_sees_text_place_and_that_there_is_a_reporter(town: Town) -> None:
    seen = _seen(a_report(town, description=WORDS), a_member(town, teams=["streets"]))

    assert (seen.description, seen.cleared) == (WORDS, False)
    assert seen.place is not None
    assert (seen.place.exact, seen.place.address) == (True, "822 Parker St")
    assert seen.reporter is not None
    assert (seen.reporter.has_name, seen.reporter.has_email, seen.reporter.has_phone) == (True, True, False)


def test_another_team_sees_cleared_text_and_nobody_behind_it(town: Town) -> None:
    seen = _seen(a_report(town, description=WORDS), a_member(town, teams=["parks"]))

    assert (seen.description, seen.cleared) == ("A hole. Call me at […].", True)
    assert seen.place is not None
    assert seen.place.exact
    assert (seen.reporter, seen.masks_reporter) == (None, True)


def test_an_administrator_sees_the_place_on_a_grid_and_no_address(town: Town) -> None:
    seen = _seen(a_report(town), a_member(town, Role.ADMINISTRATOR))

    assert seen.place is not None
    assert (seen.place.lat, seen.place.lon, seen.place.address, seen.place.exact) == (42.33, -71.099, "", False)


def test_a_crew_sees_only_what_its_team_holds_and_the_place_only_while_there_is_work(town: Town) -> None:
    crew = a_member(town, Role.CREW, teams=["streets"])
    open_one, done = a_report(town, description=WORDS), a_report(town, to="closed", outcome=Outcome.FIXED)

    assert _seen(open_one, crew).place is not None
    assert (_seen(open_one, crew).description, _seen(open_one, crew).masks_reporter) == ("A hole. Call me at […].", False)
    assert _seen(done, crew).place is None
    with pytest.raises(NotFound):
        _seen(open_one, a_member(town, Role.CREW, teams=["parks"]))


def test_redacted_words_are_redacted_for_those_who_hold_the_report_too(town: Town) -> None:
    report = a_report(town, description=WORDS)
    report.redacted_at = report.received_at
    db.session.commit()

    assert _seen(report, a_member(town, teams=["streets"])).cleared


@pytest.mark.parametrize("text", ["", "BOS", "BOS-2222-22", "../etc", "BOS-7K3P-QX" * 9, "ＢＯＳ-2222-22", "\x00"])
def test_what_is_no_reference_is_not_found(town: Town, text: str) -> None:
    with pytest.raises(NotFound):
        by_reference(text, by=a_member(town))


def test_another_authority_does_not_have_it(town: Town) -> None:
    reference, stranger = a_report(town).reference, a_member(a_town("otherton"), Role.SUPERVISOR)
    bind(stranger.authority_id)
    with pytest.raises(NotFound):
        by_reference(reference, by=stranger)
    with pytest.raises(NotFound):
        by_reference_for_update(reference, by=stranger)


def test_a_reference_is_read_the_way_people_say_it(town: Town) -> None:
    report = a_report(town)
    said = report.reference.replace("-", " ").lower()
    assert by_reference(said, by=a_member(town)).reference == report.reference


def test_the_holder_is_named_only_to_those_who_may_know(town: Town) -> None:
    report, kim = a_report(town), a_member(town, teams=["streets"])
    with transaction():
        assignment.give(report, team_id=report.team_id, staff_id=kim.id, by=town.house)

    assert _seen(report, a_member(town, teams=["streets"])).holder == kim.name
    assert _seen(report, a_member(town, Role.SUPERVISOR)).holder == kim.name
    other = _seen(report, a_member(town, teams=["parks"]))
    assert (other.holder, other.assignee_id, other.team) == ("", None, "Streets")


def test_a_stale_version_is_noticed_with_the_row_locked(town: Town) -> None:
    report, kim = a_report(town), a_member(town, teams=["streets"])
    with transaction():
        assert by_reference_for_update(report.reference, version=1, by=kim).id == report.id
    with pytest.raises(Changed), transaction():
        by_reference_for_update(report.reference, version=2, by=kim)


def test_notes_are_in_the_timeline_of_those_who_may_read_them(town: Town) -> None:
    report, kim, crew = a_report(town), a_member(town, teams=["streets"]), a_member(town, Role.CREW, teams=["streets"])
    with transaction():
        notes.write(report, text="Kim's note", by=kim)
        notes.write(report, text="The crew's note", by=crew)

    def noted(by: Actor) -> list[tuple[str, str]]:
        return [(entry.words, entry.who) for entry in timeline.of(_seen(report, by), by=by) if entry.kind is Kind.NOTE]

    assert noted(kim) == [("The crew's note", crew.name), ("Kim's note", kim.name)]
    assert noted(crew) == [("The crew's note", crew.name)]
    assert noted(a_member(town, teams=["parks"])) == []
    assert noted(a_member(town, Role.ADMINISTRATOR)) == []


def test_the_timeline_begins_with_the_receipt_and_names_steps_in_the_authoritys_words(town: Town) -> None:
    report, kim = a_report(town, to="in_progress"), a_member(town, teams=["streets"])
    entries = timeline.of(_seen(report, kim), by=kim)

    assert [entry.status.name for entry in entries if entry.status] == ["In progress", "Received"]
    assert entries[-1].kind is Kind.STEP
    assert [(entry.team, entry.reason) for entry in entries if entry.kind is Kind.ASSIGNMENT] == [
        ("Streets", "by the category “Pothole”")
    ]


def test_the_timeline_says_in_words_why_the_house_gave_a_report_to_a_team(town: Town) -> None:
    report, kim = a_report(town), a_member(town, teams=["streets"])

    def why() -> list[str]:
        return [entry.reason for entry in timeline.of(_seen(report, kim), by=kim) if entry.kind is Kind.ASSIGNMENT]

    with transaction():
        db.session.execute(update(Category).where(Category.id == report.category_id).values(name="Hole in the road"))
    assert why() == ["by the category “Hole in the road”"]
    with transaction():
        db.session.execute(update(Category).where(Category.id == report.category_id).values(code="gone"))
    assert why() == ["by the category “pothole”"]
    kept = {"authority_id": town.id, "report_id": report.id, "reason": "import", "assigned_at": clock.now()}
    with transaction():
        db.session.add(Assignment(**kept))
    assert why()[0] == "brought in from a file"
    with transaction():
        db.session.add(Assignment(**kept, by_staff_id=kim.id))
    assert why()[0] == "import", "what somebody of the staff typed stays as it was typed"


def test_choices_are_those_of_the_reader(town: Town) -> None:
    report, kim = a_report(town), a_member(town, teams=["streets"])
    crew, other = a_member(town, Role.CREW, teams=["streets"]), a_member(town, teams=["parks"])

    mine = choices.of(_seen(report, kim), by=kim)
    assert [step.label for step in mine.steps] == [
        "Accepted",
        "In progress",
        "Waiting for resident",
        "Waiting for others",
        "Closed",
    ]
    assert [name for _, name in mine.teams] == ["Parks", "Streets"]
    assert {person for person, _ in mine.people} == {kim.id, crew.id}
    assert choices.of(_seen(report, crew), by=crew).people == ()
    assert choices.of(_seen(report, crew), by=crew).steps
    assert choices.of(_seen(report, other), by=other) == choices.Choices()


def test_nothing_opens_that_the_log_does_not_name(town: Town) -> None:
    report, kim = a_report(town), a_member(town, teams=["streets"])
    person = report.person_id
    assert person is not None
    assert reading.opened(person, fields=["name", "email", "phone"], by=kim) == {}

    with transaction():
        reading.log(person, fields=["name"], by=kim)
        until = reading.reveal(person, field="email", reason="call back", by=kim)

    found = reading.opened(person, fields=["name", "email", "phone"], by=kim)
    assert (found["name"].value, found["name"].until) == (RESIDENT.name, None)
    assert (found["email"].value, found["email"].until and abs((found["email"].until - until).total_seconds()) < 5) == (
        RESIDENT.email,
        True,
    )
    assert "phone" not in found
    assert reading.opened(person, fields=["name", "email"], by=a_member(town, teams=["streets"])) == {}


def test_a_revealed_value_closes_after_fifteen_minutes(town: Town) -> None:
    from datetime import timedelta

    from authority_portal.foundation import clock

    report, kim = a_report(town, contact=Contact(phone="+16175550123", channel="phone")), a_member(town, teams=["streets"])
    assert report.person_id is not None
    with transaction():
        reading.reveal(report.person_id, field="phone", reason="danger", by=kim)
    for minutes, open_fields in ((14, {"phone"}), (15, set())):
        with clock.frozen(clock.now() + timedelta(minutes=minutes)):
            assert set(reading.opened(report.person_id, fields=["phone"], by=kim)) == open_fields


def test_readings_are_in_the_timeline_of_the_reader_and_of_those_who_lead(town: Town) -> None:
    report, kim = a_report(town), a_member(town, teams=["streets"])
    assert report.person_id is not None
    with transaction():
        reading.reveal(report.person_id, field="email", reason="call_back", by=kim)

    def readings(by: Actor) -> list[tuple[str, str]]:
        return [(entry.field, entry.reason) for entry in timeline.of(_seen(report, by), by=by) if entry.kind is Kind.READING]

    assert readings(kim) == readings(a_member(town, Role.SUPERVISOR)) == [("email", "call_back")]
    assert readings(a_member(town, teams=["streets"])) == []
    assert readings(a_member(town, teams=["parks"])) == []

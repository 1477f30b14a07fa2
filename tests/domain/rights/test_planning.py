"""What the rules say of one resident at one moment: against an oracle, over all clocks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.people import register
from authority_portal.domain.rights.periods import Period, after
from authority_portal.domain.rights.planning import Act, Facts, judge
from authority_portal.domain.rights.rules import CONTACT, Keeps, Mode

ZONE = "Europe/Berlin"
BEGAN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
OPEN, LITERAL = CONTACT[Mode.UNLESS_OPEN], CONTACT[Mode.LITERAL]
moments = st.integers(0, 4_000 * 86_400).map(lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))


@st.composite
def facts(draw):
    """Residents in every state that can be."""
    began = draw(moments)
    is_open = draw(st.booleans())
    closed = None if is_open else draw(st.none() | st.integers(0, 800).map(lambda days: began + timedelta(days=days)))
    return Facts(began, is_open, closed, draw(st.booleans()), draw(st.booleans()), draw(st.booleans()))


def day(number: float) -> datetime:
    return BEGAN + timedelta(days=number)


def act(number: float, rule=OPEN, **more) -> Act:
    return judge(rule, Facts(BEGAN, **({"reachable": True} | more)), now=day(number), zone=ZONE).act


@pytest.mark.parametrize(
    ("number", "more", "expected"),
    [
        (49.9, {}, Act.NOTHING),
        (50, {}, Act.TELL),
        (50, {"told": True}, Act.NOTHING),
        (50, {"reachable": False}, Act.NOTHING),
        (59.9, {"told": True}, Act.NOTHING),
        (60, {"told": True}, Act.ERASE),
        (60, {}, Act.ERASE),
        (60, {"open": True, "told": True}, Act.NOTHING),
        (60, {"open": True}, Act.TELL),
        (364.9, {"open": True, "told": True}, Act.NOTHING),
        (365, {"open": True, "told": True}, Act.ERASE),
        (60, {"closed_at": day(30)}, Act.ERASE),
        (60, {"closed_at": day(50), "told": True}, Act.NOTHING),
        (64, {"closed_at": day(50), "told": True}, Act.ERASE),
        (365, {"closed_at": day(364), "told": True}, Act.ERASE),
        (999, {"held": True, "told": True}, Act.NOTHING),
    ],
)
def test_the_contact_goes_after_sixty_days_unless_something_keeps_it(number, more, expected):
    assert act(number, **more) is expected


@pytest.mark.parametrize(
    ("number", "more", "expected"),
    [
        (50, {"open": True}, Act.TELL),
        (59.9, {"open": True, "told": True}, Act.NOTHING),
        (60, {"open": True}, Act.ERASE),
        (60, {"closed_at": day(59)}, Act.ERASE),
        (999, {"held": True, "told": True}, Act.NOTHING),
    ],
)
def test_literally_it_goes_after_sixty_days_open_or_not(number, more, expected):
    assert act(number, LITERAL, **more) is expected


@given(facts(), moments, st.sampled_from(Mode), st.sampled_from(("Europe/Berlin", "America/New_York", "Pacific/Apia")))
def test_nothing_goes_early_nothing_stays_long_and_a_hold_keeps_everything(known, now, mode, zone):
    rule = CONTACT[mode]
    judged = judge(rule, known, now=now, zone=zone)
    longest = after(known.engaged_at, rule.longest, zone)

    if known.held:
        assert judged.act is not Act.ERASE
        assert judged.ends_at is None
    elif now >= longest:
        assert judged.act is Act.ERASE
    if now < after(known.engaged_at, Period(days=60), zone):
        assert judged.act is not Act.ERASE
    if judged.act is Act.ERASE and mode is Mode.UNLESS_OPEN and now < longest:
        assert not known.open
        assert known.closed_at is None or now >= after(known.closed_at, Period(days=14), zone)


@given(facts(), moments, st.integers(0, 900), st.sampled_from(Mode))
def test_what_is_to_go_stays_to_go_as_time_passes(known, now, days, mode):
    rule = CONTACT[mode]
    if judge(rule, known, now=now, zone=ZONE).act is Act.ERASE:
        assert judge(rule, known, now=now + timedelta(days=days), zone=ZONE).act is Act.ERASE


@given(facts(), moments, st.sampled_from(Mode))
def test_somebody_is_told_only_once_and_only_if_a_message_can_reach_them(known, now, mode):
    judged = judge(CONTACT[mode], known, now=now, zone=ZONE)

    if judged.act is Act.TELL:
        assert known.reachable
        assert not known.told
        assert now >= after(known.engaged_at, Period(days=50), ZONE)


@given(facts(), moments)
def test_the_end_that_is_foretold_is_the_moment_it_goes(known, now):
    judged = judge(OPEN, known, now=now, zone=ZONE)

    if judged.ends_at is not None:
        assert judge(OPEN, known, now=judged.ends_at, zone=ZONE).act is Act.ERASE
        assert judge(OPEN, known, now=judged.ends_at - timedelta(seconds=1), zone=ZONE).act is not Act.ERASE


def test_what_keeps_it_is_named_once_the_period_is_over():
    assert judge(OPEN, Facts(BEGAN, open=True), now=day(61), zone=ZONE).kept_by is Keeps.OPEN
    assert judge(OPEN, Facts(BEGAN, open=True), now=day(59), zone=ZONE).kept_by is None
    assert judge(OPEN, Facts(BEGAN, held=True), now=day(61), zone=ZONE).kept_by is Keeps.HOLD


def test_the_register_of_fields_names_the_same_period():
    periods = {
        entry.retention for entry in register.PERSONAL if entry.columns[0].startswith("person.") and "P" in entry.retention
    }

    assert periods == {f"{OPEN.period} after first engagement, unless the report is open"}

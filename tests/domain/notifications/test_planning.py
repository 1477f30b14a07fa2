"""Which messages follow from an event."""

from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authority_portal.domain.notifications.planning import Follower, News, Wording, language, plan
from authority_portal.domain.reports.workflow import Group

NEWS = News(change_id=7, before=Group.NEW, now=Group.OPEN)
ROSA = Follower(uuid4(), "email", None)
SPOKEN = frozenset({"en", "es"})


def wordings(news: News, *followers: Follower) -> list[Wording]:
    return [one.wording for one in plan(news, followers, authority_locale="en_US", spoken=SPOKEN)]


@pytest.mark.parametrize(
    ("before", "now", "wording"),
    [
        (None, Group.NEW, Wording.RECEIVED),
        (Group.NEW, Group.OPEN, Wording.CHANGED),
        (Group.OPEN, Group.WAITING, Wording.CHANGED),
        (Group.WAITING, Group.DONE, Wording.CLOSED),
        (Group.DONE, Group.OPEN, Wording.REOPENED),
    ],
)
def test_every_step_has_its_words(before: Group | None, now: Group, wording: Wording) -> None:
    assert wordings(replace(NEWS, before=before, now=now), ROSA) == [wording]


def test_an_undone_step_is_told_to_nobody() -> None:
    assert wordings(replace(NEWS, undone=True), ROSA) == []


def test_only_those_hear_who_can_be_reached_and_want_to() -> None:
    others = [
        replace(ROSA, channel="none"),
        replace(ROSA, channel="phone"),
        replace(ROSA, channel="letter"),
        replace(ROSA, stopped=True),
        replace(ROSA, erased=True),
    ]
    assert wordings(NEWS, *others) == []
    assert wordings(NEWS, *others, ROSA) == [Wording.CHANGED]


def test_the_same_news_for_the_same_person_has_the_same_key() -> None:
    keys = {one.dedupe_key for _ in range(2) for one in plan(NEWS, [ROSA], authority_locale="en_US", spoken=SPOKEN)}
    other = plan(replace(NEWS, change_id=8), [ROSA], authority_locale="en_US", spoken=SPOKEN)
    assert len(keys) == 1
    assert other[0].dedupe_key not in keys


@pytest.mark.parametrize(
    ("wanted", "given_language"),
    [(None, "en_US"), ("en", "en_US"), ("en-GB", "en_US"), ("es", "es"), ("es-MX", "es"), ("es_MX", "es"), ("fr", "en_US")],
)
def test_a_resident_reads_their_language_if_there_are_words_in_it(wanted: str | None, given_language: str) -> None:
    assert language(wanted, authority_locale="en_US", spoken=SPOKEN) == given_language


@given(st.text(max_size=20))
def test_a_message_is_never_in_a_language_nobody_knows(wanted: str) -> None:
    assert language(wanted, authority_locale="en_US", spoken=SPOKEN) in {"en_US", "en", "es"}

"""Which messages follow from an event. Pure: news and followers in, messages out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from authority_portal.domain.reports.workflow import Group

REACHED_BY = frozenset({"email"})
"""Channels on which messages leave the house by themselves; telephone and letter are staff's work."""


class Wording(StrEnum):
    """Which words a message uses: a folder below `templates/messages/`."""

    RECEIVED = "received"
    CHANGED = "changed"
    CLOSED = "closed"
    REOPENED = "reopened"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class News:
    """A step of a report that the public may know. `before` is the group it came from, None for the report's arrival."""

    change_id: int
    before: Group | None
    now: Group
    undone: bool = False


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody who may want to hear of a report, as far as planning must know them."""

    person_id: UUID
    channel: str
    locale: str | None
    stopped: bool = False
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """One message to one person."""

    person_id: UUID
    channel: str
    wording: Wording
    locale: str
    dedupe_key: str
    details: Mapping[str, str | bool] = field(default_factory=dict)
    """What the words need beside the step, as plain values."""


def plan(news: News, followers: Iterable[Follower], *, authority_locale: str, spoken: frozenset[str]) -> list[Planned]:
    """The messages that follow from `news`: one per follower who wants to hear and can be reached.

    Nothing for a step that was undone. Whether it is time is not asked here: its event was due by the database's clock, and a
    host whose own clock lags must not judge it a second time. `spoken` names the languages there are words in.
    """
    if news.undone:
        return []
    wording = wording_of(news)
    return [
        Planned(
            person_id=follower.person_id,
            channel=follower.channel,
            wording=wording,
            locale=language(follower.locale, authority_locale=authority_locale, spoken=spoken),
            dedupe_key=f"{wording}:{news.change_id}:{follower.person_id}:{follower.channel}",
        )
        for follower in followers
        if follower.channel in REACHED_BY and not follower.stopped and not follower.erased
    ]


def wording_of(news: News) -> Wording:
    """The words for a step: its arrival, its end, its second beginning, or plain news."""
    if news.before is None:
        return Wording.RECEIVED
    if news.now is Group.DONE:
        return Wording.CLOSED
    return Wording.REOPENED if news.before is Group.DONE else Wording.CHANGED


def language(wanted: str | None, *, authority_locale: str, spoken: frozenset[str]) -> str:
    """The language of a message: what the resident asked for if there are words in it, else the authority's."""
    name = (wanted or "").replace("-", "_")
    bare = name.partition("_")[0].lower()
    if bare == authority_locale.partition("_")[0].lower():
        return authority_locale
    return next((known for known in (name, bare) if known in spoken), authority_locale)

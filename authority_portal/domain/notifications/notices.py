"""Telling residents how long their contact details are kept."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from authority_portal.domain.authorities.card import Card
from authority_portal.domain.notifications.commands import write_down
from authority_portal.domain.notifications.models import Message
from authority_portal.domain.notifications.planning import Follower, Planned, Wording, language
from authority_portal.domain.reports.models import StatusChange
from authority_portal.foundation.db import db


@dataclass(frozen=True, slots=True)
class Notice:
    """What one resident is told about one report: when their details go; `kept`: or before, when the work is done."""

    follower: Follower
    report_id: int
    ends_at: datetime
    kept: bool


def tell(notices: Collection[Notice], *, authority: Card, spoken: frozenset[str]) -> list[UUID]:
    """Plan these notices; returns who is told now. The caller commits.

    A notice belongs to the last step the public knows: it says nothing that is still inside. Planned twice, it leaves once; who
    was told another end the last time is told anew.
    """
    latest = _latest_steps({notice.report_id for notice in notices}, authority.id)
    before = _told_before({notice.follower.person_id for notice in notices}, authority.id)
    planned, told = [], []
    for notice in notices:
        if notice.report_id in latest:
            follower = notice.follower
            details: dict[str, str | bool] = {"ends_at": notice.ends_at.isoformat(), "kept": notice.kept}
            said = before.get(follower.person_id, [])
            if details not in said[-1:]:
                message = Planned(
                    person_id=follower.person_id,
                    channel=follower.channel,
                    wording=Wording.RETENTION,
                    locale=language(follower.locale, authority_locale=authority.locale, spoken=spoken),
                    dedupe_key=f"{Wording.RETENTION}:{follower.person_id}:{follower.channel}:{len(said)}",
                    details=details,
                )
                planned.append((message, notice.report_id, latest[notice.report_id]))
            told.append(follower.person_id)
    write_down(planned, authority_id=authority.id)
    return told


def _told_before(person_ids: Collection[UUID], authority_id: int) -> Mapping[UUID, list[Mapping[str, Any]]]:
    """What each of these residents was told so far, in its order."""
    rows = db.session.execute(
        select(Message.person_id, Message.details)
        .where(Message.authority_id == authority_id, Message.person_id.in_(person_ids), Message.event == Wording.RETENTION)
        .order_by(Message.id)
    )
    said: dict[UUID, list[Mapping[str, Any]]] = {}
    for person_id, details in rows:
        said.setdefault(person_id, []).append(details)
    return said


def _latest_steps(report_ids: Collection[int], authority_id: int) -> Mapping[int, int]:
    rows = db.session.execute(
        select(StatusChange.report_id, func.max(StatusChange.id).label("change_id"))
        .where(
            StatusChange.authority_id == authority_id,
            StatusChange.report_id.in_(report_ids),
            StatusChange.undone_at.is_(None),
            StatusChange.public_at <= func.now(),
        )
        .group_by(StatusChange.report_id)
    )
    return {row.report_id: row.change_id for row in rows}

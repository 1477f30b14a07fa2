"""Sending an invitation: read what is true now, write it, hand it over, and remember that it left."""

import hashlib
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select

from authority_portal.channels import inviting, registry
from authority_portal.channels.contract import Never
from authority_portal.channels.inviting import Heading, Invited
from authority_portal.domain.access.roles import Role
from authority_portal.domain.authorities import card
from authority_portal.domain.staff import invitations
from authority_portal.domain.staff.models import Invitation
from authority_portal.foundation import clock
from authority_portal.foundation.db import db, transaction

log = structlog.get_logger("invitations")

REFUSED = "the mail server refused the address"


def send(authority_id: int, payload: dict[str, Any]) -> None:
    """Send one invitation unless it was used, withdrawn, made anew or is over. May run twice; the second is the same e-mail.

    Raises channels.contract.ChannelError while it is worth another try; the outbox waits longer each time.
    """
    with transaction():
        row = _open_one(authority_id, payload)
        invited = _invited(row, authority_id) if row else None
    if invited is None:
        return
    words = inviting.write(invited)
    try:
        with registry.opened("email") as channel:
            channel.send(words, invited, before_handover=lambda: None)
    except Never as error:
        log.warning("invitation refused", invitation_id=payload["invitation_id"], cause=str(error))
        _remember(authority_id, payload, failure=REFUSED)
    else:
        _remember(authority_id, payload, sent_at=clock.now())


def _open_one(authority_id: int, payload: dict[str, Any]) -> Invitation | None:
    return db.session.scalar(
        select(Invitation).where(
            Invitation.authority_id == authority_id,
            Invitation.id == payload["invitation_id"],
            Invitation.round == payload["round"],
            Invitation.accepted_at.is_(None),
            Invitation.withdrawn_at.is_(None),
            Invitation.sent_at.is_(None),
            Invitation.ends_at > clock.now(),
        )
    )


def _invited(row: Invitation, authority_id: int) -> Invited:
    authority = card.by_id(authority_id)
    return Invited(
        letter=Heading(authority, authority.locale),
        address=row.email,
        key=hashlib.sha256(f"invitation|{invitations.token_of(row)}".encode()).hexdigest()[:32],
        link=invitations.link_of(row),
        roles=[Role(role) for role in row.roles],
        ends_at=row.ends_at,
    )


def _remember(authority_id: int, payload: dict[str, Any], *, sent_at: datetime | None = None, failure: str = "") -> None:
    with transaction():
        row = _open_one(authority_id, payload)
        if row is not None:
            row.sent_at, row.failure = sent_at, failure

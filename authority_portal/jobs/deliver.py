"""Sending the due messages of one batch over one connection."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import OperationalError

from authority_portal.channels import registry, wording
from authority_portal.channels.contract import Channel, LeaseLost, Never, NotNow, Unreachable, Unsure, Words
from authority_portal.config import settings
from authority_portal.domain.authorities import card
from authority_portal.domain.notifications import messages
from authority_portal.domain.notifications.letters import Addressed, Mail, address_all
from authority_portal.domain.notifications.messages import Claimed
from authority_portal.foundation import bell
from authority_portal.foundation.db import bound, transaction
from authority_portal.jobs import ending

log = structlog.get_logger("deliver")

LONGEST_BATCH = 300.0
"""Seconds after which a slow server's batch is let go, so that other work of the queue comes in between."""

WRITE_AGAIN_AFTER = (0.2, 1.0, 3.0)
"""Seconds between attempts to write down what happened to a message, while the database restarts."""


def lease() -> timedelta:
    """How long this worker may hold a message without a sign of life."""
    return timedelta(seconds=settings().LEASE_SECONDS)


def deliver_due(batch_id: int) -> None:
    """Send the due messages of one batch. May run twice; no transaction is open while a provider keeps us waiting."""
    with transaction():
        claimed = messages.claim(batch_id, lease=lease())
    if not claimed:
        return
    letters = _letters(claimed)
    with ExitStack() as stack:
        try:
            channel = stack.enter_context(registry.opened(claimed[0].channel))
        except Exception as error:
            log.exception("channel cannot be opened", channel=claimed[0].channel)
            for message in letters:
                _write(messages.failed, message, cause=f"channel cannot be opened: {type(error).__name__}", for_good=False)
        else:
            _deliver_all(channel, letters)
    bell.ring(claimed[0].authority_id)  # screens that show how far messages came look again


def _letters(claimed: list[Claimed]) -> dict[Claimed, Addressed]:
    """What can leave. If reading it breaks for all together, one by one, so that one message keeps no other from leaving."""
    try:
        mail = _mail(claimed)
    except Exception as error:
        log.exception("addressing broke", batch_id=claimed[0].batch_id, messages=len(claimed))
        if len(claimed) > 1:
            return {message: to for one in claimed for message, to in _letters([one]).items()}
        _write(messages.failed, claimed[0], cause=f"cannot be addressed: {type(error).__name__}", for_good=False)
        return {}
    if mail.locked:
        # Another host may have the key, or this one gets it back: only a setting is wrong, not the messages.
        log.error("data key missing", batch_id=claimed[0].batch_id, messages=len(mail.locked))
    for message in claimed:
        if message.message_id in mail.broken:
            log.error("contact cannot be opened", message_id=message.message_id)
            _write(messages.failed, message, cause="contact cannot be opened", for_good=True)
        elif message.message_id in mail.locked:
            _write(messages.failed, message, cause="this host lacks the data key of the contact", for_good=False)
        elif message.message_id not in mail.letters:
            _write(messages.cancelled, message, cause="nobody wants it any more")
    return {message: mail.letters[message.message_id] for message in claimed if message.message_id in mail.letters}


def _mail(claimed: list[Claimed]) -> Mail:
    authority = card.by_id(claimed[0].authority_id)
    with bound(authority.id), transaction():
        ids = [message.message_id for message in claimed]
        return address_all(ids, authority=authority, batch_id=claimed[0].batch_id)


def _deliver_all(channel: Channel, letters: dict[Claimed, Addressed]) -> None:
    began = renewed = time.monotonic()
    away = ""
    for message, to in letters.items():
        if ending.asked.is_set() or time.monotonic() - began > LONGEST_BATCH:
            _write(messages.let_go, message)
            continue
        if away:
            _write(messages.failed, message, cause=away, for_good=False)
            continue
        if time.monotonic() - renewed > settings().LEASE_SECONDS / 4:
            _write(messages.renew, message, lease=lease())
            renewed = time.monotonic()
        try:
            _deliver_one(channel, message, to)
        except Unreachable as error:
            away = str(error)
            log.warning("channel away", channel=message.channel, cause=away)


def _deliver_one(channel: Channel, message: Claimed, to: Addressed) -> None:
    words = _words(message, to)
    if words is None:
        return
    try:
        channel.send(words, to, before_handover=partial(_hand_over, message))
    except LeaseLost:
        log.warning("lease lost", message_id=message.message_id)
    except Unsure as error:
        _write(messages.unsure, message, cause=str(error))
        log.warning("message unsure", message_id=message.message_id, cause=str(error))
    except (NotNow, Never) as error:
        _write(messages.failed, message, cause=str(error), for_good=isinstance(error, Never))
        log.warning("message refused", message_id=message.message_id, attempts=message.attempts, cause=str(error))
        if isinstance(error, Unreachable):
            raise
    except Exception:
        # Nobody knows how far it came: the lease ends by itself, and `handed_at` tells the next worker what to think.
        log.exception("sending broke", message_id=message.message_id)
    else:
        _write(messages.sent, message)
        log.info("message sent", message_id=message.message_id, channel=message.channel, attempts=message.attempts)


def _words(message: Claimed, to: Addressed) -> Words | None:
    """A wording that cannot be made is our mistake and must not keep the others from leaving."""
    try:
        return wording.write(to.letter)
    except Exception as error:
        log.exception("wording failed", message_id=message.message_id, wording=to.letter.wording)
        _write(messages.failed, message, cause=f"wording: {type(error).__name__}", for_good=False)
        return None


def _hand_over(message: Claimed) -> None:
    with transaction():
        ours = messages.handed_over(message, lease=lease())
    if not ours:
        raise LeaseLost


def _write(what: Callable[..., None], message: Claimed, **more: Any) -> None:
    """Write down what happened, patiently: a message that left and is not on record leaves a second time."""
    for wait in (*WRITE_AGAIN_AFTER, None):
        try:
            with transaction():
                what(message, **more)
        except OperationalError:
            if wait is None:
                raise
            time.sleep(wait)
        else:
            return

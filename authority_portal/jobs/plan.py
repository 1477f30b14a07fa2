"""From an event of the report room to messages that wait to leave."""

from typing import Any

from authority_portal.channels import wording
from authority_portal.domain.authorities import card
from authority_portal.domain.notifications import commands


def tell_followers(authority_id: int, payload: dict[str, Any]) -> None:
    """Plan what the followers of a report hear about one step. May run twice; stands or falls with the caller's transaction."""
    commands.announce(payload["report_id"], payload["change_id"], authority=card.by_id(authority_id), spoken=wording.spoken())

"""What happened among staff, for those who act on it later. Ids only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InvitationMade:
    """An invitation is to be sent. `round` counts how often it was made anew: only the latest is sent."""

    invitation_id: int
    round: int

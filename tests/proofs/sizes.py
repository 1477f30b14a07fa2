"""The two sizes of every proof: small in `make test`, full in `make prove`."""

import os
from typing import TypeVar

T = TypeVar("T")

FULL = os.environ.get("PORTAL_PROOF") == "full"


def sized(*, small: T, full: T) -> T:
    """The size of this run."""
    return full if FULL else small

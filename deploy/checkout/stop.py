"""`make stop`: ends what runs from this checkout, also what a killed `make run` left behind."""

import time

from authority_portal import services
from deploy.checkout import say
from deploy.checkout.places import LOCAL
from deploy.checkout.processes import Processes
from deploy.checkout.say import Refused

# The supervisor waits for its children and the servers; this is longer than all of that together.
PATIENCE = 90.0


def main() -> int:
    """Stop, and say what was stopped."""
    ended = everything()
    say.line(f"Stopped: {', '.join(ended)}." if ended else "Nothing was running.")
    return 0


def everything() -> list[str]:
    """Stop the supervisor, then whatever it could not stop any more. Names what was running."""
    processes = Processes()
    ended = [name for name in processes.noted() if processes.family(name)]
    processes.ask_to_end("supervisor")
    deadline = time.monotonic() + PATIENCE
    while processes.pid_of("supervisor") and time.monotonic() < deadline:
        time.sleep(0.05)
    for name in processes.noted():
        processes.end(name)
    if not services.stop("run", local=LOCAL):
        raise Refused("The servers are still used by another process of this checkout: end that first.")
    return ended

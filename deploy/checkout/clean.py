"""`make clean`: back to what git knows, and nothing left elsewhere."""

import shutil

from authority_portal import services
from deploy.checkout import say, stop
from deploy.checkout.places import LOCAL, MODULES, VENDOR
from deploy.checkout.say import Refused

USERS: tuple[tuple[services.Flavour, str], ...] = (("test", "Tests"), ("bench", "Measurements"))


def main() -> int:
    """Stop what runs, then remove what `make run` and `make test` made."""
    stop.everything()
    for flavour, what in USERS:
        if not services.stop(flavour, local=LOCAL):
            raise Refused(f"{what} of this checkout are running: wait for them or end them first.")
    place = services.known_place(LOCAL)
    elsewhere = [place] if place and place != LOCAL else []
    for folder in [*elsewhere, VENDOR, MODULES, LOCAL]:
        if folder.exists():
            shutil.rmtree(folder)
    say.line("Removed .local, static/vendor and node_modules" + "".join(f", and {folder}" for folder in elsewhere) + ".")
    return 0

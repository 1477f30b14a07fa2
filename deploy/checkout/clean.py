"""`make clean`: back to what git knows, and nothing left elsewhere."""

import shutil

from authority_portal import services
from deploy.checkout import say, stop
from deploy.checkout.places import LOCAL, MODULES, VENDOR
from deploy.checkout.say import Refused


def main() -> int:
    """Stop what runs, then remove what `make run` and `make test` made."""
    stop.everything()
    if not services.stop("test", local=LOCAL):
        raise Refused("Tests of this checkout are running: wait for them or end them first.")
    place = services.known_place(LOCAL)
    elsewhere = [place] if place and place != LOCAL else []
    for folder in [*elsewhere, VENDOR, MODULES, LOCAL]:
        if folder.exists():
            shutil.rmtree(folder)
    say.line("Removed .local, static/vendor and node_modules" + "".join(f", and {folder}" for folder in elsewhere) + ".")
    return 0

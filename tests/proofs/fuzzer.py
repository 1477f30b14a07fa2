"""schemathesis as a command, with garbage collected between requests only.

It shows strategies by parsing their source, and Python 3.11 miscounts its depth when garbage is collected in the middle of that
(python/cpython#106905): then it gives up on a document for a reason that has nothing to do with the answers.
"""

import gc
import itertools
from typing import Any

import schemathesis
from schemathesis.cli import schemathesis as command

EVERY = 200
"""Requests."""
_number = itertools.count(1)


@schemathesis.hook
def before_call(_context: Any, _case: Any, _kwargs: dict[str, Any]) -> None:
    """Between two requests nothing is being parsed."""
    if next(_number) % EVERY == 0:
        gc.collect()


if __name__ == "__main__":
    gc.disable()
    command()

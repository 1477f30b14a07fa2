"""What every command shares: the authority it is about, and failures in one plain line."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import OperationalError

from authority_portal.domain.authorities import card
from authority_portal.domain.authorities.card import Card
from authority_portal.foundation.db import bind, bound
from authority_portal.foundation.errors import Invalid, NotFound, PortalError

P = ParamSpec("P")
R = TypeVar("R")


@contextmanager
def bound_to(slug: str) -> Iterator[Card]:
    """The authority of this slug, bound for the block."""
    bind(None)
    try:
        authority = card.by_slug(slug)
    except NotFound:
        there = ", ".join(each.slug for each in card.cards()) or "none; make one with `flask authority add`"
        raise click.ClickException(f"There is no authority {slug}. There are: {there}") from None
    with bound(authority.id):
        yield authority


def plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Say an expected failure in words and end with code 1, instead of a traceback."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Invalid as wrong:
            raise click.ClickException("\n       ".join(f"{name}: {text}" for name, text in wrong.fields.items())) from None
        except PortalError as error:
            raise click.ClickException(str(error)) from None
        except OperationalError:
            raise click.ClickException(
                "The database does not answer. Start it (`make run` in a checkout), "
                "or look at PORTAL_DATABASE_URL with `flask doctor`."
            ) from None

    return run

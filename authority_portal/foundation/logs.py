"""Structured logs of every process: one JSON line per event, on standard error, in UTC, never with personal data."""

import logging
import sys
import traceback
from types import TracebackType

import structlog
from structlog.typing import EventDict, WrappedLogger

MOST_FRAMES = 30


def frames_only(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Exceptions as types and places. Their texts stay out: a database's complaint quotes the row it is about."""
    given = event.pop("exc_info", None)
    error = (
        given
        if isinstance(given, BaseException)
        else given[1]
        if isinstance(given, tuple)
        else sys.exc_info()[1]
        if given
        else None
    )
    chain: list[dict[str, object]] = []
    while error is not None and len(chain) < 5:
        chain.append(
            {"type": type(error).__qualname__, "state": getattr(error, "sqlstate", None), "at": _places(error.__traceback__)}
        )
        error = error.__cause__ or error.__context__
    if chain:
        event["exception"] = chain
    return event


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-MOST_FRAMES:]
    return [f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in frames]


_SHARED: tuple[structlog.typing.Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    frames_only,
)


def configure() -> None:
    """Exceptions come as frames without texts and variables. Libraries speak in the same form, from warnings on."""
    structlog.configure(
        processors=[*_SHARED, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(handler)
        root.setLevel(logging.WARNING)


def formatter() -> logging.Formatter:
    """How a line of a library is written: like our own."""
    return structlog.stdlib.ProcessorFormatter(processor=structlog.processors.JSONRenderer(), foreign_pre_chain=_SHARED)

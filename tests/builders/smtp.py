"""A real SMTP server inside the test's process, which keeps what it took and answers as the test wishes."""
# ruff: noqa: N802  # aiosmtpd finds its handlers by these names

import asyncio
import email
import email.policy
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

Answer = Callable[[str], str | None]


@dataclass
class Sink:
    """What arrived, and how the server answers. `at_data` may answer for a recipient, or hang up by raising HangUp."""

    port: int = 0
    took: list[tuple[str, EmailMessage]] = field(default_factory=list)
    at_recipient: Answer = lambda _address: None
    at_data: Answer = lambda _address: None
    takes_ms: float = 0.0
    connections: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def to(self, address: str) -> list[EmailMessage]:
        return [message for recipient, message in self.took if recipient == address]

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]) -> str:
        answer = self.at_recipient(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self.takes_ms / 1000)
        address = envelope.rcpt_tos[0]
        try:
            answer = self.at_data(address)
        except HangUp as how:
            if how.keeps:
                self._keep(address, envelope)
            server.transport.abort()
            return "451 gone"
        if answer is None:
            self._keep(address, envelope)
        return answer or "250 OK"

    def _keep(self, address: str, envelope: Envelope) -> None:
        content = email.message_from_bytes(envelope.original_content or b"", policy=email.policy.default)
        assert isinstance(content, EmailMessage)
        self.took.append((address, content))


class HangUp(Exception):
    """The server breaks the line instead of answering; it may have kept the message before."""

    def __init__(self, *, keeps: bool) -> None:
        super().__init__()
        self.keeps = keeps


@contextmanager
def a_sink(takes_ms: float = 0.0) -> Iterator[Sink]:
    """A listening server on a free port of loopback."""
    sink, loop, ready = Sink(takes_ms=takes_ms), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        server = await loop.create_server(
            lambda: SMTP(sink, hostname="localhost", ident="test", enable_SMTPUTF8=True), "127.0.0.1", 0
        )
        sink.port = server.sockets[0].getsockname()[1]
        ready.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        server.close()

    task = loop.create_task(serve())
    thread = threading.Thread(target=lambda: loop.run_until_complete(task), daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield sink
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(5)

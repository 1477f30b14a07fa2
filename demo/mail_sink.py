"""A local SMTP server that keeps every accepted mail as one .eml file: the demo's and the journeys' mailbox.

python demo/mail_sink.py --folder .local/mail [--port 2525] [--port-file FILE]
"""

import argparse
import asyncio
import itertools
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

# Larger than any message of the portal; a mail is held in memory while it arrives.
LARGEST = 20_000_000


class Folder:
    """Keeps mail in one folder. Names sort by arrival; a file appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`; it is made if it is missing."""
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count(1)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  # aiosmtpd calls it so
        """Keep one mail, with the envelope as a delivering server would note it. The answer to the client says where."""
        arrived = datetime.now(UTC)
        name = f"{arrived:%Y%m%dT%H%M%S.%f}Z-{os.getpid()}-{next(self._numbers):06d}.eml"
        noted = [f"Return-Path: <{envelope.mail_from or ''}>", *(f"Delivered-To: {address}" for address in envelope.rcpt_tos)]
        content = envelope.original_content or b""
        try:
            draft = self._folder / f".{name}.part"
            draft.write_bytes("".join(f"{_one_line(text)}\r\n" for text in noted).encode() + content)
            draft.rename(self._folder / name)
        except OSError as error:
            return f"451 4.3.0 It cannot be kept now: {error.strerror}"
        return f"250 2.0.0 Kept as {name}"

    async def handle_exception(self, error: Exception) -> str:
        """One client's nonsense never ends the server."""
        return f"451 4.3.0 Not understood: {type(error).__name__}"


def _one_line(text: str) -> str:
    """An address may hold anything; a header ends with its line."""
    return " ".join(text.split())


async def serve(folder: Path, port: int, port_file: Path | None) -> None:
    """Listen on loopback until SIGTERM. Port 0 is any free one; `port_file` then tells which."""
    keeper = Folder(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(keeper, data_size_limit=LARGEST, enable_SMTPUTF8=True, hostname="localhost", ident="portal demo"),
        "127.0.0.1",
        port,
    )
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if port_file is not None:
        draft = port_file.with_name(f"{port_file.name}.new")
        draft.write_text(str(server.sockets[0].getsockname()[1]))
        draft.replace(port_file)
    await ended.wait()
    server.close()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--port", type=int, default=2525)
    parser.add_argument("--port-file", type=Path)
    options = parser.parse_args()
    asyncio.run(serve(options.folder, options.port, options.port_file))


if __name__ == "__main__":
    main()

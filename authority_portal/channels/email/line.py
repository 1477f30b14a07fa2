"""One SMTP connection, used for a whole batch.

The standard library's `sendmail` hides the moment that matters: between the server's go-ahead for the content and the final
dot the message is recorded as handed over. So the dialogue is spoken here, word by word, on its connection.
"""

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from authority_portal.channels.contract import Mailing, Never, NotNow, Unreachable, Unsure, Words
from authority_portal.channels.email.composing import compose, mailbox
from authority_portal.config import settings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_CLOSING = 421
_DOT_AT_START = re.compile(rb"(?m)^\.")


class Line:
    """A channel over `smtp://` or `smtps://`; connects at the first message and again after the line broke."""

    def __init__(self, url: str, *, sender: str, timeout: float) -> None:
        """`timeout` bounds, in seconds, every single wait for the server. User and password are part of `url`."""
        parts = urlsplit(url)
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("PORTAL_SMTP_URL must be smtp://host:port or smtps://host:port")
        self._tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname, parts.port or (465 if self._tls else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender, self._timeout = sender, timeout
        self._smtp: smtplib.SMTP | None = None

    @classmethod
    def of_settings(cls) -> "Line":
        """To the installation's server. A wait must end well before the lease of the message does."""
        chosen = settings()
        return cls(chosen.SMTP_URL, sender=chosen.MAIL_FROM, timeout=chosen.LEASE_SECONDS / 3)

    def send(self, words: Words, to: Mailing, *, before_handover: Callable[[], None]) -> None:
        """See the contract. A refusal of ourselves (sender, password) is `NotNow`: it says nothing against the message."""
        content = _composed(words, to)
        smtp = self._connected()
        try:
            self._ask_to_take(smtp, to, len(content))
            before_handover()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Unreachable(f"the line broke: {type(error).__name__}") from None
        except (NotNow, Never):
            self._start_over()
            raise
        except BaseException:
            self._drop()  # without the final dot the server forgets what was begun
            raise
        try:
            smtp.send(_DOT_AT_START.sub(b"..", content) + b".\r\n")
            code, _ = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Unsure(f"no answer after the content: {type(error).__name__}") from None
        self._judge(code, "content")

    def close(self) -> None:
        """See the contract."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._drop()

    def _ask_to_take(self, smtp: smtplib.SMTP, to: Mailing, size: int) -> None:
        address = mailbox(to.address)
        options = [f"SIZE={size}"] if smtp.has_extn("size") else []
        if not address.isascii():
            if not smtp.has_extn("smtputf8"):
                raise Never("the server takes no addresses beyond ASCII")
            options += ["SMTPUTF8", "BODY=8BITMIME"]
            smtp.command_encoding = "utf-8"
        code, _ = smtp.mail(self._sender, options)
        if code >= 500:
            raise NotNow(f"{code} to the sender")
        self._judge(code, "sender")
        code, _ = smtp.rcpt(address)
        self._judge(code, "recipient")
        code, _ = smtp.docmd("DATA")
        self._judge(code, "go-ahead")

    def _judge(self, code: int, what: str) -> None:
        """The server's own words may repeat the address, so only its number is kept."""
        if code == _CLOSING:
            self._drop()
            raise Unreachable(f"{code} to the {what}")
        if code >= 500:
            raise Never(f"{code} to the {what}")
        if code >= 400 or code < 200:
            raise NotNow(f"{code} to the {what}")

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = self._connect()
            except (OSError, smtplib.SMTPException) as error:
                self._drop()
                raise Unreachable(f"no connection: {type(error).__name__}") from None
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        # Our name is taken from the sender: the library would ask DNS for it, and wait.
        ours = self._sender.rpartition("@")[2]
        if self._tls:
            context = ssl.create_default_context()
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, local_hostname=ours, timeout=self._timeout, context=context
            )
        else:
            smtp = smtplib.SMTP(self._host, self._port, local_hostname=ours, timeout=self._timeout)
        self._smtp = smtp
        smtp.ehlo_or_helo_if_needed()
        safe = self._tls
        if not safe and smtp.has_extn("starttls"):
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
            safe = True
        if self._user:
            if not safe and self._host not in _LOOPBACK:
                raise smtplib.SMTPNotSupportedError("a password goes over TLS only")
            smtp.login(self._user, self._password)
        return smtp

    def _start_over(self) -> None:
        """Ready for the next message on the same connection."""
        if self._smtp is not None:
            try:
                self._smtp.rset()
            except (OSError, smtplib.SMTPException):
                self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def _composed(words: Words, to: Mailing) -> bytes:
    """A message that cannot be put together must not keep its neighbours from leaving."""
    try:
        return compose(words, to).as_bytes()
    except Exception as error:
        raise NotNow(f"cannot be composed: {type(error).__name__}") from None

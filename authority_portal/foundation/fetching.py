"""The one guarded fetcher: gets a file from an address a stranger wrote, without becoming their way into our network.

Only http and https on their usual ports; every address a name resolves to must be public; the connection goes to the very
address that was checked, so a name that changes its mind is no help; redirects are followed by hand and checked again; size
and time are bounded as a whole, and a compressed answer is refused.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from authority_portal.foundation.sentences import Sentence, Stored

MOST_BYTES = 10 * 1024 * 1024
SECONDS = 10.0
REDIRECTS = 3
PORTS = {"http": 80, "https": 443}
MOST_LOOKUPS = 4
"""Names looked up at the same time, those included that nobody waits for any more."""
_LOOKUPS = threading.BoundedSemaphore(MOST_LOOKUPS)
HEADERS = {"Accept": "image/*", "Accept-Encoding": "identity", "User-Agent": "Authority-Portal"}
ANSWERED = Stored("the server answered %(code)s")


class FetchRefused(Exception):
    """This address is never fetched: trying again would not help. The text names the reason, not the address."""


class FetchFailed(Exception):
    """It did not work this time: trying again may help."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`private` lets loopback and private addresses and any port through: for the test suite's own servers only."""

    most_bytes: int = MOST_BYTES
    seconds: float = SECONDS
    private: bool = False


def fetch(address: str, limits: Limits = Limits()) -> bytes:
    """The body found at `address`, following up to three redirects. Raises FetchRefused or FetchFailed."""
    ends = time.monotonic() + limits.seconds
    for _ in range(REDIRECTS + 1):
        answer = _ask(_checked(address, limits), limits, ends)
        if isinstance(answer, bytes):
            return answer
        address = _joined(address, answer)
    raise FetchRefused(Sentence("too many redirects"))


def _joined(address: str, target: str) -> str:
    try:
        return urljoin(address, target)
    except ValueError:
        raise FetchRefused(Sentence("the address cannot be read")) from None


def check(address: str) -> None:
    """Whether the address has a form that may be fetched at all. Raises FetchRefused; asks no name server."""
    _checked(address, Limits(private=True))


def _checked(address: str, limits: Limits) -> SplitResult:
    if len(address) > 2_000 or not address.isascii() or any(ord(letter) <= 32 or ord(letter) == 127 for letter in address):
        raise FetchRefused(Sentence("the address must be plain ASCII without spaces, at most 2,000 characters"))
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise FetchRefused(Sentence("the address cannot be read")) from None
    if parts.scheme not in PORTS or not parts.hostname:
        raise FetchRefused(Sentence("only http and https addresses are fetched"))
    if parts.username is not None or parts.password is not None:
        raise FetchRefused(Sentence("the address must not carry a user name"))
    if port is not None and port != PORTS[parts.scheme] and not limits.private:
        raise FetchRefused(Sentence("only the usual ports are fetched from"))
    return parts


def _public_address(parts: SplitResult, limits: Limits, ends: float) -> tuple[str, int]:
    port = parts.port or PORTS[parts.scheme]
    addresses = _looked_up(parts.hostname or "", port, ends)
    for text in addresses:
        if not limits.private and not _is_public(text):
            raise FetchRefused(Sentence("the address leads into a private network"))
    return addresses[0], port


def _looked_up(name: str, port: int, ends: float) -> list[str]:
    """Every address of the name. The system's resolver takes no time limit, so it works in a thread that we may leave behind;
    it ends with the resolver's own patience, and there are never more than MOST_LOOKUPS of them."""
    found: list[str] = []
    owed = threading.Lock()  # whoever takes it gives the place back, and nobody else

    def look_up() -> None:
        if not owed.acquire(blocking=False):
            return
        try:
            with suppress(OSError, UnicodeError):
                found.extend(str(entry[4][0]) for entry in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
        finally:
            _LOOKUPS.release()

    if not _LOOKUPS.acquire(timeout=_left(ends)):
        raise FetchFailed(Sentence("too many names are being looked up"))
    thread = threading.Thread(target=look_up, daemon=True)
    try:
        thread.start()
    except (RuntimeError, MemoryError):
        # The machine is full. It says so before the thread began, or after, when the thread has taken the place over.
        if owed.acquire(blocking=False):
            _LOOKUPS.release()
        raise FetchFailed(Sentence("there was no room to look the name up")) from None
    thread.join(max(0.0, ends - time.monotonic()))
    if not found:
        raise FetchFailed(Sentence("the name is not known, or nobody said so in time"))
    return found


def _is_public(text: str) -> bool:
    address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        # Addresses that carry an IPv4 address inside are judged by that one.
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is None and address in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            address = inner
    return address.is_global and not (address.is_multicast or address.is_reserved or _is_site_local(address))


def _is_site_local(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """fec0::/10, given up in 2004 and still routed inside some houses; the library calls it global."""
    return isinstance(address, ipaddress.IPv6Address) and address.is_site_local


def _ask(parts: SplitResult, limits: Limits, ends: float) -> bytes | str:
    """The body, or the address of a redirect."""
    host, port = _public_address(parts, limits, ends)
    connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=_left(ends))
    try:
        connected = connection.sock = _connected(parts, host, port, ends)
        # Time limits of a socket begin anew with every byte, so a drip of headers would never end by itself.
        end = threading.Timer(_left(ends), _break_off, [connected])
        end.start()
        try:
            if isinstance(connected, ssl.SSLSocket):
                connected.do_handshake()
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", path, headers=HEADERS)
            answer = connection.getresponse()
            if answer.status in (301, 302, 303, 307, 308):
                return answer.getheader("Location") or _refuse(Sentence("a redirect without a target"))
            return _body(answer, connected, limits, ends)
        finally:
            end.cancel()
    except (OSError, http.client.HTTPException):
        raise FetchFailed(Sentence("the server could not be reached or broke off")) from None
    finally:
        connection.close()


def _connected(parts: SplitResult, host: str, port: int, ends: float) -> socket.socket:
    plain = socket.create_connection((host, port), timeout=min(5.0, _left(ends)))
    plain.settimeout(_left(ends))
    if parts.scheme != "https":
        return plain
    return ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname, do_handshake_on_connect=False)


def _break_off(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


def _body(answer: http.client.HTTPResponse, connected: socket.socket, limits: Limits, ends: float) -> bytes:
    if answer.status >= 500 or answer.status == 429:
        raise FetchFailed(ANSWERED(code=str(answer.status)))
    if answer.status != 200:
        raise FetchRefused(ANSWERED(code=str(answer.status)))
    if answer.getheader("Content-Encoding", "identity") != "identity":
        raise FetchRefused(Sentence("compressed answers are not read"))
    parts: list[bytes] = []
    size = 0
    while True:
        # Each read gets only the time that is left, so that a slow drip ends as well.
        connected.settimeout(_left(ends))
        part = answer.read1(65_536)
        if not part:
            _left(ends)  # an end that we made ourselves is no end of the file
            if answer.length:
                raise FetchFailed(Sentence("the server broke off"))
            return b"".join(parts)
        size += len(part)
        if size > limits.most_bytes:
            raise FetchRefused(Sentence("the file is larger than 10 MB"))
        parts.append(part)


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise FetchFailed(Sentence("it took too long"))
    return left


def _refuse(reason: Sentence) -> str:
    raise FetchRefused(reason)

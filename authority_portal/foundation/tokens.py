"""Secret tokens that nobody has to remember: derived from a key ring, recognised by their digest.

The same purpose gives the same token again, so a message that is sent twice carries one link. A token is worth nothing without
its digest being on record, so making one up needs both the key and a row.
"""

import base64
import hashlib
import hmac

from authority_portal.foundation.sealing import ring

_BYTES = 24  # 192 bits, 32 characters


def derived(what: str, *, keys: str) -> tuple[str, ...]:
    """The tokens of `what`, one per key of the ring `keys` (`id:base64,…`), the newest key's first. URL-safe."""
    return tuple(_encoded(hmac.new(key, what.encode(), hashlib.sha256).digest()[:_BYTES]) for _, key in ring(keys).keys)


def digest(token: str) -> bytes:
    """What is stored of a token: it is random enough that a plain SHA-256 cannot be turned back."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")

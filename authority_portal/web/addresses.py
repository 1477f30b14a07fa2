"""Addresses that a browser names in its headers, read without trust."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from flask import request

_NOWHERE = SplitResult("", "", "", "", "")


def parts(address: str | None) -> SplitResult:
    """The parts of an address; what cannot be read has none, because `urlsplit` raises ValueError for `http://[`."""
    try:
        return urlsplit(address or "")
    except ValueError:
        return _NOWHERE


def is_ours(address: SplitResult) -> bool:
    """Whether the address lies on the host this request asked."""
    return address.netloc == request.host


def network() -> str:
    """Where this request comes from: an IPv4 address, or the /64 that one IPv6 line is given; `unknown` if nobody can say.

    What a visitor writes into X-Forwarded-For changes nothing: only what trusted proxies added is read (PORTAL_TRUSTED_PROXIES).
    """
    try:
        known = ipaddress.ip_address(request.remote_addr or "")
        if isinstance(known, ipaddress.IPv6Address):
            known = known.ipv4_mapped or known
        return str(ipaddress.ip_network(f"{known}/{32 if known.version == 4 else 64}", strict=False))
    except ValueError:
        return "unknown"

"""Addresses that a browser names in its headers, read without trust."""

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

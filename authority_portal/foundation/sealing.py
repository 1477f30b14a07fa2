"""Sealing: authenticated encryption of single values, and blind indexes to find equal ones.

Each person has a data key of their own, wrapped by a master key from `PORTAL_DATA_KEYS`; erasing the wrapped key erases the
person. A sealed value is bound to its column and row (AAD), so that a ciphertext moved elsewhere does not open.
Format of both: version (1 byte) | length of key id (1) | key id | nonce (12) | ciphertext and tag.
"""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION = 1


class SealBroken(Exception):
    """The value does not open: it was changed or moved."""


class KeyMissing(SealBroken):
    """The value names a key that is not on the ring: another host, or this one with its key back, may open it."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A value nobody sees by accident: it has no text form, and only `sealed.py` modules open it."""

    raw: bytes

    def __repr__(self) -> str:
        return "<sealed>"

    def __str__(self) -> NoReturn:
        raise TypeError("a sealed value has no text form; open it through people.commands.reveal")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("a sealed value has no text form; open it through people.commands.reveal")


@dataclass(frozen=True, slots=True, repr=False)
class Ring:
    """Keys by id, the newest first. New values are sealed with the newest, old ones open with theirs."""

    keys: tuple[tuple[str, bytes], ...]

    @property
    def newest(self) -> tuple[str, bytes]:
        return self.keys[0]

    def by_id(self, key_id: str) -> bytes:
        for known, key in self.keys:
            if known == key_id:
                return key
        raise KeyMissing("no key of that id is on the ring")


@lru_cache(maxsize=8)
def ring(setting: str) -> Ring:
    """Read `id:base64,id:base64`. Raises ValueError for a key that is not at least 32 bytes or an id that is taken twice."""
    keys: list[tuple[str, bytes]] = []
    for part in setting.split(","):
        key_id, _, encoded = part.strip().partition(":")
        key = base64.b64decode(encoded, validate=True)
        if not key_id or not key_id.isascii() or len(key) < 32 or key_id in dict(keys):
            raise ValueError("a key ring is `id:base64` pairs, each id once, each key of at least 32 bytes")
        keys.append((key_id, hashlib.sha256(key).digest()))
    return Ring(tuple(keys))


def new_key() -> bytes:
    """A fresh 256-bit data key."""
    return AESGCM.generate_key(bit_length=256)


def seal(value: bytes, *, key: bytes, key_id: str, bound_to: str) -> bytes:
    """Encrypt `value`. `bound_to` (say `person.email:<uuid>`) must be the same when it is opened."""
    nonce = os.urandom(12)
    ident = key_id.encode("ascii")
    return bytes([_VERSION, len(ident)]) + ident + nonce + AESGCM(key).encrypt(nonce, value, bound_to.encode())


def open_with(raw: bytes, *, keys: Ring, bound_to: str) -> bytes:
    """Decrypt what `seal` made with a key of this ring. Raises SealBroken; KeyMissing if the ring lacks its key."""
    if len(raw) < 2 or raw[0] != _VERSION:
        raise SealBroken("not a sealed value")
    end = 2 + raw[1]
    if len(raw) <= end or not raw[2:end].isascii():
        raise SealBroken("not a sealed value")
    key = keys.by_id(raw[2:end].decode("ascii"))
    try:
        return AESGCM(key).decrypt(raw[end : end + 12], raw[end + 12 :], bound_to.encode())
    except (InvalidTag, ValueError):  # the latter for a value that was cut short
        raise SealBroken("the value was changed or moved") from None


def blind_index(value: str, *, keys: Ring, bound_to: str) -> bytes:
    """A keyed fingerprint by which equal values find each other: equality only, useless without the key."""
    key = hmac.new(keys.newest[1], b"blind index", hashlib.sha256).digest()
    return hmac.new(key, f"{bound_to}|{value}".encode(), hashlib.sha256).digest()

"""References: short, per authority, not sequential, sayable on the phone, with a check character (`BOS-7K3P-QX`).

A reference is the report's number, permuted by a keyed Feistel network so that neighbours do not look alike and nobody can
count reports, written in 29 letters and digits that are not mistaken for one another, and closed by a check character that
finds every single wrong character and every swap of neighbours.
"""

import hashlib
import re

ALPHABET = "23456789ABCDEFGHJKMNPQRTVWXYZ"
BASE = len(ALPHABET)
_GAPS = re.compile(r"[\s\-–—]+")
_SHAPE = re.compile(rf"([A-Z]{{2,4}})-([{ALPHABET}]{{4}})-([{ALPHABET}]{{2,6}})\Z")


def of(number: int, *, prefix: str, key: bytes) -> str:
    """The reference of report `number` (≥ 1) of the authority with this prefix and permutation key."""
    length = 5
    low, high = 0, BASE**length
    while number >= high:
        length += 1
        low, high = high, BASE**length
    body = _digits(_permuted(number - low, high - low, key), length)
    code = body + _check(prefix, body)
    return f"{prefix}-{code[:4]}-{code[4:]}"


def read(text: str) -> str | None:
    """The reference somebody typed or said, in its one form; None if it cannot be one.

    Lower case, missing dashes and spaces are accepted; a wrong check character is not. Without any gap the prefix is taken
    as short as it fits.
    """
    parts = [part for part in _GAPS.split(text[:40].strip().upper()) if part]
    plain = "".join(parts)
    lengths = (len(parts[0]),) if len(parts) > 1 else (2, 3, 4)
    for length in lengths:
        prefix, code = plain[:length], plain[length:]
        shaped = f"{prefix}-{code[:4]}-{code[4:]}"
        if _SHAPE.match(shaped) and _check(prefix, code[:-1]) == code[-1]:
            return shaped
    return None


def _digits(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, digit = divmod(value, BASE)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def _check(prefix: str, body: str) -> str:
    # Weights 1, 2, 3 … modulo the prime 29: no two neighbours share a weight and none is 0, so any single wrong character
    # and any swap of neighbours changes the sum.
    total = sum(weight * ALPHABET.index(letter) for weight, letter in enumerate(body, start=2))
    total += sum(ord(letter) for letter in prefix)
    return ALPHABET[total % BASE]


def _permuted(value: int, size: int, key: bytes) -> int:
    """A permutation of 0 … size-1: a four-round Feistel network on the next even power of two, walked until inside."""
    half = (max(2, (size - 1).bit_length()) + 1) // 2
    mask = (1 << half) - 1
    while True:
        left, right = value >> half, value & mask
        for turn in range(4):
            # Keyed BLAKE2 is made for this and takes a third of HMAC's time, which an import of a million rows feels.
            digest = hashlib.blake2b(b"%d|%d|%d" % (turn, size, right), key=key, digest_size=8).digest()
            left, right = right, left ^ (int.from_bytes(digest, "big") & mask)
        value = (left << half) | right
        if value < size:
            return value

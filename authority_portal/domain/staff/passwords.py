"""Passwords: how they are kept, checked, and which new ones are good enough.

Kept with argon2id at the parameters of the OWASP Password Storage Cheat Sheet (19 MiB, two passes, one lane). Two checks run
at a time per process, so that a flood of sign-ins costs at most twice that memory and never all of the request threads' time.
New passwords follow NIST SP 800-63B: length counts, composition rules do not exist, known and guessable ones are refused.
"""

import threading
import unicodedata
from functools import lru_cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from authority_portal.config import settings
from authority_portal.foundation.errors import Busy, Invalid
from authority_portal.foundation.sentences import Sentence

SHORTEST, LONGEST = 15, 128
"""Characters of a new password. Longer ones are refused instead of being cut."""

DEMO_PASSWORD = "portal-demo-2026"  # noqa: S105  # printed by `make run`; production refuses it
PATIENCE = 5.0
"""Seconds that a check waits for its turn before the visitor is asked to come back."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
_TURNS = threading.BoundedSemaphore(2)

_KNOWN = frozenset(
    {
        "password",
        "passwort",
        "motdepasse",
        "contraseña",
        "letmein",
        "iloveyou",
        "welcome",
        "changeme",
        "administrator",
        "authorityportal",
        "portal",
        "qwerty",
        "qwertyuiop",
        "azerty",
        "asdfghjkl",
        "zxcvbnm",
        "qwertyuiopasdfghjklzxcvbnm",
        "correcthorsebatterystaple",
        "thequickbrownfox",
        "thequickbrownfoxjumpsoverthelazydog",
        "supercalifragilisticexpialidocious",
        "abcdefghijklmnopqrstuvwxyz",
        "portaldemo",
    }
)
_RUNS = (
    "0123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)


def hashed(password: str) -> str:
    """The argon2id text to store. Raises Busy when too many checks are waiting."""
    with _Turn():
        return _HASHER.hash(_normal(password))


def fits(password: str, stored: str | None) -> bool:
    """Whether `password` is the stored one. Without a stored one a dummy is checked, so that both take the same time.

    Raises Busy when too many checks are waiting.
    """
    usable = len(password) <= LONGEST and not (settings().ENV == "production" and password == DEMO_PASSWORD)
    with _Turn():
        right = _matches(stored or _dummy(), _normal(password if usable else ""))
    return right and usable and stored is not None


def outdated(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's and should be made anew at the next sign-in."""
    return _HASHER.check_needs_rehash(stored)


def check_new(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Refuse a new password that is too short, too long or easy to guess. Raises Invalid for the field `password`.

    `about` are words that a guesser would try first: name, e-mail address, authority.
    """
    if len(password) < SHORTEST:
        raise Invalid(
            {"password": Sentence("must have at least %(least)s characters; a few words you remember are good", least=SHORTEST)}
        )
    if len(password) > LONGEST:
        raise Invalid({"password": Sentence("must have at most %(most)s characters", most=LONGEST)})
    if _guessable(_normal(password), about):
        raise Invalid({"password": Sentence("is easy to guess; take a few words that do not belong together")})


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _guessable(password: str, about: tuple[str, ...]) -> bool:
    plain = "".join(character for character in password.casefold() if character.isalnum())
    letters = plain.strip("0123456789")
    if len(set(plain)) < 5 or any(plain in run * 3 or plain in run[::-1] * 3 for run in _RUNS):
        return True
    if _unit(letters) in _KNOWN or _unit(plain) in _KNOWN or len(_unit(plain)) < 6:
        return True
    words = {part for text in about for part in text.casefold().replace("@", " ").replace(".", " ").split() if len(part) > 3}
    rest = letters
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < 6 and rest != letters


def _unit(text: str) -> str:
    """The shortest piece of which `text` is a repetition: "abcabc" → "abc"."""
    return text[: (text + text).find(text, 1)] if text else ""


def _normal(password: str) -> str:
    """One form for what different keyboards send for the same characters (NIST SP 800-63B, 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def _dummy() -> str:
    return _HASHER.hash("nobody has this password")


class _Turn:
    """One of the two places at the hashing table."""

    def __enter__(self) -> None:
        if not _TURNS.acquire(timeout=PATIENCE):
            raise Busy(Sentence("Too many people are signing in at this moment. Please try again shortly."))

    def __exit__(self, *_: object) -> None:
        _TURNS.release()

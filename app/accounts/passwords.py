"""Passwords: Argon2id (19 MiB, 2 passes, 1 lane), at most two computed at once in a process; which are refused."""

import unicodedata
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 8, 128
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
AT_ONCE = 2
COMMON = Path(__file__).parent / "common_passwords.txt"
_turns = BoundedSemaphore(AT_ONCE)


def make(password: str) -> str:
    """The hash to store. Raises ValueError over 128 characters, before any work."""
    secret = _secret(password)
    with _turns:
        return HASHER.hash(secret)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password is the stored one; for nobody's account (None) the same work is done for nothing."""
    try:
        secret = _secret(password)
    except ValueError:
        return False
    with _turns:
        try:
            return HASHER.verify(stored or _nobodys(), secret) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    """Whether the hash was made with other costs than today's."""
    return HASHER.check_needs_rehash(stored)


def is_common(password: str, *own: str | None) -> bool:
    """Whether others would guess it first: a well-known password, or one of the person's `own` words."""
    plain = unicodedata.normalize("NFC", password[: LONGEST + 1]).casefold()
    words = {word.casefold() for word in own if word} | {
        word.partition("@")[0].casefold() for word in own if word
    }
    return plain in common() or plain in words or len(set(plain)) < 3


@cache
def common() -> frozenset[str]:
    """The best-known passwords of at least eight characters."""
    return frozenset(COMMON.read_text(encoding="utf-8").split())


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody")


def _secret(password: str) -> bytes:
    """The password as bytes, the same for every way of typing its letters."""
    if len(password) > LONGEST:
        raise ValueError("a password has at most 128 characters")
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")

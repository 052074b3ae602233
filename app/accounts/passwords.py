"""Passwords: Argon2id (19 MiB, 2 passes, 1 lane), at most two computed at once in a process; which are refused."""

import re
import unicodedata
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 8, 128
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
AT_ONCE = 2
LISTED = re.compile(r'"passwords": "([^"]+)"')
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
        nobodys = _nobodys()
        try:
            return HASHER.verify(stored or nobodys, secret) and stored is not None
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
    """The best-known passwords of at least eight characters, from zxcvbn's list.

    It is read as text: importing it would hold 13 MiB of other lists in every web process.
    """
    source = Path(str(distribution("zxcvbn").locate_file("zxcvbn/frequency_lists.py"))).read_text("utf-8")
    listed = LISTED.search(source)
    if listed is None:
        raise LookupError("zxcvbn keeps its passwords elsewhere now")
    return frozenset(word for word in listed[1].split(",") if len(word) >= SHORTEST)


@cache
def _nobodys() -> str:
    return HASHER.hash("nobody")


def _secret(password: str) -> bytes:
    """The password as bytes, the same for every way of typing its letters."""
    if len(password) > LONGEST:
        raise ValueError("a password has at most 128 characters")
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")

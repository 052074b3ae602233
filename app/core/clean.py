"""The one cleaner of what visitors type: every form field and query parameter passes through here before use."""

import re

from app.core.khmer import norm

_KHMER_DIGITS = {0x17E0 + n: str(n) for n in range(10)}
_FULLWIDTH_DIGITS = {0xFF10 + n: str(n) for n in range(10)}
_DIGITS = _KHMER_DIGITS | _FULLWIDTH_DIGITS

_NEVER = re.compile(
    "[\ud800-\udfff"  # lone surrogates
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters
    "\u061c\u180e\u200e\u200f\u202a-\u202e\u2061-\u206f\ufff9-\ufffc"  # direction overrides, format characters
    "\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e0fff]"  # non-characters, tags
)
_BREAK = re.compile("\r\n?|[\u0085\u2028\u2029]")
_PILE = re.compile("([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f]{4})"
                   "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f]+")  # fmt: skip
_BLANK_LINES = re.compile("\n{3,}")
_SPACES = re.compile(r"[^\S\n]+")
_LOOSE_END = "\u17d2\u200d"
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}")


def line(text: str | None, limit: int) -> str:
    """One line of at most `limit` characters in stored form; every kind of space and break becomes one space."""
    return _cut(" ".join(_plain(text, limit).split()), limit)


def block(text: str | None, limit: int) -> str:
    """Several lines of at most `limit` characters in stored form; at most one blank line in a row."""
    spaced = _SPACES.sub(" ", _BREAK.sub("\n", _plain(text, limit)))
    lines = "\n".join(part.strip() for part in spaced.split("\n"))
    return _cut(_BLANK_LINES.sub("\n\n", lines).strip(), limit)


def whole_number(text: str | None, low: int, high: int) -> int | None:
    """The number a visitor wrote, in Latin or Khmer digits; None when it is none or lies outside low..high."""
    written = line(text, 40).translate(_DIGITS)
    if not _NUMBER.fullmatch(written):
        return None
    number = int(written)
    return number if low <= number <= high else None


def _plain(text: str | None, limit: int) -> str:
    allowed = (text or "")[: 8 * limit + 200]
    return norm(_PILE.sub(r"\1", _NEVER.sub("", allowed)))


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[:limit].rstrip().rstrip(_LOOSE_END).rstrip()

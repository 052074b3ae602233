"""The terms that search compares: Latin words and numbers, and pairs of neighbouring Khmer clusters.

Nobody has to agree on where a Khmer word ends: a word is found by the pairs of clusters inside it.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from app.core.khmer import clusters, fold

_PIECE = re.compile("(?P<khmer>[\u1780-\u17b3][\u1780-\u17d3\u17dd]*)|(?P<number>\\d+(?:[.]\\d+)?)|"
                    "(?P<word>[^\\W\\d_\u1780-\u17ff]+)")  # fmt: skip
LONGEST = 60
JOINED = "+"


def pieces(folded: str) -> Iterator[tuple[str, str]]:
    """The Khmer runs, numbers and words of a folded text, in order, as (kind, text)."""
    for match in _PIECE.finditer(folded):
        yield str(match.lastgroup), match[0][:LONGEST]


def terms(text: str, *, joined: bool = True, singles: bool = True) -> set[str]:
    """Every term of a text; `joined` adds neighbouring Latin words as one (marked +), `singles` lone clusters."""
    found: set[str] = set()
    before = ""
    for kind, piece in pieces(fold(text)):
        if kind == "khmer":
            cut = clusters(piece)
            found.update(pairs(cut))
            if singles or len(cut) == 1:
                found.update(cut)
            before = ""
            continue
        found.add(piece)
        if joined and before:
            found.add(JOINED + (before + piece)[:LONGEST])
        before = piece
    return found


def terms_of(texts: Iterable[str | None], *, joined: bool = True, singles: bool = True) -> set[str]:
    """The terms of several texts; empty ones are skipped."""
    found: set[str] = set()
    for text in texts:
        if text:
            found |= terms(text, joined=joined, singles=singles)
    return found


def words(text: str) -> list[str]:
    """The Latin words of a text in order, folded; numbers are left out."""
    return [piece for kind, piece in pieces(fold(text)) if kind == "word"]


def pairs(cut: list[str]) -> list[str]:
    """Neighbouring clusters joined two by two."""
    return [first + second for first, second in pairwise(cut)]


def is_khmer(term: str) -> bool:
    """Whether a term was made of Khmer clusters."""
    return "\u1780" <= term[:1] <= "\u17b3"

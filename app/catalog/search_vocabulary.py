"""What words the catalogue knows, kept per process: how rare each is, and which known words an unknown one may mean."""

import math
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TypeVar

from flask import current_app
from sqlalchemy import text

from app.catalog import search_likeness as likeness
from app.catalog.search_terms import is_khmer
from app.core.db import db
from app.core.khmer import clusters, skeleton, soft
from app.core.shop import shop

RARE = 100
FRESH_SECONDS = 60.0
SHORTEST, LONGEST = 3, 30
TRIED, TELLING = 60, 7
COMMON = 0.003
TOKENS = text("SELECT token, df FROM search_token")
TOTAL = "*"
Item = TypeVar("Item")


class Vocabulary:
    """The tokens of the catalogue with the number of products each stands in."""

    def __init__(self, tokens: Iterable[tuple[str, int]], version: int = 0) -> None:
        self.df = dict(tokens)
        self.total = max(1, self.df.pop(TOTAL, 1))
        self.version = version
        self.read_at = time.monotonic()

    def __contains__(self, term: str) -> bool:
        return term in self.df

    def weight(self, term: str) -> float:
        """How much a term tells: the logarithm of its rarity, the same for all very rare and unknown terms."""
        return math.log(1 + min(RARE, self.total / max(self.df.get(term, 0), 1e-9)))

    def starting(self, prefix: str, limit: int) -> list[str]:
        """The Latin words that begin with a prefix, the commonest first."""
        start = bisect_left(self.latin, prefix)
        found = []
        for word in self.latin[start : start + 2000]:
            if not word.startswith(prefix):
                break
            found.append(word)
        return sorted(found, key=lambda word: -self.df[word])[:limit]

    def completing(self, prefix: str, limit: int = 12) -> list[str]:
        """The Khmer pairs that begin with these clusters, the last of which may still lack signs."""
        start = bisect_left(self.khmer, prefix)
        found = [term for term in self.khmer[start : start + 500] if term.startswith(prefix)]
        return sorted(found, key=lambda term: -self.df[term])[:limit]

    def alike(self, word: str, limit: int = 6) -> dict[str, float]:
        """The known Latin words that a misspelt or romanised one may mean, each with its likeness (0 to 1)."""
        grams = likeness.grams(word)
        shared: dict[int, int] = defaultdict(int)
        for gram in grams:
            for number in self._by_gram.get(gram, ()):
                shared[number] += 1
        nearest = sorted(shared, key=lambda number: -shared[number] / (len(self.latin[number]) + len(grams)))
        same = [*nearest[:TRIED], *self._by_sound.get(likeness.bones(word), ())]
        found = {self.latin[n]: likeness.of_words(word, self.latin[n]) for n in dict.fromkeys(same)}
        kept = sorted((-value, term) for term, value in found.items() if value and self._likely(term))
        return {term: -value for value, term in kept[:limit]}

    def common(self, term: str) -> bool:
        """Whether a word stands in enough products to be guessed at, or cut out of a longer one."""
        return self.df.get(term, 0) >= max(1.0, COMMON * self.total)

    def _likely(self, term: str) -> bool:
        return len(term) >= TELLING or self.common(term)

    def sounding(self, pair: str) -> list[str]:
        """The known Khmer pairs that sound like this one."""
        return [term for term in self._by_soft.get(soft(pair), ()) if term != pair]

    def boned(self, pair: str) -> list[str]:
        """The known Khmer pairs with the same consonants."""
        return self._by_skeleton.get(skeleton(pair), [])

    @cached_property
    def latin(self) -> list[str]:
        """The Latin words that may be misspelt, in alphabetical order."""
        return sorted(t for t in self.df if SHORTEST <= len(t) <= LONGEST and t.isalpha() and not is_khmer(t))

    @cached_property
    def khmer(self) -> list[str]:
        """The Khmer clusters and pairs, in the order of their code points."""
        return sorted(term for term in self.df if is_khmer(term))

    @cached_property
    def following(self) -> dict[str, list[str]]:
        """The Khmer clusters that come right after each cluster in some known text."""
        cut = [clusters(term) for term in self.khmer]
        return _grouped((pair[0], pair[1]) for pair in cut if len(pair) == 2)

    @cached_property
    def _by_gram(self) -> dict[str, list[int]]:
        return _grouped((gram, n) for n, word in enumerate(self.latin) for gram in likeness.grams(word))

    @cached_property
    def _by_sound(self) -> dict[str, list[int]]:
        return _grouped((likeness.bones(word), n) for n, word in enumerate(self.latin))

    @cached_property
    def _by_soft(self) -> dict[str, list[str]]:
        return _grouped((soft(term), term) for term in self.khmer)

    @cached_property
    def _by_skeleton(self) -> dict[str, list[str]]:
        return _grouped((skeleton(term), term) for term in self.khmer)


def _grouped(items: Iterator[tuple[str, Item]]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for key, item in items:
        found[key].append(item)
    return found


def current() -> Vocabulary:
    """This process's vocabulary, read anew (one statement) when the catalogue has changed, at most once a minute.

    An old one does no harm: words that it lacks are looked for as they were typed.
    """
    kept: Vocabulary | None = current_app.extensions.get("search.vocabulary")
    if kept is None or _outdated(kept):
        kept = read(shop().catalogue_version)
        current_app.extensions["search.vocabulary"] = kept
    return kept


def _outdated(kept: Vocabulary) -> bool:
    waited = not kept.df or time.monotonic() - kept.read_at > FRESH_SECONDS
    return waited and kept.version != shop().catalogue_version


def read(version: int = 0) -> Vocabulary:
    """A fresh vocabulary from PostgreSQL."""
    return Vocabulary([(token, df) for token, df in db.session.execute(TOKENS)], version)


def forget() -> None:
    """Read the vocabulary anew at its next use (this process)."""
    current_app.extensions.pop("search.vocabulary", None)

"""Hears romanised Khmer: which neighbouring Khmer clusters that the catalogue knows a Latin word may spell."""

from functools import lru_cache

from app.catalog.search_likeness import sound
from app.catalog.search_vocabulary import Vocabulary

VOWELS = "aeiou"
COENG, RO, YO, VO, SO, MO = "\u17d2", "\u179a", "\u1799", "\u179c", "\u179f", "\u1798"
SILENT_ENDS = {RO: "", YO: "i", VO: "o"}
LONGEST_VOWEL = 2
BEST, WEAK = 0.85, 0.5
MOST_STEPS = 3000

_LETTERS = "kkkknjjjjnttttnttttnppppmirlvssshl"
_CONSONANTS = {chr(0x1780 + place): letter for place, letter in enumerate(_LETTERS)}
_VOWELS = {
    "\u17b6": "ae", "\u17b7": "ie", "\u17b8": "ie", "\u17b9": "ieuo", "\u17ba": "ieuo", "\u17bb": "uo", "\u17bc": "uo",
    "\u17bd": "uo", "\u17be": "eao", "\u17bf": "euo", "\u17c0": "ie", "\u17c1": "ei", "\u17c2": "ea", "\u17c3": "eai",
    "\u17c4": "oua", "\u17c5": "oua",
}  # fmt: skip
_HV, _F = "h" + "v", "f"


def spoken(word: str, vocabulary: Vocabulary) -> list[dict[str, float]]:
    """The Khmer pairs a word spells, in order, each with its likeness; empty when it spells none."""
    paths = _Hearing(sound(word), vocabulary).paths()
    if not paths:
        return []
    best = max(quality for quality, _ in paths)
    likely = [path for quality, path in paths if quality >= best - 0.02]
    length = min(map(len, likely))
    found: list[dict[str, float]] = [{} for _ in range(length - 1)]
    for path in likely:
        if len(path) == length:
            for place in range(length - 1):
                found[place][path[place] + path[place + 1]] = best
    return found


class _Hearing:
    """One walk through the catalogue's clusters along the letters of a heard word."""

    def __init__(self, heard: str, vocabulary: Vocabulary) -> None:
        self.heard = heard
        self.vocabulary = vocabulary
        self.steps = 0
        self.found: list[tuple[float, list[str]]] = []

    def paths(self) -> list[tuple[float, list[str]]]:
        """The walks that use up the whole word: likeness and clusters."""
        if sum(letter not in VOWELS for letter in self.heard) >= 2:
            for cluster in self.vocabulary.following:
                if consonants(cluster)[:1] == self.heard[:1] or self.heard[:1] in VOWELS:
                    self._walk(0, [cluster], 0, 0)
        return self.found

    def _walk(self, at: int, path: list[str], right: int, wrong: int) -> None:
        """Take the last cluster of the path off the word at a place, then go on with what may follow it."""
        self.steps += 1
        if self.steps > MOST_STEPS or wrong > 1:
            return
        for end, agreed in _ends(self.heard, at, path[-1], first=len(path) == 1):
            good, bad = right + (agreed is True), wrong + (agreed is False)
            if end == len(self.heard) and len(path) > 1:
                self._keep(path, good, bad)
            elif end < len(self.heard) and len(path) < 6:
                for following in self.vocabulary.following.get(path[-1], ()):
                    self._walk(end, [*path, following], good, bad)

    def _keep(self, path: list[str], right: int, wrong: int) -> None:
        letters = sum(letter not in VOWELS for letter in self.heard)
        if wrong and letters < 3:
            return
        sure = letters > 2 and right > 0 and not wrong
        self.found.append((BEST if sure else WEAK, path))


def _ends(heard: str, at: int, cluster: str, *, first: bool) -> list[tuple[int, bool | None]]:
    """Where a word goes on when a cluster is heard at a place, and whether it agreed (None: it tells nothing)."""
    found: list[tuple[int, bool | None]] = []
    if cluster in SILENT_ENDS and not first and (at == len(heard) or heard[at] not in VOWELS):
        found.append((at, None))
    if (
        cluster in SILENT_ENDS
        and not first
        and SILENT_ENDS[cluster]
        and heard.startswith(SILENT_ENDS[cluster], at)
    ):
        found.append((at + 1, None))
    for letters, agreed in _spellings(cluster):
        if heard.startswith(letters, at):
            after = at + len(letters)
            found += _after_vowel(heard, after, vowels(cluster), agreed)
    return found


def _spellings(cluster: str) -> list[tuple[str, bool | None]]:
    """The letters of a cluster; a leading MO that carries a subscript may go unheard, which tells against it."""
    letters = consonants(cluster)
    if cluster.startswith(MO + COENG):
        return [(letters, None), (letters[1:], False)]
    return [(letters, None)]


def _after_vowel(
    heard: str, at: int, signs: str | None, agreed: bool | None
) -> list[tuple[int, bool | None]]:
    """Where a word goes on behind the vowel of a cluster; without a sign there is none or an o or a."""
    length = _vowel_run(heard, at)
    right = length > 0 and heard[at] in (signs or "oa")
    found: list[tuple[int, bool | None]] = [] if signs else [(at, agreed)]
    if 0 < length <= LONGEST_VOWEL:
        found.append((at + length, right and agreed is not False))
    return found


def _vowel_run(heard: str, at: int) -> int:
    end = at
    while end < len(heard) and heard[end] in VOWELS:
        end += 1
    return end - at


@lru_cache(20_000)
def consonants(cluster: str) -> str:
    """The consonants of a cluster in the letters of `likeness.sound`."""
    spelt = "".join(_CONSONANTS.get(sign, "") for sign in cluster)
    return spelt.replace(_HV, _F)


@lru_cache(20_000)
def vowels(cluster: str) -> str | None:
    """The vowel letters that a cluster may be heard with, None when none is written."""
    told = [_VOWELS[sign] for sign in cluster if sign in _VOWELS]
    return "".join(told) if told else None

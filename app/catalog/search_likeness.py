"""How alike two Latin words are, as typed and as spoken; made for slips of the keyboard and romanised Khmer."""

import re
from functools import lru_cache

NO_MATCH = 0.0
PREFIX = 0.9
SAME_SOUND = 0.88
SAME_BONES = 0.7

_SPOKEN = (
    (re.compile(r"(.)\1+"), r"\1"),
    (re.compile(r"ch+"), "j"),
    (re.compile(r"ng|nh|gn"), "n"),
    (re.compile(r"ck|qu|[ckgq]h|[cgq]"), "k"),
    (re.compile(r"[pb]h|b"), "p"),
    (re.compile(r"[td]h|d"), "t"),
    (re.compile(r"[zx]|sh"), "s"),
    (re.compile(r"w"), "v"),
    (re.compile(r"(?<=[aeiou])v(?![aeiou])"), "o"),
    (re.compile(r"(?<=[aeiou])y"), "i"),
    (re.compile(r"(?<=[aeiou])[rh](?![aeiou])"), ""),
    (re.compile(r"au|ao|aeu|oa|eou"), "o"),
    (re.compile(r"ou|uo|oo|ue|u"), "u"),
    (re.compile(r"ea|ae|ee|ie|ei|ai|eu|oe"), "e"),
    (re.compile(r"y"), "i"),
    (re.compile(r"(.)\1+"), r"\1"),
)
_VOWELS = re.compile(r"[aeiouy]+")


def grams(word: str) -> set[str]:
    """The trigrams of a word with two blanks before and one after it."""
    padded = f"  {word} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


@lru_cache(20_000)
def sound(word: str) -> str:
    """A word as heard: aspirates, voiced and doubled consonants and spellings of one vowel are merged."""
    for pattern, spoken in _SPOKEN:
        word = pattern.sub(spoken, word)
    return word


@lru_cache(20_000)
def bones(word: str) -> str:
    """The consonants of a word as heard."""
    heard = sound(word)
    return _VOWELS.sub("", heard) or heard


def of_words(typed: str, known: str) -> float:
    """The likeness of a typed word to a known one; 0 when they are not alike enough to count."""
    if typed == known:
        return 1.0
    longer = max(len(typed), len(known))
    if len(typed) >= 4 and known.startswith(typed) and len(typed) * 2 >= len(known):
        return PREFIX
    if sound(typed) == sound(known) and len(sound(known)) >= 3:
        return SAME_SOUND
    if abs(len(typed) - len(known)) <= 3:
        near = 1 - distance(typed, known) / longer
        if near >= (0.7 if longer > 4 else 0.74):
            return near
    if len(bones(known)) >= 3 and bones(typed) == bones(known) and typed[0] == known[0]:
        return SAME_BONES
    return NO_MATCH


def distance(one: str, other: str) -> int:
    """Letters to insert, drop, change or swap with a neighbour until one word is the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        older, before = before, row
        row = [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]

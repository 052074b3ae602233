"""How alike two Latin words are, as typed and as spoken; made for slips of the keyboard and romanised Khmer."""

import re
from functools import lru_cache

NO_MATCH = 0.0
PREFIX = 0.9
SAME_SOUND = 0.88
SAME_LETTERS = 0.7
SAME_BONES = 0.54
SHORT, LONG = 5, 7

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
_ASPIRATE = re.compile(r"(?<!^)h$|([kptcgnbd])h")
_DOUBLE = re.compile(r"(.)\1+")


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


@lru_cache(20_000)
def letters(word: str) -> str:
    """The consonants of a word as written; only aspirates, doubles and final h are let go."""
    return _VOWELS.sub("", _DOUBLE.sub(r"\1", _ASPIRATE.sub(lambda found: found[1] or "", word)))


def of_words(typed: str, known: str) -> float:
    """The likeness of a typed word to a known one; 0 when they are not alike enough to count.

    Short words must agree in their consonants: most others of that length are simply other words.
    """
    if typed == known:
        return 1.0
    if len(typed) >= 4 and known.startswith(typed) and len(typed) * 2 >= len(known):
        return PREFIX
    shorter, longer = sorted((len(typed), len(known)))
    lettered = letters(typed) == letters(known) and typed[0] == known[0]
    if sound(typed) == sound(known) and (lettered or shorter >= SHORT):
        return SAME_SOUND
    near = _near(typed, known) if shorter >= SHORT or (lettered and longer >= SHORT) else NO_MATCH
    if near:
        return near
    if lettered and len(letters(known)) >= 3 and longer - shorter <= 3:
        return SAME_LETTERS
    if typed[0] == known[0] and len(bones(known)) >= 4 and bones(typed) == bones(known):
        return SAME_BONES
    return NO_MATCH


def _near(typed: str, known: str) -> float:
    """The share of letters that are right; one slip in a short word, two or three in a long one."""
    shorter, longer = sorted((len(typed), len(known)))
    slips = 1 if shorter < LONG else 2 if shorter < 10 else 3
    if longer - shorter > slips or (typed[0] != known[0] and shorter < LONG):
        return NO_MATCH
    wrong = distance(typed, known)
    return 1 - wrong / longer if wrong <= slips else NO_MATCH


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

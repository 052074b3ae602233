"""Khmer text: `norm` is safe to store, `fold` and `soft` are search keys, `clusters` cuts into orthographic syllables.

Everything here is pure, works on code points alone (no locale, no dictionary) and is idempotent.
"""

import re
import unicodedata
from collections.abc import Callable

_CONSONANT = "\u1780-\u17a2"
_BASE = "\u1780-\u17b3"
_COENG = "\u17d2"
_RO = "\u179a"
_MARK = "\u17b6-\u17d1\u17d3\u17dd"
_UPPER = "\u17b7-\u17ba\u17be\u17d0"

_CLUSTER = re.compile(f"[{_BASE}](?:{_COENG}[{_BASE}]|[{_MARK}])+")
_UNIT = re.compile(f"{_COENG}[{_BASE}]|.", re.DOTALL)
_ANY_CLUSTER = re.compile(f"[{_BASE}](?:{_COENG}[{_BASE}]|[{_MARK}])*")
_RUN = re.compile(f"(?:[{_BASE}](?:{_COENG}[{_BASE}]|[{_MARK}])*)+")

_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad\u17b4\u17b5]")
_EMOJI = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
_JOINER = re.compile(f"\u200c|\u200d(?![{_EMOJI}])|(?<![{_EMOJI}])\u200d")
_LEGACY = str.maketrans({"\u17a3": "\u17a2", "\u17a4": "\u17a2\u17b6"})
_COMPOSED = (("\u17b6", "\u17c4"), ("\u17b8", "\u17be"), ("\u17ba", "\u17bf"))
_E = "\u17c1"

_DIGITS = {ord("\u17e0") + n: str(n) for n in range(10)}
_SIGNS = "\u17c9\u17ca\u17cb\u17cd\u17ce\u17cf\u17d0\u17d1\u17d3\u17dd\u17d7\u17dc"
_SEARCH_ONLY = str.maketrans({**_DIGITS, **dict.fromkeys(map(ord, _SIGNS)), 0x17B2: "\u17b1"})
_ACCENT = re.compile("[\u0300-\u036f]")
_APOSTROPHE = re.compile("['`\u2018\u2019\u02bc]")
_OTHER = re.compile(f"(?:[^\\w{_BASE}{_MARK}{_COENG}.%]|_|(?<!\\d)[.]|[.](?!\\d)|(?<!\\d)%)+")
_SHIFTER_U = re.compile(f"\u17bb(?=[{_UPPER}\u17bc])|(?<=[{_UPPER}\u17bc])\u17bb")
_COENG_DA = f"{_COENG}\u178a"
_COENG_TA = f"{_COENG}\u178f"
_AOY, _OY = "\u17a2\u17c4\u1799", f"\u17b1{_COENG}\u1799"
_NIKAHIT = re.compile(f"([{_CONSONANT}](?:{_COENG}[{_CONSONANT}])*)\u17c6(?=[{_CONSONANT}])")
_ORPHAN = re.compile(f"{_COENG}(?![{_BASE}])|(?<![{_BASE}{_MARK}])[{_MARK}]+")

_SOFT = str.maketrans({
    "\u178e": "\u1793", "\u17a1": "\u179b", "\u1782": "\u1780", "\u1783": "\u1781", "\u1796": "\u1794",
    "\u1797": "\u1795", "\u1787": "\u1785", "\u1788": "\u1786", "\u178a": "\u178f", "\u178c": "\u178f",
    "\u1791": "\u178f", "\u178b": "\u1790", "\u178d": "\u1790", "\u1792": "\u1790", "\u179e": "\u179f",
    "\u179d": "\u179f", "\u17a5": "\u17a2", "\u17a6": "\u17a2", "\u17a7": "\u17a2", "\u17a9": "\u17a2",
    "\u17af": "\u17a2", "\u17b1": "\u17a2", "\u17b7": "\u17b8", "\u17b9": "\u17b8", "\u17ba": "\u17b8",
    "\u17be": "\u17b8", "\u17bf": "\u17b8", "\u17bb": "\u17bc", "\u17bd": "\u17bc", "\u17c0": "\u17c1",
    "\u17c2": "\u17c1", "\u17c3": "\u17c1", "\u17c5": "\u17c4", "\u17c7": None, "\u17c8": None,
})  # fmt: skip
_VOWELS = re.compile(f"[{_MARK}{_COENG}]")
_PASSES = 8


def norm(text: str) -> str:
    """Text with its Khmer in canonical order, ready to store: what is displayed does not change.

    NFC, invisible characters removed (a joiner survives between emoji), marks of a cluster sorted to robat,
    subscripts, subscript RO, shifter, vowels, nikahit, other signs; repeats dropped; split vowels composed.
    """
    return _settle(_norm_once, text)


def fold(text: str) -> str:
    """The search key of a text: `norm`, then spelling, case, accents, digits and punctuation no longer matter.

    Words are separated by single spaces; a decimal point and a percent sign survive behind digits.
    """
    return _settle(_fold_once, text)


def clusters(text: str) -> list[str]:
    """The orthographic clusters (base, subscripts, signs) of the Khmer in a text, in order; the rest is left out."""
    return _ANY_CLUSTER.findall(text)


def runs(text: str) -> list[str]:
    """The stretches of a text that are Khmer letters throughout."""
    return _RUN.findall(text)


def soft(text: str) -> str:
    """A looser key for folded text: homophone consonants and long and short vowels are one."""
    return text.translate(_SOFT)


def skeleton(text: str) -> str:
    """The consonants of folded text, homophones merged, vowels and signs gone."""
    return _VOWELS.sub("", soft(text))


def _settle(change: Callable[[str], str], text: str) -> str:
    for _ in range(_PASSES):
        changed = change(text)
        if changed == text:
            break
        text = changed
    return text


def _norm_once(text: str) -> str:
    if text.isascii():
        return text
    text = _JOINER.sub("", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFC", text).translate(_LEGACY)
    return _CLUSTER.sub(lambda match: _arrange(match[0]), text)


def _arrange(cluster: str) -> str:
    units = dict.fromkeys(_UNIT.findall(cluster[1:]))
    for half, whole in _COMPOSED:
        if _E in units and half in units:
            del units[_E], units[half]
            units[whole] = None
    return cluster[0] + "".join(sorted(units, key=_rank))


def _rank(unit: str) -> tuple[int, str]:
    if unit[0] == _COENG:
        return (2 if unit[1] == _RO else 1), ""
    if unit == "\u17cc":
        return 0, ""
    if unit in "\u17c9\u17ca":
        return 3, unit
    if unit <= "\u17c5":
        return 4, unit
    return (5 if unit == "\u17c6" else 6), unit


def _fold_once(text: str) -> str:
    text = norm(unicodedata.normalize("NFKC", text))
    if not text.isascii():
        text = _ACCENT.sub("", unicodedata.normalize("NFD", text))
        text = unicodedata.normalize("NFC", text).translate(_SEARCH_ONLY)
        text = text.replace("\u200d", "").replace(_COENG_DA, _COENG_TA).replace(_AOY, _OY)
        text = _NIKAHIT.sub(f"\\1\u1798{_COENG}", _ORPHAN.sub("", _SHIFTER_U.sub("", text)))
    return _OTHER.sub(" ", _APOSTROPHE.sub("", text.casefold())).strip()

"""Reads the ingredient list of a label, as shops export it, into ordered INCI names with their percentages."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 120
MOST_WORDS = 11

SAME = {
    "Water": "aqua|eau|purified water|deionized water|distilled water",
    "Parfum": "fragrance|perfume",
    "Titanium Dioxide": "ci 77891",
    "Zinc Oxide": "ci 77947",
    "Iron Oxides": "ci 77491|ci 77492|ci 77499|iron oxide",
    "Mica": "ci 77019",
    "Cera Alba": "beeswax|cire d'abeille",
    "Mel": "honey|miel",
    "Paraffinum Liquidum": "mineral oil|huile minerale",
    "Cera Microcristallina": "microcrystalline wax|cire microcristalline|cire microcrystalline",
    "Alcohol Denat": "alcohol denat.|denatured alcohol|sd alcohol 40-b",
    "Tocopherol": "vitamin e",
    "Panthenol": "d-panthenol|dl-panthenol",
    "Ascorbic Acid": "l-ascorbic acid",
}
CANONICAL = {word: name for name, words in SAME.items() for word in [name.lower(), *words.split("|")]}
CAPITALS = {
    "AP", "BHA", "BHT", "CI", "DNA", "EDTA", "EOP", "HCL", "HDI", "II", "III", "IV", "MEA", "NG", "NP", "NS", "PCA",
    "PEG", "PPG", "PVM", "PVP", "RNA", "SE", "SMDI", "TEA", "VP",
}  # fmt: skip
CLAIMS = {
    "a", "an", "the", "to", "your", "you", "with", "helps", "help", "for", "that", "which", "is", "are", "it", "its",
    "this", "these", "from", "by", "be", "not", "no", "into", "while", "when", "skin", "skin's", "contains",
    "formulated", "clinically", "sourced", "ingredient", "ingredients",
}  # fmt: skip

_NOISE = re.compile(
    r"<[^<>]{1,20}>|\(?\bILN\s?\d+\)?|\bF\.?I\.?L\.? ?[A-Z]\d+/?\d*\b|\+/-\s*:?", re.IGNORECASE
)
_LINE = re.compile(r"\s*;\s+|\s*[\r\n]+\s*")
_SENTENCE = re.compile(r"(?<=[a-z)*\]])\.\s+(?=[A-Z*<-])|(?<=[a-z]{3})\.(?=[A-Z][a-z])")
_HEAD = re.compile(
    r"(?:[\w\s/-]{0,30}\b)?(?:ingredients?|inci|contains?|actives?|inactives?)\b[\w\s()]{0,20}", re.IGNORECASE
)
_PIECE = re.compile(r"(?:\([^()]{0,120}\)|(?<=[\s(,/]\d),(?=\d)|(?<=^\d),(?=\d)|(?<= 1),(?= 2-)|[^,;•·|])+")
_AND = re.compile(r"\s*\(and\)\s*|\s+&\s+|,?\s+and\s+", re.IGNORECASE)
_PERCENT = re.compile(r"\(?\s*(\d{1,3}(?:\.\d{1,4})?)\s*%\s*(?:w/w|w/v)?\s*\)?")
_BRACKETS = re.compile(r"\s\([^()]*\)")
_PART = re.compile(r"[/\\(),]+")
_COLOUR = re.compile(r"\bC\.?I\.?\s?#?\s?(\d{5})\b", re.IGNORECASE)
_MARKS = re.compile("[*\u2020\u2021\u00a7^\u00ae\u2122\u00b0\u00b9\u00b2\u00b3\ufffd\u25ca\u2206]+")
_GROWTH = re.compile(r"(?:sh|rh|s|r)-")
_WORD = re.compile(r"[A-Za-z][A-Za-z']*")
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Inci:
    """One ingredient of a label; `percent` is written "10%", None when the label does not tell."""

    name: str
    percent: str | None = None


@dataclass(frozen=True)
class Label:
    """What a list said: its ingredients in order without repeats, and the pieces that are no ingredient."""

    ingredients: tuple[Inci, ...]
    unread: tuple[str, ...]


def read(text: str) -> Label:
    """The ingredients of a label in order; headings, claims and footnotes around the list are left out."""
    found: dict[str, Inci] = {}
    unread: list[str] = []
    for piece in pieces(text):
        item = ingredient(piece)
        if item:
            found.setdefault(slug(item.name), item)
        elif _WORD.search(piece):
            unread.append(piece[:LONGEST])
    return Label(tuple(found.values()), tuple(unread))


def pieces(text: str) -> list[str]:
    """The list cut at its commas, those within brackets and numbers (1,2-Hexanediol) aside."""
    plain = _NOISE.sub(" ", text.replace("\u2019", "'").replace("\xa0", " "))
    lines = [line for line in _LINE.split(plain) if line]
    listed = ", ".join(lines) if plain.count(",") < len(lines) - 1 else " ".join(_lists(lines))
    listed = _AND.sub(", ", listed).replace("[", ", ").replace("]", ", ")
    return [" ".join(piece.split()) for piece in _PIECE.findall(listed) if piece.strip()]


def _lists(lines: list[str]) -> list[str]:
    """The lines that list ingredients; a comma ends each that does not run on into the next."""
    kept: list[str] = []
    for line in lines:
        for sentence in _SENTENCE.split(line):
            listed = _without_heading(sentence)
            if listed and not listed.startswith("*") and (_begins_as_list(listed) or not _is_claim(listed)):
                ends = sentence is not line or listed.endswith((".", ":"))
                kept.append(listed.rstrip(".") + ("," if ends else ""))
            elif kept:
                kept[-1] = kept[-1].rstrip(",") + ","
    return kept


def _without_heading(line: str) -> str:
    """The line behind its heading ("Step 1:", "Active ingredients:"), before it where the list stands there."""
    head, colon, rest = line.partition(":")
    if not colon:
        return line
    if head.count(",") >= 2:
        return head if rest.count(",") < 2 else f"{head}, {rest}"
    if _HEAD.fullmatch(head.strip()) or "," in rest or not rest.strip():
        return rest.strip()
    return "" if _is_claim(rest) else rest.strip()


def _begins_as_list(line: str) -> bool:
    return canonical(line.partition(",")[0].strip()) in SAME


def _is_claim(line: str) -> bool:
    words = [word.lower() for word in _WORD.findall(_BRACKETS.sub("", line))]
    claims = sum(word in CLAIMS for word in words)
    return claims >= 2 and claims * 9 > len(words)


@lru_cache(maxsize=20_000)
def ingredient(piece: str) -> Inci | None:
    """The ingredient that one piece of a list names, under its usual INCI name; None when it names none."""
    percent = _PERCENT.search(piece)
    name = _MARKS.sub("", _PERCENT.sub(" ", piece)).strip(" .:-_\\/'\"")
    name = canonical(" ".join(name.replace("1, 2-", "1,2-").split()))
    words = _WORD.findall(name)
    if not words or len(name) < 2 or len(name) > LONGEST or len(words) > MOST_WORDS or _is_claim(name):
        return None
    if not slug(name):
        return None
    return Inci(name, f"{float(percent[1]):g}%" if percent else None)


def canonical(name: str) -> str:
    """The one name of an ingredient that labels write in several ways ("Aqua (Water)", "CI 77891")."""
    colour = _COLOUR.search(name)
    parts = [part.strip().lower() for part in _PART.split(_COLOUR.sub(r"CI \1", name)) if part.strip()]
    if parts and parts[0] in CANONICAL:
        return CANONICAL[parts[0]]
    if len(parts) > 1 and all(part in CANONICAL for part in parts[1:]):
        return CANONICAL[parts[1]]
    if colour:
        return f"CI {colour[1]}"
    return _cased(_BRACKETS.sub("", f" {name}").strip(" .*"))


def _cased(name: str) -> str:
    """Shouted and whispered names in capitals per word; abbreviations in capitals."""
    if name.isupper() or name.islower():
        name = name.title().replace("'S", "'s")
    elif not _GROWTH.match(name):
        name = name[:1].upper() + name[1:]
    return _WORD.sub(lambda word: word[0].upper() if word[0].upper() in CAPITALS else word[0], name)


@lru_cache(maxsize=20_000)
def slug(name: str) -> str:
    """What stands for a name in addresses, ASCII and lower case; equal for names that differ only in case and marks."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _NOT_IN_SLUG.sub("-", ascii_only.lower().replace("'", "")).strip("-")[:255]

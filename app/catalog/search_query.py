"""What a query asks for: units with a weight, each met by one of several terms that are more or less alike."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from pathlib import Path

from app.catalog.search_spoken import spoken
from app.catalog.search_terms import JOINED, is_khmer, pairs, pieces
from app.catalog.search_vocabulary import Vocabulary
from app.core.khmer import clusters, fold, skeleton

FILLERS = Path(__file__).with_name("search_fillers.txt")
LONGEST = 200
MOST_UNITS = 24
SOFT, BONES, STEM = 0.78, 0.61, 0.97
NUMBER, LETTER, FILLER, SEAM = 0.35, 0.5, 0.12, 0.25
SURE, CERTAIN = 0.85, 0.8
MENTIONED_WORD, MENTIONED_PAIR = 0.6, 0.5
Option = dict[str, float]


@dataclass
class Unit:
    """One thing asked for: `options` maps terms to their likeness, `literal` is the term as typed, if no other will do.

    `certain` tells that the catalogue has more than a guess by sound for it.
    """

    weight: float
    options: Option
    literal: str | None = None
    certain: bool = False


@dataclass
class Asked:
    """A query understood: `known` of its `length` clusters and words are in the catalogue; `total` sums the weights."""

    folded: str
    units: list[Unit] = field(default_factory=list)
    length: int = 0
    known: int = 0

    def ask(self, units: list[Unit], cut: list[str] | None = None) -> None:
        """Add the units of a Khmer run (with its clusters) or of Latin words."""
        self.units += units
        sure = [unit.certain for unit in units]
        if cut is None or len(cut) < 2:
            self.length, self.known = self.length + len(units), self.known + sum(sure)
        else:
            self.length += len(cut)
            self.known += sum(one or other for one, other in zip([False, *sure], [*sure, False], strict=True))

    @property
    def total(self) -> float:
        return sum(unit.weight for unit in self.units) or 1.0

    @property
    def certain(self) -> bool:
        """Whether more than half of what was typed is known, and not just by sound."""
        return 2 * self.known > self.length

    @property
    def guessed(self) -> bool:
        """Whether some unit is met by its consonants."""
        return any(likeness == BONES for unit in self.units for likeness in unit.options.values())

    @property
    def literals(self) -> list[str] | None:
        """The terms as typed when each is known and without an equal, else None."""
        found = [unit.literal for unit in self.units]
        return [term for term in found if term] if found and all(found) else None


def understand(query: str, vocabulary: Vocabulary, *, boned: bool = False) -> Asked:
    """The units of a query; with `boned` Khmer counts by its consonants alone (three or more of them)."""
    folded = fold(query[:LONGEST])[:LONGEST]
    asked = Asked(folded)
    for kind, group in groupby(pieces(folded), key=lambda piece: piece[0] == "khmer"):
        texts = [text for _, text in group]
        if not kind:
            asked.ask(list(_latin(texts, vocabulary)))
            continue
        for run in texts:
            cut = _without_fillers(clusters(run))
            asked.ask(list((_boned if boned else _khmer)(cut, vocabulary)), None if boned else cut)
    asked.units = asked.units[:MOST_UNITS]
    return asked


def _khmer(cut: list[str], vocabulary: Vocabulary) -> Iterator[Unit]:
    """Pairs of clusters; equally rare neighbours are taken for one word, whose length counts by its square root."""
    if len(cut) == 1:
        yield _unit(cut[0], {cut[0]: 1.0} if cut[0] in vocabulary else {}, vocabulary)
    options = [_options(pair, vocabulary) for pair in pairs(cut)]
    units = [_unit(pair, known, vocabulary) for pair, known in zip(pairs(cut), options, strict=True)]
    for told, factor in zip(units, _gaps(list(map(bool, options))), strict=True):
        told.weight *= factor
    for (certain, _), group in groupby(units, key=lambda told: (told.certain, round(told.weight, 1))):
        word = list(group)
        for told in word:
            told.weight /= len(word) ** 0.5 if certain else 1.0
    yield from units


def _options(pair: str, vocabulary: Vocabulary) -> Option:
    options = {pair: 1.0} if pair in vocabulary else {}
    return options | dict.fromkeys(vocabulary.sounding(pair)[:8], SOFT)


def _gaps(known: list[bool]) -> list[float]:
    """How much each pair counts: an unknown word weighs by its own pairs, hardly by the seams with its neighbours."""
    factors: list[float] = []
    for told, group in groupby(known):
        size = len(list(group))
        seams = (len(factors) > 0) + (len(factors) + size < len(known))
        inside = size - seams + SEAM * seams
        whole = SEAM if size == 1 and seams == 2 else max(1.0, inside)
        factors += [1.0 if told else whole / size] * size
    return factors


def _boned(cut: list[str], vocabulary: Vocabulary) -> Iterator[Unit]:
    """Pairs by their consonants, as far as they can stand beside each other; lone pairs would mean too much."""
    if len(cut) < 3 or len(skeleton("".join(cut))) < 3:
        return
    options = [vocabulary.boned(pair) for pair in pairs(cut)]
    for place in range(1, len(options)):
        options[place] = _following(options[place - 1], options[place])
    for place in range(len(options) - 1, 0, -1):
        options[place - 1] = _followed(options[place - 1], options[place])
    for pair, known in zip(pairs(cut), options, strict=True):
        weight = vocabulary.weight(known[0] if known else pair)
        yield Unit(weight, dict.fromkeys(known[:12], BONES))


def _following(before: list[str], after: list[str]) -> list[str]:
    ends = {clusters(pair)[-1] for pair in before}
    return [pair for pair in after if clusters(pair)[0] in ends]


def _followed(before: list[str], after: list[str]) -> list[str]:
    starts = {clusters(pair)[0] for pair in after}
    return [pair for pair in before if clusters(pair)[-1] in starts]


def _latin(texts: list[str], vocabulary: Vocabulary) -> Iterator[Unit]:
    for place, word in enumerate(texts):
        options = {word: 1.0} if word in vocabulary else {}
        options |= {term: 1.0 for term in _joined(texts, place) if term in vocabulary}
        if not options and (parts := _split(word, vocabulary)):
            yield from (_unit(part, {part: 1.0}, vocabulary) for part in parts)
            continue
        if word.isalpha() and len(word) >= 3:
            options = _alike(word, vocabulary) | options
        heard = spoken(word, vocabulary) if max(options.values(), default=0) < SURE else []
        if heard:
            yield from _heard(word, heard, options, vocabulary)
        else:
            yield _unit(word, options, vocabulary, _telling(word))


def _alike(word: str, vocabulary: Vocabulary) -> Option:
    stems = {word + "s", word + "es", word.removesuffix("s"), word.removesuffix("es")}
    plural = {stem: STEM for stem in stems if stem in vocabulary and stem != word}
    return plural if plural or word in vocabulary else vocabulary.alike(word)


def _heard(word: str, heard: list[Option], options: Option, vocabulary: Vocabulary) -> Iterator[Unit]:
    """A romanised word: one unit for each Khmer pair it was heard as, together as heavy as the heaviest."""
    units = [_unit(word, pair | options, vocabulary) for pair in heard]
    heaviest = max(unit.weight for unit in units)
    whole = sum(unit.weight for unit in units)
    for unit in units:
        unit.weight *= heaviest / whole
        yield unit


def _joined(texts: list[str], place: int) -> Iterator[str]:
    """The terms that hold a word joined with a neighbour, on its side or on the catalogue's."""
    yield JOINED + texts[place]
    for start in range(max(0, place - 1), min(place + 1, len(texts) - 1)):
        both = texts[start] + texts[start + 1]
        yield both
        yield JOINED + both


def _split(word: str, vocabulary: Vocabulary) -> tuple[str, str] | None:
    cuts = ((word[:n], word[n:]) for n in range(3, len(word) - 2))
    known = [cut for cut in cuts if vocabulary.common(cut[0]) and vocabulary.common(cut[1])]
    return max(known, key=lambda cut: min(map(vocabulary.df.__getitem__, cut)), default=None)


def _unit(term: str, options: Option, vocabulary: Vocabulary, factor: float = 1.0) -> Unit:
    likeliest = max(options, key=lambda option: (options[option], vocabulary.df.get(option, 0)), default=term)
    literal = (
        term if term in vocabulary and sum(likeness == 1 for likeness in options.values()) == 1 else None
    )
    certain = options.get(likeliest, 0) >= CERTAIN
    mentioned = MENTIONED_PAIR if is_khmer(term) else MENTIONED_WORD
    return Unit(vocabulary.weight(likeliest) * factor, options or {term: mentioned}, literal, certain)


def _telling(word: str) -> float:
    if word[0].isdigit():
        return NUMBER
    if word in _fillers()[0]:
        return FILLER
    return LETTER if len(word) == 1 else 1.0


def _without_fillers(cut: list[str]) -> list[str]:
    """A Khmer run without the polite and little words at its ends, unless nothing else is left."""
    start, end, phrases = 0, len(cut), _fillers()[1]
    changed = True
    while changed and start < end:
        changed = False
        for phrase in phrases:
            size = len(phrase)
            if cut[start : min(start + size, end)] == phrase:
                start, changed = start + size, True
            elif end - size >= start and cut[end - size : end] == phrase:
                end, changed = end - size, True
    return cut[start:end] if start < end else cut


@cache
def _fillers() -> tuple[frozenset[str], list[list[str]]]:
    lines = [fold(line) for line in FILLERS.read_text(encoding="utf-8").splitlines() if line.strip()]
    khmer = [clusters(line) for line in lines if clusters(line)]
    return frozenset(line for line in lines if not clusters(line)), sorted(khmer, key=len, reverse=True)


def gains(asked: Asked) -> tuple[list[str], list[int], list[float]]:
    """The options of all units as three columns: term, number of the unit, share of the whole it brings."""
    lines = [
        (term, number, unit.weight * likeness / asked.total)
        for number, unit in enumerate(asked.units)
        for term, likeness in unit.options.items()
    ]
    columns: Iterable[tuple[object, ...]] = zip(*lines, strict=True)
    tokens, numbers, shares = columns or ((), (), ())
    return list(tokens), list(numbers), list(shares)  # type: ignore[arg-type]

"""What to offer while somebody types: products, ingredients, concerns and shelves, each group on its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from flask import current_app
from sqlalchemy import Row, text

from app.catalog import inci, search, search_sayings, search_vocabulary
from app.catalog.navigation import shelves
from app.catalog.search_query import Asked, understand
from app.catalog.search_terms import is_khmer, pieces
from app.catalog.search_vocabulary import Vocabulary
from app.core.db import db
from app.core.khmer import clusters

PRODUCTS = text(
    "SELECT id, slug, name_en, name_kh, price, image_url FROM products WHERE id = ANY(:ids)"
    " ORDER BY array_position(:ids, id)"
)
INGREDIENTS = text("""
    SELECT slug, inci_name, label_en, label_kh FROM ingredients
    WHERE slug = ANY(:slugs) OR slug LIKE :start OR slug LIKE :inside OR label_kh LIKE :khmer
    ORDER BY slug = ANY(:slugs) DESC, slug LIKE :start DESC, length(slug), slug LIMIT :limit
""")
ENDING = 0.95
SURE = 0.8
SHORTEST = 2


@dataclass(frozen=True)
class Suggestions:
    """Groups of at most `limit` each, best first; `concerns` are codes, the others rows."""

    products: Sequence[Row[Any]] = ()
    ingredients: Sequence[Row[Any]] = ()
    concerns: Sequence[str] = ()
    categories: Sequence[Row[Any]] = ()
    folded: str = field(default="", compare=False)

    def __bool__(self) -> bool:
        return bool(self.products or self.ingredients or self.concerns or self.categories)


def suggest(query: str, limit: int = 5) -> Suggestions:
    """What an unfinished query may become: products (id, slug, names, price, image_url), ingredients (slug,
    inci_name, labels), codes of concerns, categories (id, slug, names, parent_id). At most three statements."""
    vocabulary = search_vocabulary.current()
    asked = understand(query, vocabulary)
    if not asked.units:
        return Suggestions()
    concepts = _concepts(asked, _phrases(vocabulary))
    ids = search.weigh(_completed(asked, vocabulary))[0][:limit]
    products = db.session.execute(PRODUCTS, {"ids": ids}).all() if ids else []
    known = {row.slug: row for row in shelves()}
    return Suggestions(
        products,
        _ingredients(asked.folded, _named("ingredient", concepts), limit),
        _named("concern", concepts)[:limit],
        [known[slug] for slug in _named("category", concepts) if slug in known][:limit],
        asked.folded,
    )


def _completed(asked: Asked, vocabulary: Vocabulary) -> Asked:
    """The query with its last word open at the end."""
    last = [text for _, text in pieces(asked.folded)][-1:]
    unit = asked.units[-1]
    for piece in last:
        if is_khmer(piece):
            ends = vocabulary.completing("".join(clusters(piece)[-2:]))
        else:
            ends = vocabulary.starting(piece, 12) if piece.isalpha() else []
        if ends:
            unit.options = dict.fromkeys(ends, ENDING) | unit.options
            unit.weight = max(vocabulary.weight(ends[0]), 0.5)
            unit.certain = True
    return asked


def _ingredients(folded: str, slugs: list[str], limit: int) -> Sequence[Row[Any]]:
    start = inci.slug(folded)
    if len(folded) < SHORTEST and not slugs:
        return []
    told = {
        "slugs": slugs,
        "start": f"{start}%",
        "inside": f"%-{start}%",
        "khmer": f"{_plain(folded)}%",
        "limit": limit,
    }
    if not start:
        told |= {"start": "", "inside": ""}
    return db.session.execute(INGREDIENTS, told).all()


def _plain(folded: str) -> str:
    return folded.replace("%", "") or "-"


def _phrases(vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """The folded labels and aliases with their concepts, kept as long as the vocabulary is."""
    kept = cast(tuple[Vocabulary, list[tuple[str, str]]] | None, current_app.extensions.get("search.phrases"))
    if kept is None or kept[0] is not vocabulary:
        kept = (vocabulary, search_sayings.read().phrases())
        current_app.extensions["search.phrases"] = kept
    return kept[1]


def _concepts(asked: Asked, phrases: Iterable[tuple[str, str]]) -> list[str]:
    """The concepts whose names begin with, or stand in, what was typed; the closest first."""
    meant = {term for term, likeness in asked.units[0].options.items() if likeness >= SURE}
    best: dict[str, tuple[int, int]] = {}
    for phrase, concept in phrases:
        rank = _rank(asked.folded, phrase, meant if len(asked.units) == 1 else set())
        if rank is not None:
            best[concept] = min(best.get(concept, (9, 0)), (rank, len(phrase)))
    return sorted(best, key=lambda concept: best[concept])


def _rank(typed: str, phrase: str, meant: set[str]) -> int | None:
    if phrase.startswith(typed):
        return 0 if phrase == typed else 1
    if phrase in meant:
        return 2
    if f" {typed}" in phrase:
        return 3
    inside = phrase in typed if is_khmer(phrase) else f" {phrase} " in f" {typed} "
    return 4 if inside and len(phrase) > 2 else None


def _named(kind: str, concepts: Iterable[str]) -> list[str]:
    return [concept.partition(":")[2] for concept in concepts if concept.startswith(f"{kind}:")]

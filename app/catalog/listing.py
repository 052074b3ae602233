"""A list page: the products that pass the filters, the counts beside them, and a way out when nothing passes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from app.catalog import facets, match_order, queries
from app.catalog.facet_index import FacetIndex
from app.catalog.facets import Filters
from app.catalog.match import Skin, verdicts
from app.catalog.queries import Card
from app.catalog.vocabulary import RATINGS, words
from app.core.i18n import pick
from app.core.money import usd
from app.core.pagination import Page

SIZE = 24
BEST = 6
PRAISED = ("great", "good")


@dataclass(frozen=True)
class Applied:
    """A filter in force: its words, the query without it, and how many products that gives where nothing passes."""

    facet: str
    label: str
    query: dict[str, Any]
    gives: int


@dataclass(frozen=True)
class Listing:
    """What a list page shows. `counts` maps facet to value to number; `labels` facet to value to words.

    `fits` says in words how well each product shown goes with the reader's skin, where that is known.
    """

    cards: tuple[Card, ...]
    page: Page
    filters: Filters
    counts: dict[str, dict[str, int]]
    labels: dict[str, dict[str, str]]
    applied: list[Applied]
    fits: dict[int, str] = field(default_factory=dict)


def bestsellers(found: FacetIndex) -> list[int]:
    """Ids of what sells most."""
    return list(found.ids[:BEST])


def listing(filters: Filters, number: int, ids: Sequence[int] | None = None, category: str | None = None,
            brand: str | None = None, ingredient: str | None = None, skin: Skin | None = None) -> Listing:  # fmt: skip
    """Page `number` of a category, a brand, an ingredient, the search hits `ids`, or everything.

    One statement for the cards while the index is fresh; `sort=match` keeps the order of `ids`, without them it
    puts first what goes well with `skin`, and without that what sells.
    """
    found = facets.index()
    found.learn([ingredient] if ingredient else [])
    filters = facets.sensible(found, filters)
    base = found.everything if ids is None else found.among(ids)
    for facet, value in (("category", category), ("brand", brand), ("ingredient", ingredient)):
        base &= found.of(facet, value) if value else base
    place = None if ids is not None else (category, brand, ingredient)
    passing, counts = facets.answer(found, base, filters, place)
    page = Page(number, SIZE, passing.bit_count())
    shown, levels = _shown(found, passing, filters.sort, page, ids, skin)
    labels = _labels(found, filters, counts)
    return Listing(
        cards=tuple(queries.cards(shown, bestsellers(found))),
        page=page,
        filters=filters,
        counts=counts,
        labels=labels,
        applied=_applied(found, base, filters, labels, nothing=not passing),
        fits={one: verdicts()[level] for one, level in levels.items() if level in PRAISED},
    )


def _shown(
    found: FacetIndex, passing: int, sort: str, page: Page, ids: Sequence[int] | None, skin: Skin | None
) -> tuple[list[int], dict[int, str]]:
    """The ids of the page, and where a skin is known the level of each one's match."""
    if sort == "match" and ids is None and skin:
        return match_order.page(found, passing, skin, page.first, page.size)
    if sort == "match" and ids is not None:
        kept = [one for one in ids if one in found.position and passing >> found.position[one] & 1]
        shown = kept[page.first : page.first + page.size]
    else:
        shown = found.page(passing, "sold" if sort == "match" else sort, page.first, page.size)
    return shown, match_order.levels(found, shown, skin) if skin else {}


def _labels(
    found: FacetIndex, filters: Filters, counts: dict[str, dict[str, int]]
) -> dict[str, dict[str, str]]:
    named = [slug for slug in (*counts["ingredient"], *filters.ticked("without")) if slug in found.names]
    ingredients = {slug: pick(found.names[slug], "name") for slug in named}
    return {
        "skin_type": words("SKIN_TYPES"),
        "concern": words("CONCERNS"),
        "brand": {brand.slug: brand.name for brand in found.brands if brand.slug in counts["brand"]},
        "ingredient": ingredients,
        "without": ingredients | words("FREE_FROM"),
        "rating": {str(stars): str(_("%(stars)s stars and more", stars=stars)) for stars in RATINGS},
        "in_stock": {"1": str(_("In stock"))},
    }


def _applied(
    found: FacetIndex, base: int, filters: Filters, labels: dict[str, dict[str, str]], nothing: bool
) -> list[Applied]:
    wanted = [(facet, value) for facet in facets.MULTIPLE for value in filters.ticked(facet)]
    texts = [labels[facet].get(value, value) for facet, value in wanted]
    texts = [
        _("Without %(name)s", name=word.lower()) if facet == "without" else word
        for (facet, _value), word in zip(wanted, texts, strict=True)
    ]
    if filters.price:
        wanted, texts = [*wanted, ("price", "")], [*texts, _price_words(filters)]
    if filters.rating:
        wanted, texts = [*wanted, ("rating", "")], [*texts, labels["rating"][str(filters.rating)]]
    if filters.in_stock:
        wanted, texts = [*wanted, ("in_stock", "")], [*texts, labels["in_stock"]["1"]]
    applied = []
    for (facet, value), label in zip(wanted, texts, strict=True):
        rest = filters.without(facet, value)
        gives = facets.members(found, base, rest).bit_count() if nothing else 0
        applied.append(Applied(facet, label, rest.query(), gives))
    return applied


def _price_words(filters: Filters) -> str:
    low, high = (None if c is None else usd(c).removesuffix(".00") for c in _dollars(filters))
    if low and high:
        return str(_("%(low)s to %(high)s", low=low, high=high))
    return str(_("Under %(amount)s", amount=high) if high else _("Over %(amount)s", amount=low))


def _dollars(filters: Filters) -> tuple[Any, Any]:
    low, high = filters.price_min, filters.price_max
    return (None if low is None else Decimal(low) / 100, None if high is None else Decimal(high) / 100)

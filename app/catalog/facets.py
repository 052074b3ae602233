"""Filters of a list and the exact counts beside them: values of one facet are OR, facets are AND.

A facet's counts leave out its own filter, so that they tell what one more tick would give.
"""

import re
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import partial, reduce
from operator import and_, or_
from typing import Any, cast

from flask import Flask, current_app

from app.catalog import facet_index
from app.catalog.facet_index import FacetIndex
from app.catalog.vocabulary import CONCERNS, FREE_FROM, RATINGS, SKIN_TYPES, SORTS
from app.core.shop import shop

MULTIPLE = ("skin_type", "concern", "brand", "ingredient", "without")
MOST_VALUES = 20
SLUG = re.compile(r"[a-z0-9_-]{1,150}")
SHOWN_BRANDS = 8
MOST_ANSWERS = 300
BUILD_IN_BACKGROUND_ABOVE = 20_000
_building = threading.Lock()


@dataclass(frozen=True)
class Filters:
    """What a reader asks of a list; `values` holds the ticked values of each facet, prices are in cents."""

    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    price_min: int | None = None
    price_max: int | None = None
    rating: int | None = None
    in_stock: bool = False
    sort: str = "match"

    @property
    def narrowed(self) -> bool:
        return bool(any(self.values.values()) or self.price or self.rating or self.in_stock)

    @property
    def price(self) -> bool:
        return self.price_min is not None or self.price_max is not None

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes two lists hold the same products, whatever their order."""
        ticked = tuple(sorted((facet, values) for facet, values in self.values.items() if values))
        return (ticked, self.price_min, self.price_max, self.rating, self.in_stock)

    def ticked(self, facet: str) -> tuple[str, ...]:
        """The facet's ticked values."""
        return self.values.get(facet, ())

    def without(self, facet: str, value: str = "") -> "Filters":
        """These filters less one value (or less a whole facet)."""
        if facet in MULTIPLE:
            kept = tuple(one for one in self.ticked(facet) if value and one != value)
            return replace(self, values={**self.values, facet: kept})
        blank: dict[str, dict[str, Any]] = {
            "price": {"price_min": None, "price_max": None},
            "rating": {"rating": None},
            "in_stock": {"in_stock": False},
        }
        return replace(self, **blank[facet])

    def query(self, **extra: object) -> dict[str, Any]:
        """The filters as query parameters, with `extra` ones that are not None."""
        pairs: dict[str, Any] = {facet: values for facet, values in self.values.items() if values}
        for name in ("price_min", "price_max"):
            cents = getattr(self, name)
            if cents is not None:
                pairs[name] = f"{Decimal(cents) / 100:f}"
        pairs |= {"rating": self.rating} if self.rating else {}
        pairs |= {"in_stock": 1} if self.in_stock else {}
        pairs |= {"sort": self.sort} if self.sort != "match" else {}
        return pairs | {name: value for name, value in extra.items() if value is not None}


def read(args: Mapping[str, Any]) -> Filters:
    """The filters in a query; what makes no sense is left out."""
    lists = args.getlist  # type: ignore[attr-defined]
    values = {facet: tuple(dict.fromkeys(_words(lists(facet)))) for facet in MULTIPLE}
    known = {"skin_type": SKIN_TYPES, "concern": CONCERNS}
    for facet, allowed in known.items():
        values[facet] = tuple(value for value in values[facet] if value in allowed)
    sort = args.get("sort", "match")
    rating = args.get("rating", "")
    return Filters(
        values=values,
        price_min=_cents(args.get("price_min")),
        price_max=_cents(args.get("price_max")),
        rating=int(rating) if rating in {str(stars) for stars in RATINGS} else None,
        in_stock=args.get("in_stock") in ("1", "on"),
        sort=sort if sort in SORTS else "match",
    )


def _words(texts: list[str]) -> list[str]:
    return [text for text in texts[:MOST_VALUES] if SLUG.fullmatch(text)]


def _cents(text: str | None) -> int | None:
    try:
        amount = Decimal((text or "").strip()[:12])
    except InvalidOperation:
        return None
    return int(amount * 100) if amount.is_finite() and 0 <= amount < 1_000_000 else None


def index() -> FacetIndex:
    """This process's index. A large one is built anew in the background while the former one serves."""
    version = shop().catalogue_version
    kept = cast(FacetIndex | None, current_app.extensions.get("shop.facets"))
    if kept is not None and (kept.version == version or _build_behind(kept, version)):
        return kept
    with _building:
        kept = cast(FacetIndex | None, current_app.extensions.get("shop.facets"))
        if kept is None or kept.version != version:
            kept = current_app.extensions["shop.facets"] = facet_index.build(version)
    return kept


def _build_behind(kept: FacetIndex, version: int) -> bool:
    if len(kept.ids) <= BUILD_IN_BACKGROUND_ABOVE:
        return False
    if _building.acquire(blocking=False):
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        threading.Thread(target=_build, args=(app, version), daemon=True).start()
    return True


def _build(app: Flask, version: int) -> None:
    try:
        with app.app_context():
            app.extensions["shop.facets"] = facet_index.build(version)
    finally:
        _building.release()


def sensible(found: FacetIndex, filters: Filters) -> Filters:
    """The filters less brands and ingredients that the shop does not know."""
    found.learn(filters.ticked("ingredient") + filters.ticked("without"))
    known: dict[str, Collection[str]] = {
        "brand": found.sets["brand"],
        "ingredient": found.names,
        "without": FREE_FROM.keys() | found.names,
    }
    kept = {
        facet: tuple(v for v in filters.ticked(facet) if v in allowed) for facet, allowed in known.items()
    }
    return replace(filters, values=filters.values | kept)


def parts(found: FacetIndex, filters: Filters) -> dict[str, int]:
    """For each facet that is in use, the products that pass it alone (filters as `sensible` gave them)."""
    passing = {
        facet: reduce(or_, (found.of(facet, value) for value in filters.ticked(facet)))
        for facet in ("skin_type", "concern", "brand", "ingredient")
        if filters.ticked(facet)
    }
    if filters.ticked("without"):
        passing["without"] = reduce(and_, map(found.free_from, filters.ticked("without")))
    if filters.price:
        passing["price"] = found.priced(filters.price_min, filters.price_max)
    if filters.rating:
        passing["rating"] = found.of("rating", str(filters.rating))
    if filters.in_stock:
        passing["in_stock"] = found.of("in_stock", "1")
    return passing


def members(found: FacetIndex, base: int, filters: Filters, leave_out: str = "") -> int:
    """The products of `base` that pass every filter but `leave_out`."""
    result = base
    for facet, passing in parts(found, filters).items():
        if facet != leave_out:
            result &= passing
    return result


def answer(
    found: FacetIndex, base: int, filters: Filters, place: tuple[str | None, ...] | None
) -> tuple[int, dict[str, dict[str, int]]]:
    """The products of `base` that pass, and the counts; kept by `place` (a category, a brand ...) where it has one."""
    if place is None:
        return members(found, base, filters), counts(found, base, filters)
    key = (place, filters.key)
    kept = found.answers.get(key)
    if kept is None:
        if len(found.answers) >= MOST_ANSWERS:
            found.answers.clear()
        kept = found.answers[key] = members(found, base, filters), counts(found, base, filters)
    return kept


def counts(found: FacetIndex, base: int, filters: Filters) -> dict[str, dict[str, int]]:
    """Facet -> value -> number of products, each facet without its own filter. Zero counts stay."""
    passing = parts(found, filters)
    told: dict[str, dict[str, int]] = {}
    for facet, values in offered(found, base).items():
        others = base
        for name, allowed in passing.items():
            if name != facet:
                others &= allowed
        pick = found.free_from if facet == "without" else partial(found.of, facet)
        wanted = dict.fromkeys((*values, *filters.ticked(facet)))
        told[facet] = {value: (others & pick(value)).bit_count() for value in wanted}
    return told


def offered(found: FacetIndex, base: int) -> dict[str, list[str]]:
    """The values of each facet worth offering within `base`, whatever is ticked: boxes never jump."""
    brands = {brand.slug: (base & found.of("brand", brand.slug)).bit_count() for brand in found.brands}
    stocked = sorted((slug for slug in brands if brands[slug]), key=lambda slug: -brands[slug])
    return {
        "skin_type": list(SKIN_TYPES),
        "concern": [code for code in CONCERNS if base & found.of("concern", code)],
        "ingredient": [slug for slug in found.notable if base & found.of("ingredient", slug)],
        "without": [kind for kind in FREE_FROM if kind in found.sets["flag"]],
        "brand": stocked[:SHOWN_BRANDS],
        "rating": [str(stars) for stars in RATINGS],
        "in_stock": ["1"],
    }

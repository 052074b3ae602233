"""A process's index of the products on sale: one bit a product for every facet value, and one order a sort.

A set of products is a Python int whose bit n stands for the product of rank n in the order of sales, so that a count
over 100,000 products costs microseconds. The index belongs to one catalogue version.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from struct import iter_unpack
from typing import Any, NamedTuple

from sqlalchemy import text

from app.catalog.substances import kinds
from app.catalog.vocabulary import FREE_FROM, RATINGS, SKIN_TYPES
from app.core import db

PRIOR_RATING, PRIOR_COUNT = 4.3, 10
SHOWN_INGREDIENTS = 8
MOST_KEPT = 500
LISTS = "lists"
CLOGS = "clogs"
SORT_BELOW = 1_000
STRETCHES, SHORTEST = 32, 512
PRODUCTS = text(
    """
    SELECT id, (price * 100)::int AS cents, rating_avg::float AS rating, rating_count, suits::text[] AS suits,
        skin_concerns, brand_id, category, extract(epoch FROM coalesce(published_at, created_at)) AS born,
        coalesce(unit_price, 1e9)::float AS unit_price,
        (NOT track_inventory OR allow_backorders OR stock > allocated) AS in_stock
    FROM products WHERE status = 'active' ORDER BY sold_count DESC, id
    """
)
SHELVES = text("SELECT slug, id, parent_id FROM categories")
EXTRA_SHELVES = text(
    "SELECT c.slug, array_agg(pc.product_id) AS ids FROM product_categories pc"
    " JOIN categories c ON c.id = pc.category_id JOIN products p ON p.id = pc.product_id"
    " WHERE p.status = 'active' AND p.category <> c.slug GROUP BY c.slug"
)
SUBSTANCES = text("SELECT id, slug, flags, coalesce(comedogenic, 0) >= 4 AS clogs FROM ingredients")
CONTAINING = text(
    "SELECT ingredient_id, array_agg(product_id) AS ids FROM product_ingredients"
    " WHERE ingredient_id = ANY(:ids) GROUP BY ingredient_id"
)
LISTED = text("SELECT DISTINCT product_id FROM product_ingredients")
NOTABLE = text(
    """
    SELECT i.slug FROM ingredients i JOIN product_ingredients pi ON pi.ingredient_id = i.id
    JOIN products p ON p.id = pi.product_id AND p.status = 'active'
    WHERE NOT i.functions && '{solvent,preservative,thickener,emulsifier,chelating,ph_adjuster,stabilizer,fragrance}'
    GROUP BY i.id ORDER BY (i.description_en IS NOT NULL) DESC, count(*) DESC, i.slug LIMIT :most
    """
)
HOLDERS = text(
    """
    SELECT i.slug, coalesce(i.label_en, i.inci_name) AS name_en, i.label_kh AS name_kh,
        ARRAY(SELECT pi.product_id FROM product_ingredients pi WHERE pi.ingredient_id = i.id) AS ids
    FROM ingredients i WHERE i.slug = ANY(:slugs)
    """
)
BRANDS = text("SELECT id, slug, name FROM brands ORDER BY name")


def bits(positions: Iterable[int], size: int) -> int:
    """The set of these positions."""
    packed = bytearray(size // 8 + 1)
    for position in positions:
        packed[position >> 3] |= 1 << (position & 7)
    return int.from_bytes(packed, "little")


def positions(members: int) -> Iterator[int]:
    """The set's positions, ascending."""
    packed = members.to_bytes((members.bit_length() + 63) // 64 * 8, "little")
    for at, (word,) in enumerate(iter_unpack("<Q", packed)):
        left = word
        while left:
            low = left & -left
            yield (at << 6) + low.bit_length() - 1
            left ^= low


class Substance(NamedTuple):
    """An ingredient's name in both languages."""

    name_en: str
    name_kh: str | None


@dataclass
class FacetIndex:
    """Everything that lists and counts need, for one catalogue version."""

    version: int
    ids: array[int]
    position: dict[int, int]
    everything: int
    sets: dict[str, dict[str, int]]
    brands: Sequence[Any]
    notable: Sequence[str]
    orders: dict[str, array[int]]
    ranks: dict[str, array[int]]
    cents: array[int]
    names: dict[str, Substance] = field(default_factory=dict)
    answers: dict[Any, Any] = field(default_factory=dict)
    _holders: dict[str, int] = field(default_factory=dict)
    _prices: dict[tuple[int | None, int | None], int] = field(default_factory=dict)
    _parts: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def of(self, facet: str, value: str) -> int:
        """The products with one value of a facet (none for an unknown value). Ingredients must be learnt before."""
        return self._holders.get(value, 0) if facet == "ingredient" else self.sets[facet].get(value, 0)

    def learn(self, slugs: Iterable[str]) -> None:
        """Know which products hold these ingredients, and their names; one statement for those that are new."""
        new = [slug for slug in slugs if slug not in self._holders]
        if not new:
            return
        if len(self._holders) > MOST_KEPT:
            self._holders = {slug: self._holders[slug] for slug in self.notable}
            self.names = {slug: self.names[slug] for slug in self.notable}
        found = {row.slug: row for row in db.rows(HOLDERS, {"slugs": new})}
        self.names |= {slug: Substance(row.name_en, row.name_kh) for slug, row in found.items()}
        for slug in new:
            self._holders[slug] = self.among(found[slug].ids) if slug in found else 0

    def free_from(self, value: str) -> int:
        """The products whose ingredients are known and hold none of a kind (`fragrance`) or not this one (its slug)."""
        inside = self.sets["flag"].get(value, self._holders.get(value, 0))
        return self.sets["flag"][LISTS] & ~inside

    def priced(self, low: int | None, high: int | None) -> int:
        """The products that cost from `low` to `high` cents."""
        key = (low, high)
        if key not in self._prices:
            order = self.orders["price"]
            start = bisect_left(order, low, key=self.cents.__getitem__) if low is not None else 0
            end = bisect_right(order, high, key=self.cents.__getitem__) if high is not None else len(order)
            if len(self._prices) > MOST_KEPT:
                self._prices.clear()
            self._prices[key] = bits(order[start:end], len(self.ids))
        return self._prices[key]

    def among(self, ids: Iterable[int]) -> int:
        """The set of those ids that are on sale."""
        return bits((self.position[one] for one in ids if one in self.position), len(self.ids))

    def page(self, members: int, sort: str, first: int, size: int) -> list[int]:
        """Ids number `first`.. of the set in one order."""
        if sort == "sold":
            found = islice(positions(members), first, first + size)
        elif members.bit_count() <= SORT_BELOW:
            rank, reverse = self.ranks[sort.removeprefix("-")], sort.startswith("-")
            ordered = sorted(positions(members), key=rank.__getitem__, reverse=reverse)
            found = islice(ordered, first, first + size)
        else:
            found = islice(self._along(sort, members, first), size)
        return [self.ids[at] for at in found]

    def _along(self, sort: str, members: int, first: int) -> Iterator[int]:
        """The set's positions in one order from number `first` on; stretches before it are counted, not walked."""
        order, reverse = self.orders[sort.removeprefix("-")], sort.startswith("-")
        packed = members.to_bytes(len(self.ids) // 8 + 1, "little")
        for start, stretch in self._stretches(sort.removeprefix("-"))[:: -1 if reverse else 1]:
            held = (members & stretch).bit_count()
            if held <= first:
                first -= held
                continue
            part = order[start : start + self._width]
            inside = (at for at in (reversed(part) if reverse else part) if packed[at >> 3] >> (at & 7) & 1)
            yield from islice(inside, first, None)
            first = 0

    def _stretches(self, name: str) -> list[tuple[int, int]]:
        """An order in stretches, each as its start and the set of its products."""
        if name not in self._parts:
            order, size = self.orders[name], len(self.ids)
            starts = range(0, size, self._width)
            self._parts[name] = [(start, bits(order[start : start + self._width], size)) for start in starts]
        return self._parts[name]

    @property
    def _width(self) -> int:
        return max(SHORTEST, len(self.ids) // STRETCHES + 1)


@dataclass
class Shelved:
    """The products on sale by columns in the order of sales: ids, what each order goes by, who has which value."""

    ids: array[int] = field(default_factory=lambda: array("i"))
    cents: array[int] = field(default_factory=lambda: array("i"))
    unit_prices: array[float] = field(default_factory=lambda: array("d"))
    born: array[float] = field(default_factory=lambda: array("d"))
    stars: array[float] = field(default_factory=lambda: array("d"))
    holding: dict[tuple[str, str], array[int]] = field(
        default_factory=lambda: defaultdict(lambda: array("i"))
    )

    def add(self, p: Any, brand: str) -> None:
        """Put one more product on the shelf."""
        at = len(self.ids)
        self.ids.append(p.id)
        self.cents.append(p.cents)
        self.unit_prices.append(p.unit_price)
        self.born.append(-p.born)
        prior = PRIOR_RATING * PRIOR_COUNT
        self.stars.append(-(prior + p.rating * p.rating_count) / (PRIOR_COUNT + p.rating_count))
        for value in _values(p, brand):
            self.holding[value].append(at)

    def orders(self) -> dict[str, array[int]]:
        """The positions by each order; what is equal in it stays in the order of sales."""
        keys: dict[str, Sequence[float]] = {
            "price": self.cents,
            "unit_price": self.unit_prices,
            "new": self.born,
            "rating": self.stars,
        }
        every = range(len(self.ids))
        return {name: array("i", sorted(every, key=key.__getitem__)) for name, key in keys.items()}


def build(version: int) -> FacetIndex:
    """The index of what is on sale now; nine statements. Products pass one by one: whole they would take 100 MB."""
    brands = db.rows(BRANDS)
    names = {b.id: b.slug for b in brands}
    shelved = Shelved()
    for p in db.db.session.execute(PRODUCTS):
        shelved.add(p, names.get(p.brand_id, ""))
    ids = shelved.ids
    position = {one: at for at, one in enumerate(ids)}
    orders = shelved.orders()
    index = FacetIndex(
        version=version,
        ids=ids,
        position=position,
        everything=(1 << len(ids)) - 1,
        sets=_sets(shelved.holding, position),
        brands=brands,
        notable=[row.slug for row in db.rows(NOTABLE, {"most": SHOWN_INGREDIENTS})],
        orders=orders,
        ranks={name: _ranks(order) for name, order in orders.items()},
        cents=shelved.cents,
    )
    index.learn(index.notable)
    return index


def _ranks(order: array[int]) -> array[int]:
    ranks = array("i", bytes(4 * len(order)))
    for rank, at in enumerate(order):
        ranks[at] = rank
    return ranks


def _sets(holding: dict[tuple[str, str], array[int]], position: dict[int, int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, array[int]]] = {facet: {} for facet in FACETS}
    for (facet, value), at in holding.items():
        found[facet][value] = at
    for shelf in db.rows(EXTRA_SHELVES):
        found["category"].setdefault(shelf.slug, array("i")).extend(position[one] for one in shelf.ids)
    found["flag"] = _kinds(position)
    size = len(position)
    sets = {facet: {value: bits(at, size) for value, at in values.items()} for facet, values in found.items()}
    return sets | {"category": _with_children(sets["category"])}


def _values(p: Any, brand: str) -> Iterator[tuple[str, str]]:
    """The facet values of one product."""
    yield from (("skin_type", skin) for skin in (SKIN_TYPES if "all" in p.suits else p.suits))
    yield from (("concern", concern) for concern in p.skin_concerns)
    yield "brand", brand
    yield "category", p.category
    yield from (("rating", str(stars)) for stars in RATINGS if p.rating_count and p.rating >= stars)
    if p.in_stock:
        yield "in_stock", "1"


def _kinds(position: dict[int, int]) -> dict[str, array[int]]:
    """The products with an ingredient of each kind or (CLOGS) of rich oil; under LISTS all with known ingredients."""
    of = {
        row.id: (kinds(row.slug, row.flags) & FREE_FROM.keys()) | ({CLOGS} if row.clogs else set())
        for row in db.rows(SUBSTANCES)
    }
    wanted = [one for one, names in of.items() if names]
    found: dict[str, array[int]] = defaultdict(lambda: array("i"))
    for row in db.db.session.execute(CONTAINING, {"ids": wanted}):
        held = array("i", (position[one] for one in row.ids if one in position))
        for kind in of[row.ingredient_id]:
            found[kind] += held
    listed = db.db.session.scalars(LISTED)
    found[LISTS] = array("i", (position[one] for one in listed if one in position))
    return found


def _with_children(shelves: dict[str, int]) -> dict[str, int]:
    """Each shelf's products and those of the shelves below it."""
    tree = db.rows(SHELVES)
    below: dict[int | None, list[Any]] = defaultdict(list)
    for shelf in tree:
        below[shelf.parent_id].append(shelf)

    def whole(shelf: Any) -> int:
        members = shelves.get(shelf.slug, 0)
        for child in below[shelf.id]:
            members |= whole(child)
        return members

    return {shelf.slug: whole(shelf) for shelf in tree}


FACETS = ("skin_type", "concern", "brand", "category", "rating", "in_stock", "flag")

"""What a page shows of learning: one read of MongoDB a page within 50 ms, SQL where MongoDB is away.

Shelves hold ids and reasons, more of them than fit; the page's own query of cards drops what is not for sale.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text

from app.core import memory, mongo
from app.core.db import rows
from app.core.i18n import lang
from app.recommend import reasons, store

FALLBACK = 24
# Both orders are those of an index read backwards: with `id` the other way round every product that sold
# as often as the last one shown would be read and sorted, thousands in a large shop.
BEST = text("SELECT id FROM products WHERE status = 'active' ORDER BY sold_count DESC, id DESC LIMIT :most")
IN_CATEGORY = text(
    "SELECT id FROM products WHERE status = 'active' AND id <> :product_id"
    " AND category = (SELECT category FROM products WHERE id = :product_id)"
    " ORDER BY sold_count DESC, id DESC LIMIT :most"
)
MOST_KEPT = 500
Document = dict[str, Any]


class Pick(NamedTuple):
    """A product on a shelf and why it is there."""

    product_id: int
    code: str
    args: dict[str, Any]

    @property
    def reason(self) -> str:
        """The reason in the reader's language."""
        return reasons.words(self.code, self.args)


@dataclass(frozen=True)
class Shelf:
    """Picks, best first; `source` is 'learned' or 'sql'."""

    items: list[Pick] = field(default_factory=list)
    source: str = "sql"
    said: dict[str, dict[int, str]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def ids(self) -> list[int]:
        """The products' ids, best first."""
        return [pick.product_id for pick in self.items]

    def reasons(self) -> dict[int, str]:
        """The reason of each product in the reader's language, put into words once."""
        if lang() not in self.said:
            self.said[lang()] = {pick.product_id: pick.reason for pick in self.items}
        return self.said[lang()]


def similar(product_id: int, most: int = FALLBACK) -> Shelf:
    """The `most` products most like this one, remembered for a while; without MongoDB its category's best sellers.

    Never raises for MongoDB.
    """
    kept = memory.brief("shop.similar", MOST_KEPT)
    found: Shelf | None = kept.find((product_id, most))
    if found is None:
        told = mongo.ask(lambda database: store.similar(database, product_id, most) or {}, None)
        found = _picked(told, "similar_products") or in_category(product_id, most)
        if told is not None:
            kept.keep((product_id, most), found)
    return found


def trending(skin_type: str | None = None) -> Shelf:
    """What sells now, to one skin type or to everybody; without MongoDB the best sellers of all time."""
    told = mongo.ask(lambda database: store.trending(database, skin_type), None)
    return _picked(told, "products") or best_sellers()


def in_category(product_id: int, most: int = FALLBACK) -> Shelf:
    """The best sellers of a product's category, itself left out; one statement."""
    return _sold(IN_CATEGORY, "popular_in_category", most, product_id=product_id)


def best_sellers() -> Shelf:
    """What sold most; one statement."""
    return _sold(BEST, "popular")


def _picked(document: Document | None, name: str) -> Shelf | None:
    if not document or not document[name]:
        return None
    picks = [
        Pick(each["product_id"], each["reason"]["code"], each["reason"].get("args", {}))
        for each in document[name]
    ]
    return Shelf(picks, "learned")


def _sold(statement: TextClause, code: str, most: int = FALLBACK, **wanted: int) -> Shelf:
    found = rows(statement, {"most": most, **wanted})
    return Shelf([Pick(row.id, code, {}) for row in found], "sql")

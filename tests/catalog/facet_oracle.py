"""The same filters and counts in plain SQL, slow and obvious: what the index must agree with."""

from typing import Any

from sqlalchemy import text

from app.catalog.facets import Filters
from app.catalog.substances import kinds
from app.core import db

SALE = "SELECT p.id FROM products p WHERE p.status = 'active'"
CONDITIONS = {
    "skin_type": "p.suits && (CAST(:skin_type AS skin_type[]) || CAST('{all}' AS skin_type[]))",
    "concern": "p.skin_concerns && CAST(:concern AS text[])",
    "brand": "EXISTS (SELECT 1 FROM brands b WHERE b.id = p.brand_id AND b.slug = ANY(:brand))",
    "ingredient": "EXISTS (SELECT 1 FROM product_ingredients x JOIN ingredients i ON i.id = x.ingredient_id"
    " WHERE x.product_id = p.id AND i.slug = ANY(:ingredient))",
    "without": "EXISTS (SELECT 1 FROM product_ingredients x WHERE x.product_id = p.id) AND NOT EXISTS (SELECT 1"
    " FROM product_ingredients x JOIN ingredients i ON i.id = x.ingredient_id"
    " WHERE x.product_id = p.id AND i.slug = ANY(:without))",
    "price_min": "p.price * 100 >= :price_min",
    "price_max": "p.price * 100 <= :price_max",
    "rating": "p.rating_count > 0 AND p.rating_avg >= :rating",
    "in_stock": "(NOT p.track_inventory OR p.allow_backorders OR p.stock > p.allocated)",
}
CATEGORY = (
    "EXISTS (WITH RECURSIVE below AS (SELECT id, slug FROM categories WHERE slug = :category UNION ALL"
    " SELECT c.id, c.slug FROM categories c JOIN below ON c.parent_id = below.id)"
    " SELECT 1 FROM below LEFT JOIN product_categories pc ON pc.category_id = below.id AND pc.product_id = p.id"
    " WHERE below.slug = p.category OR pc.product_id IS NOT NULL)"
)
ORDERS = {
    "sold": "p.sold_count DESC, p.id",
    "price": "p.price, p.sold_count DESC, p.id",
    "-price": "p.price DESC, p.sold_count, p.id DESC",
    "new": "coalesce(p.published_at, p.created_at) DESC, p.sold_count DESC, p.id",
    "unit_price": "coalesce(p.unit_price, 1e9), p.sold_count DESC, p.id",
    "rating": "(43 + p.rating_avg * p.rating_count) / (10 + p.rating_count) DESC, p.sold_count DESC, p.id",
}


def slugs_of(kind: str) -> list[str]:
    """The ingredients of a kind, or the one ingredient of that slug."""
    found = db.rows(text("SELECT slug, flags FROM ingredients"))
    named = [row.slug for row in found if kind in kinds(row.slug, row.flags)]
    return named or [kind]


def ids(filters: Filters, category: str | None = None, order: str = "sold") -> list[int]:
    """The products that pass, in an order."""
    conditions, values = [], {}
    for facet in ("skin_type", "concern", "brand", "ingredient"):
        if filters.ticked(facet):
            conditions.append(CONDITIONS[facet])
            values[facet] = list(filters.ticked(facet))
    if filters.ticked("without"):
        conditions.append(CONDITIONS["without"])
        values["without"] = [slug for kind in filters.ticked("without") for slug in slugs_of(kind)]
    for name in ("price_min", "price_max", "rating"):
        if getattr(filters, name) is not None:
            conditions.append(CONDITIONS[name])
            values[name] = getattr(filters, name)
    conditions += [CONDITIONS["in_stock"]] if filters.in_stock else []
    if category:
        conditions.append(CATEGORY)
        values["category"] = category
    wanted: dict[str, Any] = values
    statement = " AND ".join([SALE, *conditions]) + f" ORDER BY {ORDERS[order]}"
    return [row.id for row in db.rows(text(statement), wanted)]

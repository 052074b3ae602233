"""The shelves that every page links to: read once a catalogue version in each process."""

from typing import Any, cast

from flask import current_app
from sqlalchemy import Row, select

from app.catalog.models import Category
from app.core import db
from app.core.shop import shop

SHELVES = (
    select(Category.id, Category.slug, Category.name_en, Category.name_kh, Category.parent_id)
    .where(Category.is_active)
    .order_by(Category.sort_order, Category.id)
)


def shelves() -> tuple[Row[Any], ...]:
    """Active categories (id, slug, names, parent_id) in the shop's order; no statement while nothing changed."""
    version = shop().catalogue_version
    kept = cast(tuple[int, tuple[Row[Any], ...]] | None, current_app.extensions.get("shop.shelves"))
    if kept is None or kept[0] != version:
        kept = (version, tuple(db.rows(SHELVES)))
        current_app.extensions["shop.shelves"] = kept
    return kept[1]

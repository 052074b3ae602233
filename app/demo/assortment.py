"""Loads the catalogue's content: ingredients, brands, shelves, products, coupons, aliases and the shop's settings."""

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import any_, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.types import Text

from app.catalog import writing
from app.catalog.models import Brand, Category, Ingredient, Product, ProductImage, SearchAlias
from app.core.db import Base, db
from app.core.khmer import norm
from app.core.models import ExchangeRate, Setting
from app.coupons.models import Coupon
from app.demo import pictures

FOLDER = Path(__file__).parent / "catalogue"
ELSEWHERE = {"successor", "family", "brand", "more_categories", "launched_days_ago", "pictures", "stock"}
MONEY = ("price", "compare_at_price", "cost_price", "size_amount", "weight")
KEPT_DAYS = 540
STILL_NEW, BEFORE_OPENING = 60, 300


@cache
def read(name: str) -> Any:
    """The content of a file of the catalogue folder."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def products() -> list[dict[str, Any]]:
    """Every product's content, by file and place."""
    files = sorted((FOLDER / "products").glob("*.json"))
    return [product for file in files for product in json.loads(file.read_text(encoding="utf-8"))]


def picture_files() -> list[str]:
    """Every picture that the shop shows."""
    return [pictures.HERO, *(shot["file"] for product in products() for shot in product["pictures"])]


def load(today: date, opened: datetime) -> dict[str, int]:
    """Write all of the catalogue; product ids by slug. `opened` is the time from which days are counted back."""
    _by_slug(Ingredient, read("ingredients"))
    _by_slug(Brand, read("brands"))
    _shelves()
    ids = _products(today, opened)
    _pictures(ids)
    _coupons(today, ids)
    _settings(today)
    load_aliases()
    return ids


def load_aliases() -> None:
    """Write the other names of concerns, categories and ingredients that shoppers search by."""
    aliases = [
        {"concept": concept, "lang": lang, "text": norm(said)}
        for concept, languages in read("aliases").items()
        for lang, texts in languages.items()
        for said in dict.fromkeys(texts)
    ]
    db.session.execute(upsert(SearchAlias).on_conflict_do_nothing(), aliases)


def _by_slug(model: type[Base], rows: list[dict[str, Any]]) -> None:
    statement = upsert(model)
    changes = {name: statement.excluded[name] for name in rows[0] if name != "slug"}
    statement = statement.on_conflict_do_update(index_elements=["slug"], set_=changes)
    db.session.execute(
        statement, [{name: writing.stored(value) for name, value in row.items()} for row in rows]
    )


def _shelves() -> None:
    rows = read("categories")
    _by_slug(Category, [{name: value for name, value in row.items() if name != "parent"} for row in rows])
    ids = _ids(Category, [row["slug"] for row in rows])
    for row in rows:
        if row["parent"]:
            statement = update(Category).where(Category.slug == row["slug"])
            db.session.execute(statement.values(parent_id=ids[row["parent"]]))


def _products(today: date, opened: datetime) -> dict[str, int]:
    shelves = _ids(Category, [row["slug"] for row in read("categories")])
    brands = _ids(Brand, [row["slug"] for row in read("brands")])
    rows = [
        _product(number, product, today, opened, shelves, brands) for number, product in enumerate(products())
    ]
    by_sku = writing.write(rows)
    ids = {product["slug"]: by_sku[product["sku"]] for product in products()}
    for product in products():
        if product["successor"]:
            statement = update(Product).where(Product.id == ids[product["slug"]])
            db.session.execute(statement.values(successor_id=ids[product["successor"]]))
    return ids


def _product(
    number: int,
    product: dict[str, Any],
    today: date,
    opened: datetime,
    shelves: dict[str, int],
    brands: dict[str, int],
) -> dict[str, Any]:
    row = {name: value for name, value in product.items() if name not in ELSEWHERE}
    row |= {name: Decimal(product[name]) if product[name] else None for name in MONEY}
    days = product["launched_days_ago"]
    launched = opened - timedelta(days=days if days <= STILL_NEW else days + BEFORE_OPENING)
    return row | {
        "brand_id": brands[product["brand"]],
        "shelves": [shelves[slug] for slug in (product["category"], *product["more_categories"])],
        "image_url": pictures.url(product["pictures"][0]["file"]),
        "created_at": launched,
        "published_at": launched,
        "expiry_date": today + timedelta(days=KEPT_DAYS + 11 * number),
    }


def _pictures(ids: dict[str, int]) -> None:
    rows = [
        {
            "product_id": ids[product["slug"]],
            "image_url": pictures.url(shot["file"]),
            "alt_text_en": shot["alt_en"],
            "alt_text_kh": norm(shot["alt_kh"]),
            "sort_order": place,
            "is_primary": place == 0,
        }
        for product in products()
        for place, shot in enumerate(product["pictures"])
    ]
    db.session.execute(insert(ProductImage), rows)


def _coupons(today: date, ids: dict[str, int]) -> None:
    rows = []
    for content in read("coupons"):
        row = {
            name: writing.stored(value) for name, value in content.items() if not name.endswith("_in_days")
        }
        row["start_date"] = today + timedelta(days=content["starts_in_days"])
        row["end_date"] = today + timedelta(days=content["ends_in_days"])
        if content["applicable_products"]:
            row["applicable_products"] = [ids[slug] for slug in content["applicable_products"]]
        rows.append(row)
    db.session.execute(insert(Coupon), rows)


def _settings(today: date) -> None:
    facts = dict(read("settings"))
    rate = Decimal(facts.pop("exchange_rate"))
    facts["hero_image"] = pictures.url(pictures.HERO)
    rows = [{"key": key, "value": value} for key, value in facts.items()]
    statement = upsert(Setting)
    changes = {"value": statement.excluded.value}
    db.session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=changes), rows)
    rates = upsert(ExchangeRate).values(date=today - timedelta(days=460), khr_per_usd=rate, source="demo")
    db.session.execute(rates.on_conflict_do_nothing())


def _ids(model: type[Brand] | type[Category], slugs: list[str]) -> dict[str, int]:
    found = db.session.execute(
        select(model.slug, model.id).where(model.slug == any_(literal(slugs, ARRAY(Text))))
    )
    return {row.slug: row.id for row in found}

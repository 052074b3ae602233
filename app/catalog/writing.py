"""Writes products, many at a time, with their shelves, brands and ingredient rows.

`products.ingredients` is the truth; `product_ingredients` is rebuilt from it here and nowhere else.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Text, any_, delete, func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from app.catalog import inci
from app.catalog.models import Brand, Category, Ingredient, Product, ProductCategory, ProductIngredient
from app.core.db import db
from app.core.khmer import norm

KEPT = {"slug", "published_at", "created_at"}
INGREDIENT_ROWS = text(
    "INSERT INTO product_ingredients (product_id, ingredient_id, position)"
    " SELECT * FROM unnest(CAST(:products AS int[]), CAST(:ingredients AS int[]), CAST(:places AS smallint[]))"
)


def write(products: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Insert or update products by SKU; returns their ids by SKU.

    Each mapping holds columns of `products` and, beside them, `shelves`: the ids of all its categories.
    Columns that are not given stay as they are; slug and dates of a known product are never changed.
    """
    ids: dict[str, int] = {}
    plain = [
        {key: stored(value) for key, value in product.items() if key != "shelves"} for product in products
    ]
    for names, alike in groupby(sorted(plain, key=_column_names), key=_column_names):
        ids |= _upsert(names, list(alike))
    _put_on_shelves({ids[product["sku"]]: product["shelves"] for product in products if "shelves" in product})
    write_ingredients(
        {ids[product["sku"]]: product["ingredients"] for product in plain if "ingredients" in product}
    )
    return ids


def stored(value: Any) -> Any:
    """A value as the database keeps it: Khmer text in canonical order."""
    if isinstance(value, str):
        return norm(value)
    return [stored(part) for part in value] if isinstance(value, list) else value


def _column_names(product: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(product))


def _upsert(names: tuple[str, ...], products: list[dict[str, Any]]) -> dict[str, int]:
    statement = upsert(Product.__table__)  # type: ignore[arg-type]
    changes: dict[str, Any] = {
        name: statement.excluded[name] for name in names if name not in KEPT and name != "sku"
    }
    changes |= {"version": Product.version + 1, "updated_at": func.now()}
    statement = statement.on_conflict_do_update(index_elements=["sku"], set_=changes)
    written = db.session.execute(statement.returning(Product.id, Product.sku), products)
    return {row.sku: row.id for row in written}


def _put_on_shelves(shelves: Mapping[int, Iterable[int]]) -> None:
    if not shelves:
        return
    db.session.execute(delete(ProductCategory).where(ProductCategory.product_id.in_(shelves)))
    places = [
        {"product_id": product_id, "category_id": category_id}
        for product_id, category_ids in shelves.items()
        for category_id in dict.fromkeys(category_ids)
    ]
    if places:
        db.session.execute(insert(ProductCategory), places)


def write_ingredients(lists: Mapping[int, Sequence[Mapping[str, Any]]]) -> None:
    """Rebuild the ingredient rows of products, given their `ingredients` by product id."""
    if not lists:
        return
    known = ingredient_ids(item["inci"] for items in lists.values() for item in items)
    rows = [
        (product_id, ingredient_id, position)
        for product_id, items in lists.items()
        for position, ingredient_id in enumerate(
            dict.fromkeys(known[inci.slug(item["inci"])] for item in items), 1
        )
    ]
    db.session.execute(delete(ProductIngredient).where(ProductIngredient.product_id.in_(lists)))
    if not rows:
        return
    of_product, of_ingredient, places = (list(values) for values in zip(*rows, strict=True))
    db.session.execute(
        INGREDIENT_ROWS, {"products": of_product, "ingredients": of_ingredient, "places": places}
    )


def ingredient_ids(names: Iterable[str]) -> dict[str, int]:
    """The ids of ingredients by the slug of their name; unknown ones are added, the first spelling stays."""
    spelled = {inci.slug(name): name for name in reversed(list(names))}
    known = _ids_by_slug(Ingredient, spelled)
    new = [{"slug": slug, "inci_name": spelled[slug]} for slug in sorted(spelled.keys() - known.keys())]
    return known | _add(Ingredient, new)


def brand_ids(names: Iterable[str]) -> dict[str, int]:
    """The ids of brands by name; brands are one when their slugs are, and unknown ones are added."""
    slugs = {name: inci.slug(name) or name.casefold() for name in dict.fromkeys(names)}
    known = _ids_by_slug(Brand, slugs.values())
    new = {slug: norm(name) for name, slug in reversed(slugs.items()) if slug not in known}
    known |= _add(Brand, [{"slug": slug, "name": name} for slug, name in sorted(new.items())])
    return {name: known[slug] for name, slug in slugs.items()}


def _ids_by_slug(table: type[Ingredient] | type[Brand], slugs: Iterable[str]) -> dict[str, int]:
    wanted = literal(list(slugs), ARRAY(Text))
    found = db.session.execute(select(table.slug, table.id).where(table.slug == any_(wanted)))
    return {row.slug: row.id for row in found}


def _add(table: type[Ingredient] | type[Brand], new: list[dict[str, str]]) -> dict[str, int]:
    if not new:
        return {}
    db.session.execute(upsert(table.__table__).on_conflict_do_nothing(), new)  # type: ignore[arg-type]
    return _ids_by_slug(table, [row["slug"] for row in new])


def shelf_ids(paths: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], tuple[str, list[int]]]:
    """For each path of shelf names its slug and the ids from the deepest shelf up; unknown shelves are added."""
    known = {(row.parent_id, row.name_en.lower()): row for row in db.session.execute(_shelves())}
    slugs = {row.slug for row in known.values()}
    found: dict[tuple[str, ...], tuple[str, list[int]]] = {}
    for path in dict.fromkeys(paths):
        parent: int | None = None
        ids: list[int] = []
        slug = ""
        for depth, name in enumerate(path, 1):
            row = known.get((parent, name.lower()))
            if row is None:
                row = _add_shelf(name, path[: depth - 1], parent, slugs)
                known[parent, name.lower()] = row
            parent, slug = row.id, row.slug
            ids.insert(0, row.id)
        found[path] = (slug, ids)
    return found


def _shelves() -> Any:
    return select(Category.id, Category.slug, Category.parent_id, Category.name_en).order_by(Category.id)


def _add_shelf(name: str, above: tuple[str, ...], parent: int | None, slugs: set[str]) -> Any:
    candidates = [
        inci.slug(name),
        inci.slug(" ".join([*above[-1:], name])),
        inci.slug(" ".join([*above, name])),
    ]
    slug = next(
        (slug for slug in candidates if slug and slug not in slugs), f"{candidates[-1]}-{len(slugs)}"
    )[:100]
    slugs.add(slug)
    statement = insert(Category).values(
        name_en=norm(name), slug=slug, parent_id=parent, sort_order=len(slugs)
    )
    return db.session.execute(statement.returning(Category.id, Category.slug)).one()

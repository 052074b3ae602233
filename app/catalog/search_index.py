"""Writes what search reads: the rows of product_search and the token counts of search_token."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from psycopg2.extras import execute_values
from sqlalchemy import text

from app.catalog import inci, search_sayings
from app.catalog.search_sayings import Sayings
from app.catalog.search_terms import is_khmer, terms_of
from app.core.db import db
from app.core.khmer import fold

BATCH, STATEMENT = 1000, 200
POPULAR = 4000
PATIENCE = text("SET LOCAL statement_timeout = '15min'")

PRODUCTS = text("""
    SELECT p.id, p.name_en, p.name_kh, p.sku, b.name AS brand, p.category, p.suits::text[] AS suits,
           p.skin_concerns, p.ingredients, p.short_description_en, p.short_description_kh,
           p.description_en, p.description_kh,
           ARRAY(SELECT c.slug FROM product_categories pc JOIN categories c ON c.id = pc.category_id
                 WHERE pc.product_id = p.id) AS shelves
    FROM products p LEFT JOIN brands b ON b.id = p.brand_id
    WHERE p.id = ANY(:ids)
""")
ON_SALE = text("SELECT id FROM products WHERE status = 'active' ORDER BY sold_count DESC, id")
SOME_ON_SALE = text("SELECT id FROM products WHERE status = 'active' AND id = ANY(:ids)")
COUNT_TOKENS = text("""
    INSERT INTO search_token (token, df)
    SELECT token, count(*) FROM product_search, unnest(tokens_a || tokens_b || tokens_c) AS token GROUP BY token
    UNION ALL SELECT '*', count(*) FROM product_search
""")
COUNT_NEW = text("""
    INSERT INTO search_token (token, df)
    SELECT DISTINCT token, 1 FROM product_search, unnest(tokens_a || tokens_b || tokens_c) AS token
    WHERE product_id = ANY(:ids) ON CONFLICT (token) DO NOTHING
""")
MARK_POPULAR = text("""
    UPDATE product_search s SET popular = ranked.popular
    FROM (SELECT id, row_number() OVER (ORDER BY sold_count DESC, id) <= :most AS popular
          FROM products WHERE status = 'active') ranked
    WHERE s.product_id = ranked.id AND s.popular <> ranked.popular
""")
INDEXES = ("ix_product_search_tokens_popular", "ix_product_search_tokens_other")
INSERT = """
    INSERT INTO product_search
    (product_id, tokens_a, tokens_b, tokens_c, tokens_d, latin_words, folded, popular) VALUES %s
    ON CONFLICT (product_id) DO UPDATE SET tokens_a = excluded.tokens_a, tokens_b = excluded.tokens_b,
    tokens_c = excluded.tokens_c, tokens_d = excluded.tokens_d, latin_words = excluded.latin_words,
    folded = excluded.folded, popular = excluded.popular
"""

Progress = Callable[[int, int], None]


def write(product_ids: Sequence[int] | None = None, progress: Progress | None = None) -> int:
    """Rebuild the search rows of some products, or of all; the number of rows written.

    All products are written best sellers first, so that the first rows found are the popular ones.
    The caller commits, then calls `touch_catalogue`.
    """
    wanted = list(product_ids) if product_ids is not None else None
    if wanted is None or len(wanted) >= BATCH:
        db.session.execute(PATIENCE)
    if wanted is None:
        db.session.execute(text("DELETE FROM product_search"))
        ids = list(db.session.scalars(ON_SALE))
    else:
        db.session.execute(text("DELETE FROM product_search WHERE product_id = ANY(:ids)"), {"ids": wanted})
        ids = list(db.session.scalars(SOME_ON_SALE, {"ids": wanted}))
    sayings = search_sayings.read()
    done = 0
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        _insert(batch, sayings, popular=wanted is not None or start < POPULAR)
        done += len(batch)
        if progress:
            progress(done, len(ids))
    if wanted is None or done >= BATCH:
        count_tokens()
    elif wanted:
        db.session.execute(COUNT_NEW, {"ids": wanted})
    return done


def count_tokens() -> None:
    """Count afresh in how many products each token stands (not in descriptions), and what sells most."""
    db.session.execute(text("DELETE FROM search_token"))
    db.session.execute(COUNT_TOKENS)
    db.session.execute(MARK_POPULAR, {"most": POPULAR})
    for name in INDEXES:
        db.session.execute(text("SELECT gin_clean_pending_list(:name)"), {"name": name})
    db.session.execute(text("ANALYZE product_search, products"))


def _insert(ids: Sequence[int], sayings: Sayings, popular: bool) -> None:
    found = {row.id: row for row in db.session.execute(PRODUCTS, {"ids": list(ids)})}
    _many(INSERT, [(*_row(found[number], sayings), popular) for number in ids if number in found])


def _row(product: Any, sayings: Sayings) -> tuple[Any, ...]:
    names = terms_of([product.name_en, product.name_kh]) | {"".join(fold(product.sku).split())}
    key = [str(item["inci"]) for item in product.ingredients if item.get("key") and item.get("inci")]
    other = [str(item["inci"]) for item in product.ingredients if item.get("inci") and not item.get("key")]
    tags = terms_of([product.brand, *key])
    for concept in _concepts(product, key, sayings):
        tags |= sayings.terms(concept)
    substances: set[str] = set()
    for name in other:
        substances |= sayings.substance(name)
    about = terms_of(
        [
            product.short_description_en,
            product.short_description_kh,
            product.description_en,
            product.description_kh,
        ],
        joined=False,
        singles=False,
    )
    tags -= names
    substances -= names | tags
    about -= names | tags | substances
    latin = sorted({term for term in names | tags if not is_khmer(term) and term.isalpha()})
    folded = "\n".join(filter(None, (fold(product.name_en), fold(product.name_kh or ""))))
    return (product.id, sorted(names), sorted(tags), sorted(substances), sorted(about), latin, folded)


def _concepts(product: Any, key: list[str], sayings: Sayings) -> Iterator[str]:
    for slug in {product.category, *product.shelves}:
        yield from sayings.shelf(slug)
    yield from sayings.named(product.name_en)
    yield from (f"concern:{code}" for code in product.skin_concerns)
    yield from (f"skin:{kind}" for kind in product.suits if kind != "all")
    yield from (f"ingredient:{inci.slug(name)}" for name in key)


def _many(statement: str, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        cursor = db.session.connection().connection.cursor()
        execute_values(cursor, statement, rows, page_size=STATEMENT)
        cursor.close()

"""Grow a seeded shop to N products for measuring: `p-<id>`, $20.00, endless stock, five reviews each."""

import sys
from pathlib import Path

from sqlalchemy import Computed, text

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app import create_app
from app.catalog import search_index
from app.catalog.models import Product
from app.core.db import db
from app.core.shop import touch_catalogue

OWN = {"id", "slug", "sku", "stock", "allocated", "family_id", "successor_id"}
COPIED = [
    c.name for c in Product.__table__.columns if c.name not in OWN and not isinstance(c.computed, Computed)
]
ENDLESS = 100_000_000


def grow(wanted: int, search: bool = True) -> None:
    """Bring the number of active products to `wanted` (commits)."""
    run = db.session.execute
    run(text("SET statement_timeout = 0"))
    have = run(text("SELECT count(*) FROM products WHERE status = 'active'")).scalar_one()
    columns = ", ".join(COPIED)
    values = ", ".join(f"d.{name}" for name in COPIED)
    run(text("CREATE TEMP TABLE IF NOT EXISTS copies (id int, source int)"))
    run(text("TRUNCATE copies"))
    clones = (
        f"WITH d AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS at FROM products WHERE sku NOT LIKE 'X-%'"
        f" AND status = 'active'), made AS (INSERT INTO products (slug, sku, stock, {columns})"
        f" SELECT 'x-' || n, 'X-' || n || '-' || d.id, {ENDLESS}, {values} FROM generate_series(:low, :high) n"
        f" JOIN d ON d.at = n % (SELECT count(*) FROM d) RETURNING id, sku)"
        f" INSERT INTO copies SELECT id, split_part(sku, '-', 3)::int FROM made"
    )
    run(text(clones), {"low": have + 1, "high": wanted})
    for statement in FOLLOW:
        run(text(statement))
    db.session.commit()
    run(text("ANALYZE"))
    db.session.commit()
    if search:
        search_index.write(None)
        db.session.commit()
    touch_catalogue()


FOLLOW = (
    "UPDATE products SET status = 'active', successor_id = NULL WHERE status = 'archived'",
    "UPDATE products SET slug = 'p-' || id, price = 20, compare_at_price = NULL, stock = GREATEST(stock, 100000000)"
    " WHERE status = 'active' AND (slug LIKE 'x-%' OR slug NOT LIKE 'p-%')",
    "INSERT INTO product_ingredients (product_id, ingredient_id, position)"
    " SELECT c.id, i.ingredient_id, i.position FROM copies c JOIN product_ingredients i ON i.product_id = c.source",
    "INSERT INTO product_categories (product_id, category_id)"
    " SELECT c.id, i.category_id FROM copies c JOIN product_categories i ON i.product_id = c.source",
    "INSERT INTO product_images (product_id, image_url, alt_text_en, alt_text_kh, sort_order, is_primary)"
    " SELECT c.id, i.image_url, i.alt_text_en, i.alt_text_kh, i.sort_order, i.is_primary"
    " FROM copies c JOIN product_images i ON i.product_id = c.source",
    "INSERT INTO reviews (product_id, rating, title, comment, customer_name, language, skin_type, status,"
    " is_verified_purchase, helpful_count, published_at)"
    " SELECT c.id, r.rating, r.title, r.comment, r.customer_name, r.language, r.skin_type, 'approved',"
    " r.is_verified_purchase, r.helpful_count, r.published_at FROM copies c CROSS JOIN"
    " (SELECT * FROM reviews WHERE status = 'approved' ORDER BY id LIMIT 5) r",
    "UPDATE products SET rating_avg = 4.5, rating_count = 5 WHERE id IN (SELECT id FROM copies)",
    "INSERT INTO stock_movements (product_id, kind, stock_delta, allocated_delta)"
    " SELECT p.id, 'received', p.stock - coalesce(m.sum, 0), 0 FROM products p LEFT JOIN"
    " (SELECT product_id, sum(stock_delta) AS sum FROM stock_movements GROUP BY 1) m ON m.product_id = p.id"
    " WHERE p.stock <> coalesce(m.sum, 0)",
)


if __name__ == "__main__":
    with create_app().app_context():
        grow(int(sys.argv[1]), search="--no-search" not in sys.argv)

"""Migrations on a real, empty database: they build what the models say, and go down and up again with rows inside."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import text

from app import create_app
from app.config import ROOT
from app.core.db import Base, db
from app.core.views import VIEWS
from tests import databases

VERSIONS = sorted((ROOT / "migrations" / "versions").glob("*.py"))
OURS = "relnamespace = 'public'::regnamespace AND relname NOT LIKE 'alembic_version%'"
SCHEMA = {
    "columns": f"""
        SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
            pg_get_expr(adbin, adrelid)
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum
        WHERE relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped AND {OURS}""",
    "constraints": f"""
        SELECT relname, conname, pg_get_constraintdef(o.oid)
        FROM pg_constraint o JOIN pg_class c ON c.oid = conrelid WHERE {OURS}""",
    "indexes": f"SELECT relname, pg_get_indexdef(oid) FROM pg_class WHERE relkind = 'i' AND {OURS}",
    "enums": "SELECT typname, enumlabel, enumsortorder FROM pg_enum JOIN pg_type t ON t.oid = enumtypid",
    "views": f"SELECT relname, pg_get_viewdef(oid) FROM pg_class WHERE relkind = 'v' AND {OURS}",
    "sequences": f"""
        SELECT relname, seqstart, seqincrement, seqtypid::regtype::text
        FROM pg_sequence JOIN pg_class ON oid = seqrelid WHERE {OURS}""",
}
UNINDEXED = """
    SELECT o.conrelid::regclass::text, o.conname FROM pg_constraint o
    WHERE o.contype = 'f' AND o.connamespace = 'public'::regnamespace AND NOT EXISTS (
        SELECT FROM pg_index i
        WHERE i.indrelid = o.conrelid AND i.indkey[0] = o.conkey[1] AND cardinality(o.conkey) = 1
            AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)',
                (SELECT attname FROM pg_attribute WHERE attrelid = o.conrelid AND attnum = o.conkey[1]))))
"""
WITHOUT_ZONE = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type = 'timestamp without time zone'
"""
ROWS = """
    INSERT INTO users (email, password_hash, skin_type) VALUES ('dara@example.com', 'x', 'oily');
    INSERT INTO categories (name_en, slug) VALUES ('Serum', 'serum');
    INSERT INTO products (name_en, slug, sku, category, price, stock, allocated)
        VALUES ('Gel', 'gel', 'G1', 'serum', 10, 5, 1);
    INSERT INTO product_search (product_id, tokens_a) SELECT id, '{gel}' FROM products;
    INSERT INTO carts (user_id, expires_at) SELECT id, now() FROM users;
    INSERT INTO orders (order_number, user_id, customer_phone, subtotal, total, exchange_rate, payment_method,
            shipping_method, status)
        SELECT 'SK-1', id, '+85512345678', 10, 10, 4100, 'cod', 'standard', 'delivered' FROM users;
    INSERT INTO order_items (order_id, product_id, product_name, quantity, unit_price, total_price)
        SELECT o.id, p.id, 'Gel', 1, 10, 10 FROM orders o, products p;
    INSERT INTO stock_movements (product_id, kind, stock_delta) SELECT id, 'received', 5 FROM products;
    INSERT INTO stock_movements (product_id, kind, allocated_delta, order_item_id)
        SELECT product_id, 'allocated', 1, id FROM order_items;
    INSERT INTO payments (order_id, method, provider, amount) SELECT id, 'cod', 'cod', 10 FROM orders;
    INSERT INTO reviews (product_id, user_id, rating, status) SELECT p.id, u.id, 5, 'approved' FROM products p, users u;
"""


@pytest.fixture
def empty(fresh_database: str) -> Iterator[Flask]:
    """The shop before its first migration."""
    app = create_app(databases.settings(fresh_database, 14))
    app.cli.load()  # type: ignore[attr-defined]
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def ask(statement: str) -> set[tuple[Any, ...]]:
    with db.engine.connect() as connection:
        return {tuple(found) for found in connection.execute(text(statement))}


def run(*statements: str) -> None:
    with db.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def schema() -> dict[str, set[tuple[Any, ...]]]:
    return {part: ask(statement) for part, statement in SCHEMA.items()}


def test_migrations_build_what_the_models_say(empty: Flask) -> None:
    upgrade()
    check()
    migrated = schema()
    assert all(migrated.values())
    downgrade(revision="base")
    with db.engine.begin() as connection:
        Base.metadata.create_all(connection)
    run(*VIEWS)
    declared = schema()
    for part in SCHEMA:
        assert declared[part] == migrated[part], part
    assert {name for name, _ in declared["views"]} == {"user_purchase_matrix", "product_rating_summary"}


def test_down_and_up_again_with_rows_inside(empty: Flask) -> None:
    upgrade()
    run(ROWS)
    assert ask("SELECT purchase_count, category FROM user_purchase_matrix") == {(1, "serum")}
    assert ask("SELECT review_count, avg_rating FROM product_rating_summary") == {(1, 5)}
    before = schema()
    downgrade(revision="base")
    assert not any(schema().values())
    upgrade()
    assert schema() == before
    run(ROWS)


def test_each_migration_goes_down_alone(empty: Flask) -> None:
    upgrade()
    run(ROWS)
    for _ in VERSIONS:
        downgrade()
    assert not any(schema().values())


def test_a_second_upgrade_changes_nothing(empty: Flask) -> None:
    upgrade()
    before = schema()
    upgrade()
    assert schema() == before


def test_every_foreign_key_is_indexed_and_every_time_has_a_zone(empty: Flask) -> None:
    upgrade()
    assert ask(UNINDEXED) == set()
    assert ask(WITHOUT_ZONE) == set()

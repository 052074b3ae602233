"""The invented shop: the same every time, its books consistent, with something in it to learn."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import text

from app import create_app
from app.core.db import db
from app.core.khmer import norm
from app.demo import lending, seeding, staff
from app.inventory import stock
from app.orders import ledgers
from tests import databases

TABLES = {
    "users": "id, email, password_hash, phone, skin_type, total_orders, total_spent, created_at",
    "products": "id, sku, slug, price, stock, allocated, sold_count, rating_avg, rating_count, created_at",
    "orders": "id, order_number, user_id, total, status, payment_status, fulfillment_status, placed_at, shipped_at",
    "order_items": "id, order_id, product_id, quantity, unit_price, discount_amount, fulfilled_quantity",
    "stock_movements": "id, product_id, kind, stock_delta, allocated_delta, order_item_id, created_at",
    "reviews": "id, product_id, user_id, rating, title, comment, status, helpful_count, published_at",
    "payments": "id, order_id, amount, status, paid_at",
}


def checksum(table: str, columns: str) -> str:
    summed = f"SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM (SELECT {columns} FROM {table}) t"
    return str(db.session.scalar(text(summed)))


def checksums() -> dict[str, str]:
    return {table: checksum(table, columns) for table, columns in TABLES.items()}


@pytest.fixture
def second(fresh_database: str) -> Iterator[Flask]:
    app = create_app(databases.settings(fresh_database, 14))
    app.cli.load()  # type: ignore[attr-defined]
    yield app
    with app.app_context():
        db.engine.dispose()


def test_the_same_day_gives_the_same_shop(shop_app: Flask, second: Flask) -> None:
    with shop_app.app_context():
        first = checksums()
    with second.app_context():
        upgrade()
        db.session.remove()
        made = seeding.seed(**seeding.SMALL, pictures=False, echo=lambda *_: None)
        assert checksums() == first
        assert (made["products"], made["orders"], made["customers"], made["reviews"]) == (45, 300, 60, 250)
        db.session.remove()


def test_a_second_seed_leaves_all_as_it_is(db_session: Any) -> None:
    before = checksums()
    told: list[str] = []
    assert seeding.seed(pictures=False, echo=told.append) == {}
    assert told == ["the demo shop is there already"]
    assert checksums() == before


def test_reviews_show_photos_without_a_new_picture(
    app: Flask, client: FlaskClient, db_session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "UPLOAD_DIR", str(tmp_path))
    source = tmp_path / "products"
    source.mkdir()
    for row in db.session.execute(text("SELECT image_url FROM product_images")):
        for ending in ("-200.avif", "-200.webp", "-960.avif", "-960.webp", ".webp"):
            (source / (Path(row.image_url).stem + ending)).write_bytes(row.image_url.encode())
    assert lending.choose() == lending.MOST
    db.session.commit()
    assert [lending.write(tmp_path) for _ in range(2)] == [lending.MOST, 0]
    assert len(list((tmp_path / "reviews").iterdir())) == 5 * lending.MOST
    found = db.session.execute(
        text("SELECT h.image_url, p.slug FROM review_photos h JOIN reviews r ON r.id = h.review_id"
             " JOIN products p ON p.id = r.product_id ORDER BY h.id LIMIT 1")
    ).one()  # fmt: skip
    for lang in ("en", "km"):
        page = client.get(f"/{lang}/products/{found.slug}?photos=1").text
        assert page.count('class="row shots"') == 1
        assert f"{found.image_url[:-5]}-200.avif" in page


def test_the_ledger_adds_up(db_session: Any) -> None:
    assert stock.prove() == []


def test_no_shelf_was_ever_short(db_session: Any) -> None:
    lowest = text("""
        SELECT min(level) FROM (SELECT sum(stock_delta - allocated_delta) OVER (PARTITION BY product_id ORDER BY id)
        AS level FROM stock_movements) levels
    """)
    assert db_session.scalar(lowest) >= 0


def test_derived_columns_are_what_the_domain_derives(db_session: Any) -> None:
    seen = "SELECT id, payment_status, fulfillment_status, paid_at FROM orders ORDER BY id"
    filled = "SELECT id, fulfilled_quantity FROM order_items ORDER BY id"
    before = db_session.execute(text(seen)).all(), db_session.execute(text(filled)).all()
    for order_id in db_session.scalars(text("SELECT id FROM orders")).all():
        ledgers.settle(order_id)
    assert (db_session.execute(text(seen)).all(), db_session.execute(text(filled)).all()) == before
    assert ledgers.recount() == []


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        ("sold", """SELECT count(*) FROM products p WHERE sold_count <> (
            SELECT coalesce(sum(i.quantity), 0) FROM order_items i JOIN orders o ON o.id = i.order_id
            WHERE i.product_id = p.id AND o.status IN ('confirmed', 'processing', 'shipped', 'delivered'))"""),
        ("ratings", """SELECT count(*) FROM products p, LATERAL (
            SELECT coalesce(round(avg(rating), 2), 0) AS mean, count(*) AS number FROM reviews r
            WHERE r.product_id = p.id AND status = 'approved') r WHERE rating_avg <> mean OR rating_count <> number"""),
        ("helpful", """SELECT count(*) FROM reviews r WHERE helpful_count <> (
            SELECT count(*) FROM review_votes v WHERE v.review_id = r.id)"""),
        ("own votes", """SELECT count(*) FROM reviews r JOIN review_votes v
            ON v.review_id = r.id AND v.user_id = r.user_id"""),
        ("verified", """SELECT count(*) FROM reviews r WHERE is_verified_purchase <> EXISTS (
            SELECT FROM orders o JOIN order_items i ON i.order_id = o.id
            WHERE o.user_id = r.user_id AND i.product_id = r.product_id AND o.delivered_at <= r.created_at)"""),
        ("coupons", """SELECT count(*) FROM coupons c WHERE used_count <> (
            SELECT count(*) FROM coupon_usage u WHERE u.coupon_id = c.id AND released_at IS NULL)"""),
        ("subtotals", """SELECT count(*) FROM orders o WHERE subtotal <> (
            SELECT sum(total_price) FROM order_items i WHERE i.order_id = o.id)"""),
        ("ends of timelines", """SELECT count(*) FROM orders o WHERE status <> (
            SELECT to_status FROM order_events e WHERE e.order_id = o.id AND to_status IS NOT NULL
            ORDER BY created_at DESC, id DESC LIMIT 1)"""),
        ("timelines out of order", """SELECT count(*) FROM (SELECT created_at < lag(created_at)
            OVER (PARTITION BY order_id ORDER BY id) AS back FROM order_events) e WHERE back"""),
        ("sales before the launch", """SELECT count(*) FROM order_items i JOIN orders o ON o.id = i.order_id
            JOIN products p ON p.id = i.product_id WHERE o.placed_at < p.created_at"""),
        ("orders before their buyer came", """SELECT count(*) FROM orders o JOIN users u ON u.id = o.user_id
            WHERE o.placed_at < u.created_at"""),
    ],
)  # fmt: skip
def test_the_books_agree(db_session: Any, what: str, wrong: str) -> None:
    assert db_session.scalar(text(wrong)) == 0, what


def test_nothing_happens_after_today(db_session: Any) -> None:
    today = datetime.fromisoformat(f"{databases.PINNED_TODAY}T00:00:00+07:00")
    for table in (
        "orders",
        "order_events",
        "payments",
        "shipments",
        "reviews",
        "users",
        "stock_movements",
        "products",
    ):
        assert db_session.scalar(text(f"SELECT max(created_at) FROM {table}")) <= today, table


def test_khmer_is_stored_in_normal_order(db_session: Any) -> None:
    texts = text("""
        SELECT name_kh FROM products UNION SELECT description_kh FROM products UNION SELECT name_kh FROM categories
        UNION SELECT comment FROM reviews UNION SELECT last_name FROM users UNION SELECT text FROM search_alias
    """)
    stored = [row[0] for row in db_session.execute(texts) if row[0]]
    assert [one for one in stored if norm(one) != one] == []


def test_demo_accounts(db_session: Any) -> None:
    roles = {row.email: row.role for row in db_session.execute(text("SELECT email, role::text FROM users"))}
    assert {email: roles[email] for email in staff.ACCOUNTS} == staff.ACCOUNTS
    of_sokha = "SELECT total_orders FROM users WHERE email = :email"
    assert db_session.scalar(text(of_sokha), {"email": staff.CUSTOMER}) >= 5


def test_skin_decides_what_is_bought(db_session: Any) -> None:
    share = text("""
        SELECT avg((:skin = ANY(p.suits::text[]) OR 'all' = ANY(p.suits::text[]))::int) FROM orders o
        JOIN users u ON u.id = o.user_id JOIN order_items i ON i.order_id = o.id JOIN products p ON p.id = i.product_id
        WHERE u.skin_type::text = :skin
    """)
    for skin in ("oily", "combination"):
        assert db_session.scalar(share, {"skin": skin}) > 0.7


def test_what_suits_is_bought_again(db_session: Any) -> None:
    again = text("""
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY days), count(*) FROM (
            SELECT extract(day FROM o.placed_at - lag(o.placed_at)
                OVER (PARTITION BY o.user_id, i.product_id ORDER BY o.placed_at)) AS days
            FROM orders o JOIN order_items i ON i.order_id = o.id WHERE o.user_id IS NOT NULL
        ) gaps WHERE days IS NOT NULL
    """)
    median, count = db_session.execute(again).one()
    assert count >= 30
    assert 42 <= median <= 120

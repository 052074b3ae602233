"""What the tables themselves refuse and work out, whoever writes: prices, stock, skin types, owners, uses."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.cart.models import Cart
from app.catalog.models import Category, Product, ProductSearch
from app.coupons.models import Coupon
from app.inventory.models import StockMovement
from app.orders.models import Order, OrderItem
from app.wishlist.models import StockAlert, WishlistItem

SEED_INDEXES = """
    idx_users_email idx_users_role idx_users_skin_type idx_users_password_reset_token idx_products_status
    idx_products_category idx_products_skin_type idx_products_featured idx_products_created_at
    idx_products_skin_concerns idx_orders_user_id idx_orders_status idx_orders_created_at idx_orders_order_number
    idx_order_items_order_id idx_order_items_product_id idx_order_items_user_product idx_reviews_product_id
    idx_reviews_user_id idx_reviews_status idx_reviews_rating idx_coupons_code idx_coupons_status idx_coupons_dates
    idx_shopping_cart_user_id idx_shopping_cart_product_id idx_wishlists_user_id idx_wishlists_product_id
"""
SEED_CHECKS = {
    "users": {"valid_email"},
    "products": {"positive_price", "valid_compare_price"},
    "orders": {"valid_total"},
    "coupons": {"valid_coupon_value", "valid_coupon_dates"},
}


def product(**changes: Any) -> Product:
    values = {
        "name_en": "Gel",
        "slug": "schema-gel",
        "sku": "SCHEMA-1",
        "category": "schema",
        "price": Decimal(10),
    }
    return Product(**values | changes)


def user(**changes: Any) -> User:
    return User(**{"email": "schema@example.com", "password_hash": "x"} | changes)


def order(**changes: Any) -> Order:
    values = {
        "order_number": "SCHEMA-1", "customer_phone": "+85512345678", "subtotal": 10, "total": 10,
        "exchange_rate": 4100, "payment_method": "cod", "shipping_method": "standard",
    }  # fmt: skip
    return Order(**values | changes)


def line(**changes: Any) -> OrderItem:
    return OrderItem(**{"product_name": "Gel", "quantity": 2, "unit_price": 5, "total_price": 10} | changes)


@pytest.fixture
def shelf(db_session: Any) -> Any:
    """A session with one category to put products in."""
    db_session.add(Category(name_en="Schema", slug="schema"))
    db_session.flush()
    return db_session


def refuse(session: Any, constraint: str, *things: object) -> None:
    savepoint = session.begin_nested()
    session.add_all(things)
    with pytest.raises(IntegrityError, match=constraint):
        session.flush()
    savepoint.rollback()


def keep(session: Any, thing: Any) -> Any:
    session.add(thing)
    session.flush()
    return thing


def test_names_of_the_design_document_are_kept(db_session: Any) -> None:
    inspector = inspect(db_session.connection())
    indexes = {
        index["name"] for table in inspector.get_table_names() for index in inspector.get_indexes(table)
    }
    assert not set(SEED_INDEXES.split()) - indexes
    for table, names in SEED_CHECKS.items():
        assert names <= {found["name"] for found in inspector.get_check_constraints(table)}


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("positive_price", {"price": 0}),
        ("valid_compare_price", {"compare_at_price": 9}),
        ("ck_products_(stock_not_negative|allocated_within_stock)", {"stock": -1}),
        ("ck_products_allocated_not_negative", {"allocated": -1, "allow_backorders": True}),
        ("ck_products_allocated_within_stock", {"stock": 1, "allocated": 2}),
        ("ck_products_when_to_use", {"when_to_use": ["noon"]}),
        ("ck_products_size_positive", {"size_amount": 0}),
        ("fk_products_category", {"category": "nowhere"}),
    ],
)
def test_a_product_is_refused(shelf: Any, constraint: str, changes: dict[str, Any]) -> None:
    refuse(shelf, constraint, product(**changes))


@pytest.mark.parametrize("free", [{"allow_backorders": True}, {"track_inventory": False}])
def test_backorders_and_untracked_products_may_promise_more_than_the_shelf(
    shelf: Any, free: dict[str, bool]
) -> None:
    assert keep(shelf, product(stock=1, allocated=3, **free)).allocated == 3


def test_a_product_knows_its_unit_price_and_starts_for_all_skin(shelf: Any) -> None:
    kept = keep(shelf, product(price=Decimal("13.00"), size_amount=Decimal(30)))
    assert kept.unit_price == Decimal("0.4333")
    assert kept.suits == ["all"]
    assert keep(shelf, product(slug="b", sku="B")).unit_price is None


def test_renaming_a_category_takes_its_products_along(shelf: Any) -> None:
    kept = keep(shelf, product())
    shelf.execute(text("UPDATE categories SET slug = 'renamed' WHERE slug = 'schema'"))
    shelf.refresh(kept)
    assert kept.category == "renamed"


def test_search_tokens_are_the_four_weights_together(shelf: Any) -> None:
    kept = keep(shelf, product())
    found = keep(shelf, ProductSearch(product_id=kept.id, tokens_a=["gel"], tokens_c=["niacinamide"]))
    assert found.tokens == ["gel", "niacinamide"]


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("valid_email", {"email": "nobody"}),
        ("ck_users_skin_type_of_a_person", {"skin_type": "all"}),
        ("ck_users_gender", {"gender": "x"}),
    ],
)
def test_a_user_is_refused(db_session: Any, constraint: str, changes: dict[str, Any]) -> None:
    refuse(db_session, constraint, user(**changes))


def test_one_account_an_address_whatever_its_capitals(db_session: Any) -> None:
    keep(db_session, user())
    refuse(db_session, "idx_users_email", user(email="Schema@Example.com"))


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("valid_total", {"total": 11}),
        ("ck_orders_reachable", {"customer_phone": None}),
        ("ck_orders_amounts_not_negative", {"discount_amount": 11, "total": -1}),
    ],
)
def test_an_order_is_refused(db_session: Any, constraint: str, changes: dict[str, Any]) -> None:
    refuse(db_session, constraint, order(**changes))


def test_a_line_adds_up(shelf: Any) -> None:
    owner = {"order_id": keep(shelf, order()).id, "product_id": keep(shelf, product()).id}
    refuse(shelf, "ck_order_items_valid_line_total", line(total_price=9, **owner))
    refuse(shelf, "ck_order_items_discount_within_line", line(discount_amount=11, **owner))
    refuse(shelf, "ck_order_items_fulfilled_within_quantity", line(fulfilled_quantity=3, **owner))


def test_a_line_is_allocated_once(shelf: Any) -> None:
    sold = keep(shelf, product(stock=5))
    item = keep(shelf, line(order_id=keep(shelf, order()).id, product_id=sold.id))
    move = {"product_id": sold.id, "kind": "allocated", "allocated_delta": 2}
    keep(shelf, StockMovement(order_item_id=item.id, **move))
    refuse(shelf, "uq_stock_movements_once", StockMovement(order_item_id=item.id, **move))
    keep(shelf, StockMovement(**move))
    keep(shelf, StockMovement(**move))


def test_an_adjustment_has_a_reason(shelf: Any) -> None:
    move = {"product_id": keep(shelf, product()).id, "kind": "adjusted", "stock_delta": 1}
    refuse(shelf, "ck_stock_movements_adjusted_has_reason", StockMovement(reason="  ", **move))
    keep(shelf, StockMovement(reason="counted", **move))


def test_carts_and_wishes_have_exactly_one_owner(shelf: Any) -> None:
    sold, owner = keep(shelf, product()), keep(shelf, user())
    later = text("now()")
    refuse(shelf, "ck_carts_one_owner", Cart(expires_at=later))
    refuse(shelf, "ck_carts_one_owner", Cart(user_id=owner.id, guest_token_hash="g", expires_at=later))
    refuse(shelf, "ck_wishlists_one_owner", WishlistItem(product_id=sold.id))


def test_one_waiting_alert_a_person_and_product(shelf: Any) -> None:
    sold = keep(shelf, product())
    keep(shelf, StockAlert(product_id=sold.id, email="a@example.com", notified_at=text("now()")))
    keep(shelf, StockAlert(product_id=sold.id, email="a@example.com"))
    refuse(shelf, "uq_stock_alerts_waiting", StockAlert(product_id=sold.id, email="a@example.com"))


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("valid_coupon_value", {"value": 101}),
        ("valid_coupon_dates", {"start_date": "2026-02-02", "end_date": "2026-02-01"}),
        ("ck_coupons_code_folded", {"code": " soft"}),
    ],
)
def test_a_coupon_is_refused(db_session: Any, constraint: str, changes: dict[str, Any]) -> None:
    values = {"code": "SOFT", "name_en": "Soft", "type": "percentage", "value": 10}
    refuse(db_session, constraint, Coupon(**values | changes))

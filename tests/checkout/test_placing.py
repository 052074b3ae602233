"""Placing an order: what it writes, what it refuses, and in how many statements."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from app.cart import basket
from app.checkout import placing
from app.checkout.placing import EmptyBag, KeyUsed, Placed, Short, TotalChanged
from app.core import security
from app.core.errors import Invalid
from app.core.shop import shop
from app.inventory import stock
from app.orders import numbers
from tests import trade


@pytest.fixture(autouse=True)
def session(db_session: Any) -> Any:
    trade.ground()
    shop()
    return db_session


def place(token: str, total: str, **changes: Any) -> Placed:
    return placing.place(trade.buyer(token), trade.details(total, **changes))


def one(session: Any, statement: str, **params: Any) -> Any:
    return session.execute(text(statement), params).one()


def test_an_order_keeps_everything_of_its_moment(session: Any) -> None:
    cream, oil = trade.product(5, "12.50"), trade.product(5, "4.20")
    placed = place(trade.cart({cream: 2, oil: 1}), "30.70", email="dara@example.com", note="ring twice")
    order = one(session, "SELECT * FROM orders WHERE id = :id", id=placed.id)
    assert numbers.parse(order.order_number) == order.order_number == placed.number
    assert (order.subtotal, order.shipping_amount, order.total) == (
        Decimal("29.20"),
        Decimal("1.50"),
        Decimal("30.70"),
    )
    assert (order.tax_amount, order.tax_included) == (0, Decimal("2.65"))
    assert (order.status, order.payment_status, order.fulfillment_status) == (
        "pending",
        "pending",
        "unfulfilled",
    )
    assert (order.customer_name, order.customer_phone) == ("Sok Dara", "+85512345678")
    assert (order.customer_email, order.notes) == ("dara@example.com", "ring twice")
    assert order.shipping_address["state"] == "Phnom Penh"
    assert order.shipping_address["postal_code"] == ""
    assert order.exchange_rate > 0
    lines = session.execute(
        text(
            "SELECT product_id, quantity, total_price, tax_included FROM order_items WHERE order_id = :id ORDER BY 1"
        ),
        {"id": placed.id},
    ).all()
    assert [tuple(line) for line in lines] == [
        (cream, 2, Decimal("25.00"), Decimal("2.27")),
        (oil, 1, Decimal("4.20"), Decimal("0.38")),
    ]


def test_the_bag_is_emptied_and_the_units_are_held(session: Any) -> None:
    cream = trade.product(5)
    token = trade.cart({cream: 2})
    place(token, "26.50")
    assert trade.figures(cream) == (5, 2)
    assert stock.prove() == []
    cart = one(
        session, "SELECT id, version FROM carts WHERE guest_token_hash = :hash", hash=security.digest(token)
    )
    assert basket.view(cart.id).lines == []
    assert cart.version == 2


def test_timeline_payment_and_mail_are_written_with_it(session: Any) -> None:
    placed = place(trade.cart({trade.product(): 1}), "14.00")
    event = one(session, "SELECT kind, to_status, data FROM order_events WHERE order_id = :id", id=placed.id)
    assert (event.kind, event.to_status) == ("placed", "pending")
    assert event.data["latest"] >= event.data["earliest"]
    payment = one(session, "SELECT method, amount, status FROM payments WHERE order_id = :id", id=placed.id)
    assert tuple(payment) == ("cod", Decimal("14.00"), "pending")
    mail = one(session, "SELECT payload FROM outbox WHERE dedupe_key = :key", key=f"order_placed:{placed.id}")
    assert mail.payload == {"order_id": placed.id}


@pytest.mark.parametrize("lines", [1, 15])
def test_any_number_of_lines_takes_six_statements(lines: int, counted: Any) -> None:
    wanted = {trade.product(price="1.00"): 2 for _ in range(lines)}
    token = trade.cart(wanted)
    total = Decimal(2 * lines) + (Decimal("1.50") if lines < 15 else 0)
    with counted() as statements:
        place(token, str(total))
    assert len(statements) == 6


def test_the_same_request_finds_its_order_again(session: Any) -> None:
    token = trade.cart({trade.product(): 1})
    details = trade.details("14.00")
    first = placing.place(trade.buyer(token), details)
    again = placing.place(trade.buyer(token), details)
    assert (again.number, again.fresh) == (first.number, False)
    assert (
        one(
            session,
            "SELECT count(*) AS n FROM orders WHERE idempotency_key = :key",
            key=details.idempotency_key,
        ).n
        == 1
    )


def test_the_same_request_is_known_without_its_cart() -> None:
    details = trade.details("14.00")
    first = placing.place(trade.buyer(trade.cart({trade.product(): 1})), details)
    assert placing.place(placing.Buyer(), details).number == first.number


def test_the_same_key_with_another_body_is_refused() -> None:
    token = trade.cart({trade.product(): 1})
    details = trade.details("14.00")
    placing.place(trade.buyer(token), details)
    with pytest.raises(KeyUsed):
        placing.place(trade.buyer(token), replace(details, address_line="somewhere else"))


def test_another_total_than_the_one_seen_places_nothing(session: Any) -> None:
    cream = trade.product(5, "12.50")
    token = trade.cart({cream: 1})
    session.execute(text("UPDATE products SET price = 13 WHERE id = :id"), {"id": cream})
    with pytest.raises(TotalChanged) as refusal:
        place(token, "14.00")
    assert refusal.value.facts["quote"].total == Decimal("14.50")
    assert trade.figures(cream) == (5, 0)


def test_every_short_line_is_named() -> None:
    scarce, gone, fine = trade.product(1), trade.product(0), trade.product(9)
    token = trade.cart({scarce: 2, gone: 1, fine: 1})
    with pytest.raises(Short) as refusal:
        place(token, "51.50")
    assert {line.product_id for line in refusal.value.facts["lines"]} == {scarce, gone}


def test_an_archived_product_is_named(session: Any) -> None:
    cream = trade.product(5)
    token = trade.cart({cream: 1})
    session.execute(text("UPDATE products SET status = 'archived' WHERE id = :id"), {"id": cream})
    with pytest.raises(Short):
        place(token, "14.00")


@pytest.mark.parametrize("token", ["unknown", ""])
def test_no_bag_no_order(token: str) -> None:
    with pytest.raises(EmptyBag):
        place(token, "14.00")


def test_an_empty_bag_is_no_order() -> None:
    with pytest.raises(EmptyBag):
        place(trade.cart({}), "14.00")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"commune": "010201"}, "commune"),
        ({"province": "17"}, "district"),
        ({"shipping_method": "branch"}, "shipping_method"),
        ({"payment_method": "khqr"}, "payment_method"),
        ({"payment_method": "free"}, "payment_method"),
    ],
)
def test_what_does_not_exist_is_refused(changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        place(trade.cart({trade.product(): 1}), "14.00", **changes)
    assert field in refusal.value.fields


def test_cash_is_refused_where_the_carrier_takes_none(session: Any) -> None:
    session.execute(text("UPDATE shipping_zones SET cod_allowed = false"))
    with pytest.raises(Invalid):
        place(trade.cart({trade.product(): 1}), "14.00")


def test_untracked_products_sell_without_a_movement(session: Any) -> None:
    endless = trade.product(0, track_inventory=False)
    place(trade.cart({endless: 20}), "250.00")
    assert trade.figures(endless) == (0, 0)
    assert stock.prove() == []


def test_a_signed_in_buyers_totals_follow(session: Any, counted: Any) -> None:
    user = one(
        session,
        "INSERT INTO users (email, password_hash) VALUES ('dara@example.com', 'x') RETURNING id",
    ).id
    cart = one(
        session,
        "INSERT INTO carts (user_id, expires_at) VALUES (:id, now() + interval '1 day') RETURNING id",
        id=user,
    ).id
    trade.put(cart, {trade.product(): 1})
    with counted() as statements:
        placing.place(placing.Buyer(user_id=user), trade.details("14.00"))
    assert len(statements) <= 8
    found = one(session, "SELECT total_orders, total_spent FROM users WHERE id = :id", id=user)
    assert tuple(found) == (1, 0)

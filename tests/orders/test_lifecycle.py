"""What may happen to an order, what each move writes, and that nothing else may."""

import itertools
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from app.checkout import placing
from app.core.errors import NotFound
from app.inventory import stock
from app.orders import ledgers, lifecycle
from app.orders.lifecycle import IllegalMove
from tests import trade

MOVES = {
    "confirm": lifecycle.confirm,
    "process": lifecycle.process,
    "ship": lifecycle.ship,
    "deliver": lifecycle.deliver,
    "cancel": lifecycle.cancel,
}
ROADS = {
    "pending": [],
    "confirmed": ["confirm"],
    "processing": ["confirm", "process"],
    "shipped": ["confirm", "process", "ship"],
    "delivered": ["confirm", "process", "ship", "deliver"],
    "cancelled": ["cancel"],
}
LEGAL = {
    ("pending", "confirm"),
    ("pending", "cancel"),
    ("confirmed", "process"),
    ("confirmed", "cancel"),
    ("processing", "ship"),
    ("processing", "cancel"),
    ("shipped", "deliver"),
}


@pytest.fixture(autouse=True)
def session(db_session: Any) -> Any:
    trade.ground()
    return db_session


def placed(status: str = "pending", units: int = 2) -> tuple[str, int]:
    """(number, product) of an order that stands at `status`."""
    cream = trade.product(5, "10.00")
    total = str(Decimal(10 * units) + (Decimal("1.50") if units < 3 else 0))
    number = placing.place(trade.buyer(trade.cart({cream: units})), trade.details(total)).number
    for move in ROADS[status]:
        MOVES[move](number)
    return number, cream


def facts(session: Any, number: str) -> Any:
    return session.execute(text("SELECT * FROM orders WHERE order_number = :n"), {"n": number}).one()


@pytest.mark.parametrize(("status", "move"), list(itertools.product(ROADS, MOVES)))
def test_only_legal_moves_are_made(session: Any, status: str, move: str) -> None:
    number, _ = placed(status)
    before = facts(session, number)
    if (status, move) in LEGAL:
        assert MOVES[move](number).status == lifecycle.MOVES[move][1]
        return
    with pytest.raises(IllegalMove):
        MOVES[move](number)
    assert facts(session, number) == before


def test_the_buttons_are_the_legal_moves() -> None:
    offered = {(status, move) for status in ROADS for move in lifecycle.legal_moves(status)}
    assert offered == LEGAL | {("shipped", "cancel"), ("delivered", "refund")}


def test_an_unknown_number_is_not_found() -> None:
    with pytest.raises(NotFound):
        lifecycle.confirm("SK-261123-00001-X")


def test_the_whole_road_moves_stock_money_and_words(session: Any) -> None:
    number, cream = placed("processing")
    assert trade.figures(cream) == (5, 2)
    lifecycle.ship(number, carrier="VET", tracking_number="VET-7")
    order = facts(session, number)
    assert (order.fulfillment_status, order.payment_status, order.tracking_number) == (
        "shipped",
        "pending",
        "VET-7",
    )
    assert trade.figures(cream) == (3, 0)
    lifecycle.deliver(number)
    order = facts(session, number)
    assert (order.status, order.fulfillment_status, order.payment_status) == (
        "delivered",
        "delivered",
        "paid",
    )
    assert order.delivered_at
    assert order.paid_at
    kinds = session.execute(
        text("SELECT kind, from_status FROM order_events WHERE order_id = :id ORDER BY id"), {"id": order.id}
    ).all()
    assert [tuple(kind) for kind in kinds] == [
        ("placed", None),
        ("confirmed", "pending"),
        ("processing", "confirmed"),
        ("shipped", "processing"),
        ("delivered", "shipped"),
    ]
    mails = session.execute(
        text("SELECT kind FROM outbox WHERE payload->>'order_id' = :id ORDER BY id"), {"id": str(order.id)}
    ).scalars()
    assert list(mails) == ["order_placed", "order_confirmed", "order_shipped", "order_delivered"]
    assert stock.prove() == []


@pytest.mark.parametrize("status", ["pending", "confirmed", "processing"])
def test_cancelling_before_dispatch_frees_the_units(session: Any, status: str) -> None:
    number, cream = placed(status, units=5)
    moved = lifecycle.cancel(number, reason="changed my mind")
    assert moved.came_back == [cream]
    assert trade.figures(cream) == (5, 0)
    order = facts(session, number)
    assert (order.status, order.payment_status, order.fulfillment_status) == (
        "cancelled",
        "failed",
        "unfulfilled",
    )
    assert stock.prove() == []


def test_a_parcel_on_its_way_is_cancelled_only_when_refused_or_lost(session: Any) -> None:
    number, cream = placed("shipped")
    with pytest.raises(IllegalMove):
        lifecycle.cancel(number, reason="changed my mind")
    lifecycle.cancel(number, reason="refused")
    assert trade.figures(cream) == (3, 0)
    assert facts(session, number).fulfillment_status == "unfulfilled"
    parcel = session.execute(text("SELECT status FROM shipments ORDER BY id DESC LIMIT 1")).scalar()
    assert parcel == "returned"
    assert stock.prove() == []


def test_units_count_as_sold_while_their_order_stands(session: Any) -> None:
    number, cream = placed()
    sold = text("SELECT sold_count FROM products WHERE id = :id")
    assert session.execute(sold, {"id": cream}).scalar() == 0
    lifecycle.confirm(number)
    lifecycle.process(number)
    assert session.execute(sold, {"id": cream}).scalar() == 2
    lifecycle.cancel(number)
    assert session.execute(sold, {"id": cream}).scalar() == 0


def test_sending_a_confirmed_order_packs_it_first(session: Any) -> None:
    number, _ = placed("confirmed")
    assert lifecycle.send(number).status == "shipped"
    with pytest.raises(IllegalMove):
        lifecycle.send(number)


def test_totals_of_a_customer_are_recomputed_and_drift_is_found(session: Any) -> None:
    number, _ = placed()
    user = session.execute(
        text("INSERT INTO users (email, password_hash) VALUES ('sok@example.com', 'x') RETURNING id")
    ).scalar()
    session.execute(text("UPDATE orders SET user_id = :u WHERE order_number = :n"), {"u": user, "n": number})
    lifecycle.confirm(number)
    lifecycle.send(number)
    lifecycle.deliver(number)
    read = text("SELECT total_orders, total_spent FROM users WHERE id = :id")
    assert tuple(session.execute(read, {"id": user}).one()) == (1, Decimal("21.50"))
    session.execute(text("UPDATE users SET total_spent = 99 WHERE id = :id"), {"id": user})
    (wrong,) = ledgers.recount([user])
    assert (wrong.total_spent, wrong.spent) == (99, Decimal("21.50"))
    assert ledgers.recount([user]) == []


def test_refunds_show_in_the_payment_status(session: Any) -> None:
    number, _ = placed("delivered")
    order = facts(session, number)
    payment = session.execute(text("SELECT id FROM payments WHERE order_id = :id"), {"id": order.id}).scalar()
    give_back = text(
        "INSERT INTO refunds (payment_id, order_id, amount, status) VALUES (:p, :o, :amount, 'done')"
    )
    for amount, expected in [("1.50", "partially_refunded"), ("20.00", "refunded")]:
        session.execute(give_back, {"p": payment, "o": order.id, "amount": amount})
        ledgers.settle(order.id)
        assert facts(session, number).payment_status == expected

"""Stock moves only through the ledger, and the ledger always adds up."""

from typing import Any

import pytest
from sqlalchemy import text

from app.core.errors import Invalid, Refused
from app.inventory import stock
from app.inventory.stock import Hold
from tests import trade


@pytest.fixture(autouse=True)
def session(db_session: Any) -> Any:
    return db_session


def order(db_session: Any, lines: dict[int, int]) -> tuple[int, list[Hold]]:
    """A bare order whose lines want units by product id."""
    order_id = db_session.execute(
        text(
            "INSERT INTO orders (order_number, customer_phone, subtotal, total, exchange_rate, payment_method,"
            " shipping_method) VALUES (gen_random_uuid(), '+85512345678', 1, 1, 4100, 'cod', 'standard') RETURNING id"
        )
    ).scalar()
    holds = []
    for product_id, units in lines.items():
        item = db_session.execute(
            text(
                "INSERT INTO order_items (order_id, product_id, product_name, quantity, unit_price, total_price)"
                " VALUES (:order, :product, 'x', :units, 1, :units) RETURNING id"
            ),
            {"order": order_id, "product": product_id, "units": units},
        ).scalar()
        holds.append(Hold(product_id, units, item))
    return order_id, holds


def ship(db_session: Any, order_id: int, holds: list[Hold]) -> int:
    parcel = db_session.execute(
        text("INSERT INTO shipments (order_id) VALUES (:id) RETURNING id"), {"id": order_id}
    ).scalar()
    for hold in holds:
        db_session.execute(
            text("INSERT INTO shipment_items VALUES (:parcel, :item, :units)"),
            {"parcel": parcel, "item": hold.order_item_id, "units": hold.units},
        )
    stock.ship(order_id, parcel)
    return int(parcel)


def test_any_number_of_lines_is_one_statement(session: Any, counted: Any) -> None:
    wanted = {trade.product(5): 2 for _ in range(15)}
    _, holds = order(session, wanted)
    with counted() as statements:
        served = stock.allocate(holds)
    assert served == set(wanted)
    assert len(statements) == 1
    assert all(trade.figures(key) == (5, 2) for key in wanted)
    assert stock.prove() == []


def test_only_what_is_free_is_held(session: Any) -> None:
    scarce, plenty = trade.product(3), trade.product(9)
    _, holds = order(session, {scarce: 4, plenty: 4})
    assert stock.allocate(holds) == {plenty}
    assert trade.figures(scarce) == (3, 0)


def test_backorders_and_untracked_products_are_always_served(session: Any) -> None:
    late = trade.product(0, allow_backorders=True)
    endless = trade.product(0, track_inventory=False)
    _, holds = order(session, {late: 4, endless: 4})
    assert stock.allocate(holds) == {late, endless}
    assert (trade.figures(late), trade.figures(endless)) == ((0, 4), (0, 0))
    assert stock.prove() == []


def test_an_archived_product_is_not_served(session: Any) -> None:
    gone = trade.product(3, status="archived")
    _, holds = order(session, {gone: 1})
    assert stock.allocate(holds) == set()


def test_release_gives_back_once_and_names_what_came_back(session: Any) -> None:
    last, other = trade.product(2), trade.product(9)
    order_id, holds = order(session, {last: 2, other: 2})
    stock.allocate(holds)
    assert stock.release(order_id) == [last]
    assert stock.release(order_id) == []
    assert (trade.figures(last), trade.figures(other)) == ((2, 0), (9, 0))
    assert stock.prove() == []


def test_a_parcel_takes_its_units_off_the_shelf_once(session: Any) -> None:
    cream = trade.product(5)
    order_id, holds = order(session, {cream: 3})
    stock.allocate(holds)
    ship(session, order_id, holds)
    assert trade.figures(cream) == (2, 0)
    assert stock.release(order_id) == []
    assert stock.prove() == []


def test_returned_units_come_back_once_a_refund(session: Any) -> None:
    cream = trade.product(3)
    order_id, holds = order(session, {cream: 3})
    stock.allocate(holds)
    parcel = ship(session, order_id, holds)
    item = holds[0].order_item_id
    assert stock.restock({item: 2}, None, "unopened", shipment_id=parcel) == [cream]
    assert trade.figures(cream) == (2, 0)
    with pytest.raises(Refused):
        stock.restock({item: 2}, None, "unopened", shipment_id=parcel)


def test_a_correction_needs_a_reason_and_never_goes_below_what_is_held(session: Any) -> None:
    cream = trade.product(5)
    _, holds = order(session, {cream: 3})
    stock.allocate(holds)
    with pytest.raises(Invalid):
        stock.adjust({cream: -1}, "  ")
    stock.adjust({cream: -2}, "two broken")
    with pytest.raises(Refused), session.begin_nested():
        stock.adjust({cream: -1}, "one more broken")
    assert trade.figures(cream) == (3, 3)


def test_counting_the_shelf_writes_the_difference(session: Any) -> None:
    less, more, same = trade.product(5), trade.product(1), trade.product(7)
    empty = trade.product(0)
    assert stock.count({less: 3, more: 4, same: 7, empty: 2}, "stocktake") == [empty]
    assert [trade.figures(key)[0] for key in (less, more, same, empty)] == [3, 4, 7, 2]
    reasons = session.execute(
        text("SELECT count(*) FROM stock_movements WHERE reason = 'stocktake'")
    ).scalar()
    assert reasons == 3
    assert stock.prove() == []


def test_goods_never_arrive_in_negative_numbers(session: Any) -> None:
    with pytest.raises(Invalid):
        stock.receive({trade.product(1): -1})


def test_the_proof_names_a_product_that_was_touched_by_hand(session: Any) -> None:
    cream = trade.product(5)
    session.execute(text("UPDATE products SET stock = 47 WHERE id = :id"), {"id": cream})
    (gap,) = stock.prove()
    assert (gap.id, gap.stock, gap.ledger_stock) == (cream, 47, 5)

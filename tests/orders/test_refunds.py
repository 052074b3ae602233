"""Money back: never more than was paid, the parcel once, and what an approved return is worth."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from app.checkout import placing
from app.core.errors import NotFound, Refused
from app.orders import lifecycle, refunds, returns
from app.orders.returns import Wish
from tests import trade


@pytest.fixture(autouse=True)
def session(db_session: Any) -> Any:
    trade.ground()
    return db_session


def paid(session: Any) -> Any:
    """A delivered order of two creams for $12.50 each and $1.50 for the parcel, paid at the door."""
    token = trade.cart({trade.product(price="12.50"): 2})
    number = placing.place(trade.buyer(token), trade.details("26.50")).number
    lifecycle.confirm(number)
    lifecycle.send(number)
    lifecycle.deliver(number)
    return facts(session, number)


def facts(session: Any, number: str) -> Any:
    return session.execute(text("SELECT * FROM orders WHERE order_number = :n"), {"n": number}).one()


def test_all_of_it(session: Any) -> None:
    number = paid(session).order_number
    assert refunds.give(number) == Decimal("26.50")
    order = facts(session, number)
    assert (order.status, order.payment_status) == ("refunded", "refunded")
    with pytest.raises(Refused):
        refunds.give(number, Decimal("0.01"))


def test_part_by_part_and_never_more(session: Any) -> None:
    number = paid(session).order_number
    assert refunds.give(number, Decimal("20.00"), delivery=Decimal("1.50")) == 20
    assert facts(session, number).payment_status == "partially_refunded"
    for amount, delivery in (("6.51", "0"), ("5.00", "0.01"), ("0", "0"), ("-1", "0")):
        with pytest.raises(Refused):
            refunds.give(number, Decimal(amount), delivery=Decimal(delivery))
    refunds.give(number, Decimal("6.50"))
    assert facts(session, number).status == "refunded"
    told = session.execute(
        text("SELECT payload->>'amount' FROM outbox WHERE kind = 'order_refunded' ORDER BY id")
    )
    assert list(told.scalars()) == ["20.00", "6.50"]


def test_a_cancelled_order_gives_its_money_back_and_stays_cancelled(session: Any) -> None:
    token = trade.cart({trade.product(price="12.50"): 2})
    number = placing.place(trade.buyer(token), trade.details("26.50")).number
    with pytest.raises(Refused):
        refunds.give(number)
    session.execute(
        text("UPDATE payments SET status = 'paid', paid_at = now() WHERE order_id = :id"),
        {"id": facts(session, number).id},
    )
    lifecycle.cancel(number)
    refunds.give(number)
    order = facts(session, number)
    assert (order.status, order.payment_status) == ("cancelled", "refunded")


def test_an_approved_return_is_worth_what_was_paid_for_it(session: Any) -> None:
    order = paid(session)
    line = session.execute(text("SELECT id FROM order_items WHERE order_id = :id"), {"id": order.id}).scalar()
    asked = returns.ask(order.id, Wish({line: 1}, "broken"), [])
    with pytest.raises(NotFound):
        refunds.for_return(asked, order.order_number)
    returns.decide(asked, approved=True)
    assert refunds.for_return(asked, order.order_number) == Decimal("12.50")
    with pytest.raises(NotFound):
        refunds.for_return(asked, order.order_number)
    assert [left.units for left in returns.lines(order.id)] == [1]
    assert facts(session, order.order_number).payment_status == "partially_refunded"
    owed = session.execute(text("SELECT id FROM refunds WHERE order_id = :id"), {"id": order.id}).scalar()
    refunds.done(owed, "ABA 77")
    with pytest.raises(NotFound):
        refunds.done(owed)

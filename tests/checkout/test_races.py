"""Many buyers, few units: never one too many, never a deadlock shown, and the ledger adds up."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import text

from app.accounts.owners import Owner
from app.cart import basket
from app.checkout import placing
from app.checkout.patience import patiently
from app.checkout.placing import Details, Placed, Short, TotalChanged
from app.core import security
from app.core.db import db
from app.inventory import stock
from tests import trade
from tests.checkout.crowd import ROUNDS, THREADS, at_once, widen
from tests.checkout.visitor import Visitor

DEADLOCKS = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


@pytest.fixture(autouse=True)
def market(shop_app: Flask) -> Iterator[Flask]:
    with shop_app.app_context():
        widen(shop_app, THREADS + 2)
        trade.ground()
        db.session.commit()
        yield shop_app
        db.session.rollback()
        assert stock.prove() == []
        assert db.session.execute(DEADLOCKS).scalar() == 0


def order(token: str, details: Details) -> Placed:
    return patiently(lambda: placing.place(trade.buyer(token), details))


def buyers(carts: list[str], total: str) -> list[Callable[[], Placed]]:
    return [partial(order, token, trade.details(total)) for token in carts]


def test_the_last_units_go_to_exactly_as_many_buyers(market: Flask) -> None:
    units = THREADS * 50 // 64
    for _ in range(ROUNDS):
        cream = trade.product(units)
        carts = [trade.cart({cream: 1}) for _ in range(THREADS)]
        db.session.commit()
        outcomes = at_once(market, buyers(carts, "14.00"))
        placed = [outcome for outcome in outcomes if isinstance(outcome, Placed)]
        assert len(placed) == units
        assert all(isinstance(outcome, Placed | Short) for outcome in outcomes), outcomes
        assert trade.figures(cream) == (units, units)
        db.session.commit()


def test_carts_in_opposite_orders_and_staff_at_the_shelf(market: Flask) -> None:
    products = [trade.product(THREADS * 4, "1.00") for _ in range(6)]
    carts = []
    for number in range(THREADS):
        wanted = products if number % 2 else products[::-1]
        carts.append(trade.cart(dict.fromkeys(wanted, 2)))
    db.session.commit()

    def count_the_shelf() -> None:
        for product_id in products[::-1]:
            patiently(partial(stock.adjust, {product_id: 1}, "found one more"))

    outcomes = at_once(market, [*buyers(carts, "13.50"), count_the_shelf])
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert all(trade.figures(product_id) == (THREADS * 4 + 1, THREADS * 2) for product_id in products)


def test_twenty_posts_of_one_form_make_one_order(market: Flask) -> None:
    for _ in range(max(1, ROUNDS // 4)):
        cream = trade.product(50)
        token = trade.cart({cream: 1})
        db.session.commit()
        details = trade.details("14.00")
        outcomes = at_once(market, [partial(order, token, details) for _ in range(20)])
        numbers = {outcome.number for outcome in outcomes if isinstance(outcome, Placed)}
        assert len(numbers) == 1
        assert all(isinstance(outcome, Placed) for outcome in outcomes), outcomes
        assert sum(isinstance(outcome, Placed) and outcome.fresh for outcome in outcomes) == 1
        assert trade.figures(cream) == (50, 1)
        db.session.commit()


def test_twenty_impatient_clicks_lead_to_one_page(market: Flask) -> None:
    cream = trade.product(50)
    visitor = Visitor(market.test_client())
    visitor.fill_bag({cream: 1})
    answers = visitor.filled(visitor.open())

    def click() -> str:
        impatient = Visitor(market.test_client())
        impatient.take_cookies(visitor)
        return impatient.post("", answers).location

    leads = at_once(market, [click] * 20)
    assert len(set(leads)) == 1
    assert str(leads[0]).startswith("/en/orders/SK-")
    assert trade.figures(cream) == (50, 1)


def test_one_form_sent_from_two_bags_makes_one_order(market: Flask) -> None:
    cream = trade.product(50)
    carts = [trade.cart({cream: 1}) for _ in range(8)]
    db.session.commit()
    details = trade.details("14.00")
    outcomes = at_once(market, [partial(order, token, details) for token in carts])
    assert all(isinstance(outcome, Placed) for outcome in outcomes), outcomes
    assert len({outcome.number for outcome in outcomes if isinstance(outcome, Placed)}) == 1
    assert trade.figures(cream) == (50, 1)


def test_what_is_added_while_ordering_is_paid_for_or_left_in_the_bag(market: Flask) -> None:
    for _ in range(ROUNDS):
        cheap, dear = trade.product(50, "1.00"), trade.product(50, "20.00")
        token = trade.cart({cheap: 1})
        db.session.commit()

        def add(token: str = token, dear: int = dear) -> None:
            patiently(partial(basket.add, Owner(guest=security.digest(token)), dear, 1))

        outcomes = at_once(market, [*buyers([token], "2.50"), add])
        (result, _) = outcomes
        if isinstance(result, Placed):
            assert result.lines == ((cheap, 1),)
            assert result.total == Decimal("2.50")
            assert trade.figures(dear) == (50, 0)
        else:
            assert isinstance(result, TotalChanged)
        db.session.commit()

"""Many shoppers with one code: its limits hold exactly, and a use comes back once."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import text

from app.checkout import placing
from app.checkout.patience import patiently
from app.checkout.placing import Details, Placed, TotalChanged
from app.core import security
from app.core.db import db
from app.coupons.models import Coupon
from app.orders import lifecycle
from app.orders.lifecycle import IllegalMove
from tests import trade
from tests.checkout.crowd import FULL, at_once, widen

USERS = 40
ROUNDS = 10 if FULL else 2
LIVE = text(
    "SELECT used_count, (SELECT count(*) FROM coupon_usage u WHERE u.coupon_id = c.id AND released_at IS NULL)"
    " AS live, (SELECT count(*) FROM orders o WHERE o.coupon_id = c.id AND o.status <> 'cancelled') AS orders"
    " FROM coupons c WHERE id = :id"
)
DEADLOCKS = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


@pytest.fixture(autouse=True)
def market(shop_app: Flask) -> Iterator[Flask]:
    with shop_app.app_context():
        widen(shop_app, USERS + 2)
        trade.ground()
        db.session.commit()
        yield shop_app
        db.session.rollback()
        assert db.session.execute(DEADLOCKS).scalar() == 0


def coupon(number: int, **facts: object) -> int:
    made = Coupon(code=f"RACE{number}", name_en="Race", type="percentage", value=10, **facts)
    db.session.add(made)
    db.session.flush()
    return made.id


def bag(code: str, cream: int) -> str:
    token = trade.cart({cream: 1})
    carry = text("UPDATE carts SET coupon_code = :code WHERE guest_token_hash = :guest")
    db.session.execute(carry, {"code": code, "guest": security.digest(token)})
    return token


def order(token: str, details: Details) -> Placed:
    return patiently(lambda: placing.place(trade.buyer(token), details))


def orders(carts: list[str], phones: list[str]) -> list[Callable[[], Placed]]:
    return [
        partial(order, token, trade.details("12.75", phone=phone))
        for token, phone in zip(carts, phones, strict=True)
    ]


def phones() -> list[str]:
    return [f"+855120000{number:02}" for number in range(USERS)]


def live(coupon_id: int) -> tuple[int, int, int]:
    db.session.commit()
    return tuple(db.session.execute(LIVE, {"id": coupon_id}).one())


def count(outcomes: list[Placed | Exception]) -> int:
    assert all(isinstance(outcome, Placed | TotalChanged) for outcome in outcomes), outcomes
    return sum(isinstance(outcome, Placed) for outcome in outcomes)


def test_forty_buyers_and_ten_uses(market: Flask) -> None:
    for number in range(ROUNDS):
        made, cream = coupon(number, usage_limit=10), trade.product(USERS)
        carts = [bag(f"RACE{number}", cream) for _ in range(USERS)]
        db.session.commit()
        assert count(at_once(market, orders(carts, phones()))) == 10
        assert live(made) == (10, 10, 10)


@pytest.mark.parametrize("most", [1, 3])
def test_one_guest_with_twenty_bags(market: Flask, most: int) -> None:
    for number in range(ROUNDS):
        made, cream = coupon(number, usage_limit_per_user=most), trade.product(USERS)
        carts = [bag(f"RACE{number}", cream) for _ in range(20)]
        db.session.commit()
        assert count(at_once(market, orders(carts, [phones()[number]] * 20))) == most
        assert live(made) == (most, most, most)


def test_one_first_order_with_two_codes_for_it(market: Flask) -> None:
    cream = trade.product(50)
    for number in range(ROUNDS * 2):
        made = [coupon(2 * number + one, is_first_time_only=True) for one in range(2)]
        carts = [bag(f"RACE{2 * number + one % 2}", cream) for one in range(4)]
        db.session.commit()
        assert count(at_once(market, orders(carts, [phones()[number]] * 4))) == 1
        assert sum(live(one)[0] for one in made) == 1


def test_cancelling_while_others_buy_gives_each_use_back_once(market: Flask) -> None:
    for number in range(ROUNDS):
        made, cream = coupon(number, usage_limit=5), trade.product(USERS)
        carts = [bag(f"RACE{number}", cream) for _ in range(25)]
        db.session.commit()
        first = at_once(market, orders(carts[:5], phones()[:5]))
        placed = [one.number for one in first if isinstance(one, Placed)]
        assert len(placed) == 5

        def cancel(order_number: str) -> None:
            patiently(partial(lifecycle.cancel, order_number))

        cancels: list[Callable[[], object]] = [partial(cancel, one) for one in placed * 3]
        outcomes = at_once(market, [*cancels, *orders(carts[5:], phones()[5:25])])
        refused = [one for one in outcomes[:15] if isinstance(one, Exception)]
        assert len(refused) == 10
        assert all(isinstance(one, IllegalMove) for one in refused)
        again = count([one for one in outcomes[15:] if isinstance(one, Placed | Exception)])
        assert again <= 5
        assert live(made) == (again, again, again)

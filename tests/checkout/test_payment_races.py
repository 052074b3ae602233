"""Money and the end of time at the same second, many polls at once: an order is paid or cancelled, never both."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.checkout import asking, jobs, paying, settling, switching
from app.checkout.patience import patiently
from app.checkout.payments.provider import Status
from app.core.db import db
from app.coupons.models import Coupon
from app.demo.fake_bakong import FakeBakong
from app.inventory import stock
from tests import trade
from tests.checkout.crowd import ROUNDS, THREADS, at_once, widen
from tests.checkout.till_people import kinds, let_time_pass, ordered, paid, payment

DEADLOCKS = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


@pytest.fixture(autouse=True)
def market(shop_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    with shop_app.app_context(), FakeBakong() as made:
        widen(shop_app, THREADS + 2)
        trade.ground()
        db.session.commit()
        monkeypatch.setitem(shop_app.config, "BAKONG_BASE_URL", made.url)
        monkeypatch.setitem(shop_app.config, "BAKONG_TOKEN", made.token)
        shop_app.extensions["test.bank"] = made
        yield shop_app
        db.session.rollback()
        assert stock.prove() == []
        assert db.session.execute(DEADLOCKS).scalar() == 0


def arrived(mark: str) -> Status:
    return Status("paid", {"transaction": {"hash": mark, "amount": "14.0"}})


def settle(payment_id: int, status: Status) -> str:
    return patiently(partial(settling.settle, payment_id, status)).outcome


def end(payment_id: int) -> str:
    return patiently(partial(settling.expire, payment_id)).outcome


def test_a_payment_that_lands_with_the_end_of_time(market: Flask) -> None:
    db.session.add(
        Coupon(code="LOTUS", name_en="Ten off", type="percentage", value=10, usage_limit_per_user=ROUNDS)
    )
    uses = 0
    for number in range(ROUNDS):
        owed, cream = ordered(code="LOTUS")
        let_time_pass(owed)
        works: list[Callable[[], Any]] = [partial(settle, owed.id, arrived(f"hash-{number}"))] * 3
        works += [partial(end, owed.id)] * 3
        outcomes = at_once(market, works if number % 2 else works[::-1])
        now = payment(owed.order_number)
        if now.order_status == "confirmed":
            uses += 1
            assert (now.status, now.payment_status) == ("paid", "paid")
            assert outcomes.count("paid") == 1
            assert trade.figures(cream) == (5, 1)
        else:
            assert (now.order_status, now.payment_status) == ("cancelled", "failed")
            assert now.status == "expired"
            assert "held_late" in kinds(owed)
            assert now.tx_hash == f"hash-{number}"
            assert trade.figures(cream) == (5, 0)
        used = db.session.execute(text("SELECT used_count FROM coupons WHERE code = 'LOTUS'")).scalar()
        assert used == uses
        db.session.commit()


def test_many_polls_at_once_credit_once(market: Flask) -> None:
    bank: FakeBakong = market.extensions["test.bank"]
    owed, _ = ordered()
    paid(bank, owed)
    outcomes = at_once(market, [partial(asking.ask, owed.id)] * THREADS)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert sum(isinstance(outcome, tuple) and outcome[1] == "paid" for outcome in outcomes) == 1
    assert kinds(owed) == ["paid"]
    mails = text("SELECT count(*) FROM outbox WHERE kind = 'order_paid' AND payload->>'order_id' = :id")
    assert db.session.execute(mails, {"id": str(owed.order_id)}).scalar() == 1


def test_one_transaction_shown_to_many_orders_pays_one(market: Flask) -> None:
    owed = [ordered()[0] for _ in range(8)]
    outcomes = at_once(market, [partial(settle, one.id, arrived("the-same")) for one in owed])
    assert sorted(map(str, outcomes)) == ["held"] * 7 + ["paid"]
    assert sum(payment(one.order_number).order_status == "confirmed" for one in owed) == 1
    assert len(paying.held()) == 7


def test_sweeps_at_once_end_each_order_once(market: Flask) -> None:
    owed = [ordered() for _ in range(6)]
    for one, _ in owed:
        let_time_pass(one)
    assert [o for o in at_once(market, [jobs.sweep] * 4) if isinstance(o, Exception)] == []
    for one, cream in owed:
        assert kinds(one).count("expired") == 1
        assert trade.figures(cream) == (5, 0)
        db.session.commit()
    released = text("SELECT count(*) FROM stock_movements WHERE kind = 'released' AND order_item_id IN"
                    " (SELECT id FROM order_items WHERE order_id = ANY(:orders))")  # fmt: skip
    assert db.session.execute(released, {"orders": [one.order_id for one, _ in owed]}).scalar() == 6


def test_both_codes_of_an_order_paid_at_once_credit_one_and_keep_the_other(market: Flask) -> None:
    find = text("SELECT id FROM payments WHERE order_id = :id ORDER BY id")
    for number in range(ROUNDS):
        owed, cream = ordered()
        change = [partial(change_code, owed.order_number, code) for code in ("KHR", "USD")]
        at_once(market, change * 3)
        ids = list(db.session.execute(find, {"id": owed.order_id}).scalars())
        db.session.commit()
        assert len(ids) == 2
        works = [partial(settle, one, arrived(f"both-{number}-{one}")) for one in ids]
        outcomes = at_once(market, [*works, *change])
        assert sorted(map(str, outcomes[:2])) == ["held", "paid"]
        money = text("SELECT count(*) FROM payments WHERE order_id = :id AND status = 'paid'")
        assert db.session.execute(money, {"id": owed.order_id}).scalar() == 1
        assert trade.figures(cream) == (5, 1)
        db.session.commit()


def change_code(number: str, currency: str) -> int | None:
    return patiently(partial(switching.switch, number, currency))

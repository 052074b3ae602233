"""Codes at placing: every refusal in its order, limits that hold for users and guests, uses given back once."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from app.cart import basket
from app.checkout import discounts, placing
from app.checkout.discounts import Customer
from app.checkout.placing import Placed, TotalChanged
from app.core import security
from app.core.shop import shop
from app.coupons import queries, rules
from app.coupons.models import Coupon
from app.orders import lifecycle
from app.orders.lifecycle import IllegalMove
from tests import trade

TODAY = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def session(db_session: Any) -> Any:
    trade.ground()
    shop()
    return db_session


def coupon(session: Any, code: str = "LOTUS", **facts: Any) -> Coupon:
    """A new coupon that sets no limits but those given: 10 % off everything."""
    values: dict[str, Any] = {
        "name_en": code,
        "type": "percentage",
        "value": 10,
        "usage_limit_per_user": None,
    }
    made = Coupon(code=code, **values | facts)
    session.add(made)
    session.flush()
    return made


def bag(session: Any, code: str | None, lines: dict[int, int]) -> str:
    """The token of a new bag that carries a code."""
    token = trade.cart(lines)
    session.execute(
        text("UPDATE carts SET coupon_code = :code WHERE guest_token_hash = :guest"),
        {"code": code, "guest": security.digest(token)},
    )
    return token


def place(token: str, total: str, **changes: Any) -> Placed:
    return placing.place(trade.buyer(token), trade.details(total, **changes))


def used(session: Any, made: Coupon) -> tuple[int, int]:
    """(used_count, live uses) of a coupon; the two are equal at all times."""
    row = session.execute(
        text(
            "SELECT used_count, (SELECT count(*) FROM coupon_usage u WHERE u.coupon_id = c.id"
            " AND released_at IS NULL) AS live FROM coupons c WHERE id = :id"
        ),
        {"id": made.id},
    ).one()
    return row.used_count, row.live


def test_an_order_keeps_its_coupon_and_the_split(session: Any, counted: Any) -> None:
    made = coupon(session, max_discount=Decimal("4.00"))
    cream, oil = trade.product(5, "12.50"), trade.product(5, "5.00")
    token = bag(session, "LOTUS", {cream: 2, oil: 1})
    with counted() as statements:
        placed = place(token, "28.50", email="Dara.Sok+kesor@Gmail.com")
    assert len(statements) <= 8, statements
    order = session.execute(text("SELECT * FROM orders WHERE id = :id"), {"id": placed.id}).one()
    assert (order.coupon_id, order.coupon_code) == (made.id, "LOTUS")
    assert (order.subtotal, order.discount_amount) == (Decimal("30.00"), Decimal("3.00"))
    assert (order.shipping_amount, order.total) == (Decimal("1.50"), Decimal("28.50"))
    shares = session.execute(
        text("SELECT discount_amount FROM order_items WHERE order_id = :id ORDER BY id"), {"id": placed.id}
    )
    assert [share for (share,) in shares] == [Decimal("2.50"), Decimal("0.50")]
    use = session.execute(text("SELECT * FROM coupon_usage WHERE order_id = :id"), {"id": placed.id}).one()
    assert (use.email, use.phone, use.discount_amount) == (
        "darasok@gmail.com",
        "+85512345678",
        Decimal("3.00"),
    )
    assert used(session, made) == (1, 1)


def test_free_delivery_keeps_the_fee_gross(session: Any) -> None:
    coupon(session, type="free_shipping", value=0)
    placed = place(bag(session, "LOTUS", {trade.product(): 1}), "12.50")
    order = session.execute(text("SELECT * FROM orders WHERE id = :id"), {"id": placed.id}).one()
    assert (order.shipping_amount, order.discount_amount) == (Decimal("1.50"), Decimal("1.50"))


def test_a_code_that_saves_nothing_is_not_used_up(session: Any) -> None:
    made = coupon(session, type="free_shipping", value=0)
    place(bag(session, "LOTUS", {trade.product(): 3}), "37.50")
    assert used(session, made) == (0, 0)


def test_only_the_goods_it_is_for_are_discounted(session: Any) -> None:
    cream, oil = trade.product(5, "10.00"), trade.product(5, "10.00")
    shelf = session.execute(
        text("INSERT INTO categories (name_en, slug) VALUES ('Night', 'night-shelf') RETURNING id")
    ).scalar()
    session.execute(
        text("INSERT INTO product_categories (product_id, category_id) VALUES (:p, :c)"),
        {"p": oil, "c": shelf},
    )
    coupon(session, applicable_categories=["night-shelf"], value=50)
    placed = place(bag(session, "LOTUS", {cream: 1, oil: 1}), "16.50")
    shares = session.execute(
        text("SELECT product_id, discount_amount FROM order_items WHERE order_id = :id"), {"id": placed.id}
    )
    assert {line.product_id: line.discount_amount for line in shares} == {cream: 0, oil: 5}


REFUSALS: list[tuple[dict[str, Any], type[rules.CouponRefused]]] = [
    ({"status": "inactive"}, rules.UnknownCode),
    ({"start_date": date(2999, 1, 1)}, rules.NotYet),
    ({"end_date": date(2020, 1, 1)}, rules.Ended),
    ({"status": "expired"}, rules.Ended),
    ({"usage_limit": 3, "used_count": 3}, rules.UsedUp),
    ({"usage_limit_per_user": 0}, rules.UsedByYou),
    ({"is_first_time_only": True}, rules.FirstOrderOnly),
    ({"min_order_value": Decimal("12.51")}, rules.TooLittle),
    ({"applicable_categories": ["no-such-shelf"]}, rules.NothingEligible),
]


@pytest.mark.parametrize(("facts", "refusal"), REFUSALS, ids=lambda value: str(value)[:40])
def test_each_refusal_has_its_own_message_and_places_nothing(
    session: Any, facts: dict[str, Any], refusal: type[rules.CouponRefused]
) -> None:
    place(bag(session, None, {trade.product(): 1}), "14.00")
    coupon(session, **facts)
    token = bag(session, "LOTUS", {trade.product(5, "12.50"): 1})
    with pytest.raises(TotalChanged) as changed:
        place(token, "12.75")
    assert changed.value.facts["quote"].total == Decimal("14.00")
    view = basket.view(session.execute(text("SELECT id FROM carts WHERE guest_token_hash = :g"),
                                       {"g": security.digest(token)}).scalar())  # fmt: skip
    deal = discounts.of(view, Customer(phone="+85512345678"))
    assert deal is not None
    assert type(deal.refusal) is refusal
    assert str(deal.refusal.message) == str(changed.value.message)
    assert place(token, "14.00").total == Decimal("14.00")


def test_the_messages_differ_and_the_first_reason_wins(session: Any) -> None:
    reasons = [reason for reason in REFUSALS if "start_date" not in reason[0]]
    told = set()
    while reasons:
        session.execute(text("DELETE FROM coupons WHERE code = 'LOTUS'"))
        facts: dict[str, Any] = {}
        for some, _ in reversed(reasons):
            facts |= some
        coupon(session, **facts)
        found = rules.judge(queries.by_code("LOTUS"), Decimal("12.50"), False, rules.Past(0, True))
        refusal = reasons.pop(0)[1]
        assert type(found) is refusal
        told.add(str(found.message))
    assert len(told) == len(REFUSALS) - 1


def test_both_days_belong_to_the_window_in_phnom_penh(session: Any) -> None:
    today = queries.by_code(coupon(session).code)
    assert today is not None
    for shift, refusal in ((-1, rules.NotYet), (0, None), (1, rules.Ended)):
        day = today.today - timedelta(days=shift)
        session.execute(
            text("UPDATE coupons SET start_date = :day, end_date = :day WHERE code = 'LOTUS'"), {"day": day}
        )
        found = rules.judge(queries.by_code("LOTUS"), Decimal(50), True, rules.Past())
        assert (type(found) if found else None) is refusal
    assert (
        session.execute(text("SELECT CAST(now() AT TIME ZONE 'Asia/Phnom_Penh' AS date)")).scalar()
        == today.today
    )


@pytest.mark.parametrize(
    "contact",
    [
        {"phone": "+85512345678", "email": "other@example.com"},
        {"phone": "+85599999999", "email": "SOK.dara+two@gmail.com"},
    ],
)
def test_a_guest_is_known_by_phone_or_mailbox(session: Any, contact: dict[str, str]) -> None:
    made = coupon(session, usage_limit_per_user=1)
    place(bag(session, "LOTUS", {trade.product(): 1}), "12.75", email="sokdara@googlemail.com")
    with pytest.raises(TotalChanged, match="TotalChanged") as changed:
        place(bag(session, "LOTUS", {trade.product(): 1}), "12.75", **contact)
    assert "already" in str(changed.value.message)
    somebody = {"phone": "+85511111111", "email": "dara@example.com"}
    place(bag(session, "LOTUS", {trade.product(): 1}), "12.75", **somebody)
    assert used(session, made) == (2, 2)


def test_a_cancelled_order_gives_its_use_back_once(session: Any) -> None:
    made = coupon(session, usage_limit=1, usage_limit_per_user=1)
    first = place(bag(session, "LOTUS", {trade.product(): 1}), "12.75")
    assert used(session, made) == (1, 1)
    lifecycle.cancel(first.number)
    assert used(session, made) == (0, 0)
    with pytest.raises(IllegalMove):
        lifecycle.cancel(first.number)
    queries.release(first.id)
    assert used(session, made) == (0, 0)
    place(bag(session, "LOTUS", {trade.product(): 1}), "12.75")
    queries.release(first.id)
    assert used(session, made) == (1, 1)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (" suosdey10 ", "SUOSDEY10"),
        ("Suosdey 1\u17e0", "SUOSDEY10"),
        ("sun\u200b15\x00", "SUN15"),
        (None, ""),
    ],
)
def test_codes_are_folded(typed: str | None, code: str) -> None:
    assert rules.fold(typed) == code

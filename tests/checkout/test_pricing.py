"""Pricing: no cent appears or disappears, whatever the cart, the coupon and the tax."""

import os
import random
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.checkout.pricing import CENT, ZERO, Discount, Fee, Item, Quote, Tax, quote, split

FULL = os.environ.get("TEST_SIZE") == "full"
CARTS = 200_000 if FULL else 2_000
EXAMPLES = 5_000 if FULL else 300
ten_percent = Tax(Decimal(10), inclusive=True)
no_fee = Fee(ZERO)


def cents(low: int, high: int) -> st.SearchStrategy[Decimal]:
    return st.integers(low, high).map(lambda n: n * CENT)


@st.composite
def carts(draw: st.DrawFn) -> list[Item]:
    ids = draw(st.lists(st.integers(1, 999), min_size=1, max_size=12, unique=True))
    return [Item(key, draw(cents(1, 30_000)), draw(st.integers(1, 20))) for key in ids]


@st.composite
def discounts(draw: st.DrawFn) -> Discount:
    kind = draw(st.sampled_from(["percentage", "fixed", "free_shipping"]))
    value = draw(cents(0, 10_000))
    most = draw(st.none() | cents(0, 5_000))
    products = draw(st.none() | st.frozensets(st.integers(1, 999), max_size=400))
    return Discount(kind, value, most, products)


fees = st.builds(Fee, cents(0, 2_000), st.none() | cents(0, 100_000))
taxes = st.builds(
    Tax, st.sampled_from([Decimal(0), Decimal(10), Decimal("7.25"), Decimal(20)]), st.booleans()
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(carts(), fees, taxes, st.none() | discounts())
def test_every_quote_adds_up_to_the_cent(
    items: list[Item], fee: Fee, tax: Tax, discount: Discount | None
) -> None:
    check_quote(items, fee, tax, discount)


def test_two_thousand_or_two_hundred_thousand_random_carts_add_up() -> None:
    chance = random.Random(20261101)
    for _ in range(CARTS):
        check_quote(*any_cart(chance))


def any_cart(chance: random.Random) -> tuple[list[Item], Fee, Tax, Discount | None]:
    """A cart as shoppers fill them, and a coupon in two of three."""
    keys = chance.sample(range(1, 999), chance.randint(1, 8))
    items = [Item(key, chance.randint(1, 9_999) * CENT, chance.choice([1, 1, 1, 2, 3, 20])) for key in keys]
    fee = Fee(chance.randint(0, 500) * CENT, chance.choice([None, Decimal(30)]))
    tax = Tax(Decimal(chance.choice([0, 10, 20])), chance.random() < 0.5)
    kind = chance.choice([None, "percentage", "percentage", "fixed", "free_shipping", None])
    if kind is None:
        return items, fee, tax, None
    products = frozenset(key for key in keys if chance.random() < 0.7) if chance.random() < 0.5 else None
    most = chance.choice([None, chance.randint(0, 2_000) * CENT])
    return items, fee, tax, Discount(kind, chance.randint(0, 10_000) * CENT, most, products)


def check_quote(items: list[Item], fee: Fee, tax: Tax, discount: Discount | None) -> None:
    """Everything is whole, positive cents and the seed's rule about the total holds."""
    priced = quote(items, fee, tax, discount)
    amounts = [
        priced.subtotal,
        priced.tax,
        priced.tax_included,
        priced.shipping,
        priced.discount,
        priced.total,
    ]
    assert all(amount >= 0 and amount == amount.quantize(CENT) for amount in amounts)
    assert priced.total == priced.subtotal + priced.tax + priced.shipping - priced.discount
    assert priced.subtotal == sum(item.unit_price * item.quantity for item in items)
    for line in priced.lines:
        assert 0 <= line.discount <= line.item.total
        assert not (line.tax and line.tax_included)
        assert line.discount == 0 or (discount is not None and discount.covers(line.item))
    check_goods_discount(priced, discount)


def check_goods_discount(priced: Quote, discount: Discount | None) -> None:
    """The discount on goods is the rule's amount, and each line has its proportional part within a cent."""
    if discount is None or discount.kind == "free_shipping":
        assert priced.goods_discount == 0
        assert priced.shipping_discount == (priced.shipping if discount else 0)
        return
    covered = [line for line in priced.lines if discount.covers(line.item)]
    worth = sum((line.item.total for line in covered), ZERO)
    wanted = discount.value
    if discount.kind == "percentage":
        wanted = (worth * discount.value / 100).quantize(CENT, ROUND_HALF_UP)
    expected = min(wanted, worth, discount.most if discount.most is not None else worth)
    assert priced.goods_discount == expected
    for line in covered:
        assert abs(line.discount * worth - expected * line.item.total) < CENT * worth


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.dictionaries(st.integers(1, 50), cents(0, 5_000), min_size=1, max_size=10), st.data())
def test_a_split_does_not_depend_on_the_order_of_the_lines(
    weights: dict[int, Decimal], data: st.DataObject
) -> None:
    amount = data.draw(cents(0, int(sum(weights.values()) / CENT)))
    backwards = dict(reversed(list(weights.items())))
    assert split(amount, weights) == split(amount, backwards)


def test_the_left_cent_goes_to_the_largest_remainder_then_the_larger_line_then_the_smaller_id() -> None:
    third = Decimal("10.00")
    assert split(Decimal("0.10"), {7: third, 3: third, 5: third}) == {
        3: Decimal("0.04"),
        5: Decimal("0.03"),
        7: Decimal("0.03"),
    }
    assert split(Decimal("0.01"), {1: Decimal("1.00"), 2: Decimal("2.00")})[2] == CENT


def test_tax_within_prices_informs_and_tax_on_top_is_added() -> None:
    items = [Item(1, Decimal("11.00"), 1)]
    inside = quote(items, Fee(Decimal("1.50")), ten_percent)
    on_top = quote(items, Fee(Decimal("1.50")), Tax(Decimal(10), inclusive=False))
    assert (inside.tax, inside.tax_included, inside.total) == (ZERO, Decimal("1.00"), Decimal("12.50"))
    assert (on_top.tax, on_top.tax_included, on_top.total) == (Decimal("1.10"), ZERO, Decimal("13.60"))


def test_tax_is_rounded_a_line_and_summed() -> None:
    items = [Item(n, Decimal("0.05"), 1) for n in range(1, 4)]
    assert quote(items, no_fee, Tax(Decimal(10), inclusive=False)).tax == Decimal("0.03")


def test_delivery_is_free_from_a_worth_of_goods_after_the_discount() -> None:
    items = [Item(1, Decimal("15.00"), 2)]
    fee = Fee(Decimal("1.50"), free_over=Decimal("30.00"))
    assert quote(items, fee, ten_percent).shipping == 0
    assert quote(items, fee, ten_percent, Discount("fixed", CENT)).shipping == Decimal("1.50")


def test_a_free_delivery_coupon_keeps_the_fee_gross_and_saves_it_in_the_discount() -> None:
    priced = quote(
        [Item(1, Decimal("5.00"), 1)], Fee(Decimal("2.50")), ten_percent, Discount("free_shipping", ZERO)
    )
    assert (priced.shipping, priced.discount, priced.total) == (
        Decimal("2.50"),
        Decimal("2.50"),
        Decimal("5.00"),
    )


def test_a_percentage_is_capped() -> None:
    priced = quote(
        [Item(1, Decimal("80.00"), 1)], no_fee, ten_percent, Discount("percentage", Decimal(20), Decimal(5))
    )
    assert priced.discount == Decimal("5.00")


@pytest.mark.parametrize(
    "item",
    [Item(1, CENT, 0), Item(1, CENT, -3), Item(1, -CENT, 1), Item(1, Decimal("1.005"), 1)],
)
def test_what_cannot_be_priced_is_refused(item: Item) -> None:
    with pytest.raises(ValueError, match="cannot price"):
        quote([item], no_fee, ten_percent)

"""What an order costs, computed from plain values: lines, discount, delivery and tax become a Quote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Item:
    """So many units of a product at a unit price in whole cents."""

    product_id: int
    unit_price: Decimal
    quantity: int

    @property
    def total(self) -> Decimal:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Discount:
    """A coupon's effect: `kind` percentage, fixed or free_shipping; `products` None means every product."""

    kind: str
    value: Decimal
    most: Decimal | None = None
    products: frozenset[int] | None = None

    def covers(self, item: Item) -> bool:
        return self.products is None or item.product_id in self.products


@dataclass(frozen=True)
class Fee:
    """What a way of delivery costs, and from which worth of goods (after discount) it costs nothing."""

    price: Decimal
    free_over: Decimal | None = None


@dataclass(frozen=True)
class Tax:
    """Per cent, contained in the prices or added to them."""

    rate: Decimal
    inclusive: bool


@dataclass(frozen=True)
class QuotedLine:
    """An item with its share of the discount and its tax (added) or the tax that its price contains."""

    item: Item
    discount: Decimal
    tax: Decimal
    tax_included: Decimal

    @property
    def net(self) -> Decimal:
        return self.item.total - self.discount


@dataclass(frozen=True)
class Quote:
    """An order's amounts in dollars; total = subtotal + tax + shipping - discount, to the cent."""

    lines: tuple[QuotedLine, ...]
    shipping: Decimal
    shipping_discount: Decimal

    @property
    def subtotal(self) -> Decimal:
        return sum((line.item.total for line in self.lines), ZERO)

    @property
    def goods_discount(self) -> Decimal:
        return sum((line.discount for line in self.lines), ZERO)

    @property
    def discount(self) -> Decimal:
        return self.goods_discount + self.shipping_discount

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), ZERO)

    @property
    def tax_included(self) -> Decimal:
        return sum((line.tax_included for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.tax + self.shipping - self.discount


def quote(items: Sequence[Item], fee: Fee, tax: Tax, discount: Discount | None = None) -> Quote:
    """Price the items. Raises ValueError for a quantity below 1 or an amount that is not whole, positive cents."""
    for item in items:
        if item.quantity < 1 or item.unit_price < 0 or item.unit_price != item.unit_price.quantize(CENT):
            raise ValueError(f"cannot price {item}")
    shares = goods_shares(items, discount)
    lines = tuple(_line(item, shares.get(item.product_id, ZERO), tax) for item in items)
    goods = sum((line.net for line in lines), ZERO)
    shipping = ZERO if fee.free_over is not None and goods >= fee.free_over else fee.price
    free = discount is not None and discount.kind == "free_shipping"
    return Quote(lines, shipping, shipping if free else ZERO)


def goods_shares(items: Sequence[Item], discount: Discount | None) -> dict[int, Decimal]:
    """The discount on goods by product id: the whole is rounded once, then split by largest remainder."""
    if discount is None or discount.kind == "free_shipping":
        return {}
    eligible = {item.product_id: item.total for item in items if discount.covers(item)}
    worth = sum(eligible.values(), ZERO)
    whole = discount.value
    if discount.kind == "percentage":
        whole = (worth * discount.value / HUNDRED).quantize(CENT, ROUND_HALF_UP)
    caps = [worth] if discount.most is None else [worth, discount.most]
    return split(min(whole, *caps), eligible)


def split(amount: Decimal, weights: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """`amount` in shares of whole cents that follow `weights`, sum exactly and never exceed their weight.

    The cents that rounding down leaves go to the largest remainders; ties to the larger weight, then the
    smaller id (Hamilton's method). Needs 0 <= amount <= sum(weights).
    """
    worth = _cents(sum(weights.values(), ZERO))
    if not worth or not amount:
        return dict.fromkeys(weights, ZERO)
    parts = {key: divmod(_cents(amount) * _cents(weight), worth) for key, weight in weights.items()}
    shares = {key: part for key, (part, _) in parts.items()}
    left = _cents(amount) - sum(shares.values())
    for key in sorted(weights, key=lambda key: (-parts[key][1], -weights[key], key))[:left]:
        shares[key] += 1
    return {key: share * CENT for key, share in shares.items()}


def _cents(amount: Decimal) -> int:
    return int(amount / CENT)


def _line(item: Item, discount: Decimal, tax: Tax) -> QuotedLine:
    net = item.total - discount
    if tax.inclusive:
        contained = (net * tax.rate / (HUNDRED + tax.rate)).quantize(CENT, ROUND_HALF_UP)
        return QuotedLine(item, discount, ZERO, contained)
    return QuotedLine(item, discount, (net * tax.rate / HUNDRED).quantize(CENT, ROUND_HALF_UP), ZERO)

"""What becomes of each purchase: priced, paid, packed, sent, delivered, refused, cancelled or given back."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.checkout.payments import PROVIDERS
from app.checkout.pricing import Discount, Fee, Item, Quote, Tax, quote
from app.demo.buying import Purchase
from app.demo.customers import Customer

PAYING = {"cod": 74, "khqr": 21, "bank_transfer": 5}
NEVER_CONFIRMED = 0.035
REFUSED_AT_DOOR = {"cod": 0.03, "khqr": 0.004, "bank_transfer": 0.004}
NEVER_PAID = {"khqr": 0.04, "bank_transfer": 0.06}
PAY_WINDOW = {"khqr": timedelta(minutes=15), "bank_transfer": timedelta(hours=24)}
GIVEN_BACK = 0.009
FIRST_ORDER_COUPON, COUPON = 0.35, 0.07
CAPITAL = "12"
CARRIERS = {True: ("Kesor rider", "Grab Express"), False: ("J&T Express", "VET Express", "L192")}


@dataclass(frozen=True)
class Sold:
    """A product as an order copies it."""

    id: int
    name_en: str
    name_kh: str | None
    sku: str
    image_url: str | None
    price: Decimal


@dataclass(frozen=True)
class Offer:
    """A coupon as the generator uses it: when, from which worth, for first orders only, how often a person."""

    id: int
    code: str
    discount: Discount
    starts: datetime
    ends: datetime
    least: Decimal
    first_only: bool
    per_person: int

    def fits(self, purchase: Purchase, worth: Decimal) -> bool:
        """Whether the rules of the coupon let this purchase use it, uses before aside."""
        covered = self.discount.products is None or any(
            one in self.discount.products for one, _ in purchase.lines
        )
        within = self.starts <= purchase.at < self.ends
        return within and covered and worth >= self.least and (purchase.first or not self.first_only)


@dataclass
class Step:
    """One event of an order's life; None as actor is the system or the shopper."""

    kind: str
    at: datetime
    before: str | None
    after: str | None
    by_staff: bool = False
    data: dict[str, Any] = field(default_factory=dict)


@dataclass
class Sale:
    """A purchase with its price and its fate."""

    purchase: Purchase
    lines: list[tuple[Sold, int]]
    quote: Quote
    offer: Offer | None
    method: str
    steps: list[Step]
    carrier: str
    payment: str = "pending"

    def at(self, kind: str) -> datetime | None:
        """When a step was taken, None when it was not."""
        return next((step.at for step in self.steps if step.kind == kind), None)

    @property
    def expires_at(self) -> datetime | None:
        """Until when it had to be paid."""
        window = PAY_WINDOW.get(self.method)
        return self.purchase.at + window if window else None

    @property
    def customer(self) -> Customer:
        return self.purchase.customer

    @property
    def status(self) -> str:
        return next(step.after for step in reversed(self.steps) if step.after)

    @property
    def came_back(self) -> bool:
        """Refused at the door: sent, then cancelled."""
        return self.at("shipped") is not None and self.at("cancelled") is not None


class Till:
    """Prices purchases and draws what becomes of them, up to the moment at which the books are closed."""

    def __init__(self, draw: Random, until: datetime, goods: dict[int, Sold], offers: list[Offer]) -> None:
        self.draw, self.until, self.goods, self.offers = draw, until, goods, offers
        self.used: Counter[tuple[int | None, int]] = Counter()
        self.paying = {method: weight for method, weight in PAYING.items() if method in PROVIDERS}

    def sell(self, purchase: Purchase, fee: Fee, tax: Tax) -> Sale:
        """The sale that a purchase becomes."""
        lines = [(self.goods[product_id], quantity) for product_id, quantity in purchase.lines]
        items = [Item(sold.id, sold.price, quantity) for sold, quantity in lines]
        offer = self._offer(purchase, sum((item.total for item in items), Decimal(0)))
        priced = quote(items, fee, tax, offer.discount if offer else None)
        method = self.draw.choices(list(self.paying), list(self.paying.values()))[0]
        near = purchase.customer.place.province == CAPITAL
        sale = Sale(purchase, lines, priced, offer, method, [], self.draw.choice(CARRIERS[near]))
        steps = self._fate(purchase.at, method, near)
        sale.steps = [step for step in steps if step.at < self.until]
        sale.payment = self._payment(sale)
        return sale

    def _offer(self, purchase: Purchase, worth: Decimal) -> Offer | None:
        """The coupon that a signed-in customer remembers to use, if any fits."""
        for offer in self.offers:
            used = self.used[purchase.customer.id, offer.id]
            if purchase.customer.id is None or used >= offer.per_person or not offer.fits(purchase, worth):
                continue
            if self.draw.random() < (FIRST_ORDER_COUPON if offer.first_only else COUPON):
                self.used[purchase.customer.id, offer.id] += 1
                return offer
        return None

    def _later(self, at: datetime, least: float, most: float) -> datetime:
        """So many hours later; what staff do falls between 8 and 19 o'clock."""
        moment = at + timedelta(hours=self.draw.uniform(least, most))
        if moment.hour < 8:
            return moment.replace(hour=8, minute=self.draw.randrange(60))
        if moment.hour >= 19:
            return moment.replace(hour=8, minute=self.draw.randrange(60)) + timedelta(days=1)
        return moment

    def _fate(self, placed: datetime, method: str, near: bool) -> list[Step]:
        steps = [Step("placed", placed, None, "pending")]
        if method in PAY_WINDOW and self.draw.random() < NEVER_PAID[method]:
            return [
                *steps,
                _cancelled(placed + PAY_WINDOW[method], "pending", "not paid in time", by_staff=False),
            ]
        if method == "khqr":
            steps.append(Step("paid", placed + timedelta(seconds=self.draw.randrange(40, 700)), None, None))
        elif method == "bank_transfer":
            steps.append(Step("paid", self._later(placed, 0.5, 9), None, None, by_staff=True))
        confirmed = self._later(steps[-1].at, 0.2, 8)
        if method == "cod" and self.draw.random() < NEVER_CONFIRMED:
            return [*steps, _cancelled(confirmed, "pending", "not reached by phone")]
        packed = self._later(confirmed, 0.3, 5)
        sent = self._later(packed, 0.5, 5) if near else self._later(packed, 2, 26)
        arrived = self._later(sent, 1, 20) if near else self._later(sent, 22, 70)
        steps += [
            Step("confirmed", confirmed, "pending", "confirmed", True),
            Step("processing", packed, "confirmed", "processing", True),
            Step("shipped", sent, "processing", "shipped", True),
        ]
        if self.draw.random() < REFUSED_AT_DOOR[method]:
            return [*steps, _cancelled(arrived + timedelta(days=1), "shipped", "refused")]
        steps.append(Step("delivered", arrived, "shipped", "delivered", True))
        if method == "cod":
            steps.append(Step("paid", arrived, None, None, by_staff=True))
        if self.draw.random() < GIVEN_BACK:
            back = self._later(arrived, 60, 220)
            steps.append(
                Step("refunded", back, "delivered", "refunded", True, {"reason": "did not suit the skin"})
            )
        return steps

    def _payment(self, sale: Sale) -> str:
        """The status of the payment row."""
        if sale.at("paid"):
            return "paid"
        if sale.at("cancelled"):
            return "expired" if sale.method in PAY_WINDOW else "cancelled"
        return "pending"


def _cancelled(at: datetime, before: str, reason: str, by_staff: bool = True) -> Step:
    return Step("cancelled", at, before, "cancelled", by_staff, {"reason": reason})

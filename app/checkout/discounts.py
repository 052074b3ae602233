"""What the code in a bag is worth to a customer: the coupon's rules meet the bag and become a Discount."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import bindparam

from app.accounts import limits
from app.cart import codes
from app.cart.basket import BasketView
from app.checkout.pricing import ZERO, Discount, Item, goods_shares
from app.core.db import row
from app.core.errors import TooMany
from app.coupons import queries
from app.coupons.models import Coupon
from app.coupons.rules import (
    CouponRefused,
    NothingEligible,
    Offer,
    Past,
    TooLittle,
    UnknownCode,
    judge,
    mailbox,
)
from app.orders.queries import ordered

GUESSES = "coupon"
FIND = queries.offers().add_columns(
    queries.uses(Coupon.__table__.c.id).label("uses"), ordered().label("ordered")
)
FIND = FIND.where(Coupon.code == bindparam("code"))


@dataclass(frozen=True)
class Customer:
    """Who uses a code, as far as it is known: a user's id, and the e-mail and phone (E.164) they give."""

    user_id: int | None = None
    email: str | None = None
    phone: str | None = None

    @property
    def keys(self) -> dict[str, object]:
        """The parameters by which uses and orders of this customer are found."""
        mail = self.email.strip().lower() if self.email else None
        return {"user_id": self.user_id, "mailbox": mailbox(mail), "email": mail, "phone": self.phone}


@dataclass(frozen=True)
class Deal:
    """A code in a bag: `discount` when it counts, else the `refusal`. Money in dollars.

    `worth` is what the goods cost that it is for, `saves` what it takes off them (0 for free delivery).
    """

    code: str
    offer: Offer | None
    refusal: CouponRefused | None
    discount: Discount | None
    worth: Decimal = ZERO
    saves: Decimal = ZERO

    @property
    def free_delivery(self) -> bool:
        return self.discount is not None and self.discount.kind == "free_shipping"

    @property
    def example(self) -> tuple[Decimal, Decimal] | None:
        """(worth, saved): what reaching the least worth would save, where that is what is missing."""
        if not isinstance(self.refusal, TooLittle) or self.offer is None or self.offer.least is None:
            return None
        return self.offer.least, example(self.offer, self.offer.least)


def of(bag: BasketView, customer: Customer) -> Deal | None:
    """What the bag's code is worth, None without a code. One statement, none without a code."""
    return look(bag, bag.coupon_code, customer) if bag.coupon_code else None


def look(bag: BasketView, code: str, customer: Customer) -> Deal:
    """What a code would be worth in this bag. One statement."""
    found = row(FIND, {"code": code, **customer.keys})
    past = Past(found.uses, found.ordered) if found else Past()
    return weigh(bag, code, queries.offer(found), past)


def weigh(bag: BasketView, code: str, offer: Offer | None, past: Past) -> Deal:
    """The deal of a coupon that was read already."""
    goods = [line for line in bag.lines if line.buyable]
    meant = [line for line in goods if offer and offer.covers(line.product_id, line.shelves)]
    refusal = judge(offer, bag.subtotal, bool(meant), past)
    if refusal or offer is None:
        return Deal(code, offer, refusal, None)
    products = None if len(meant) == len(goods) else frozenset(line.product_id for line in meant)
    discount = Discount(offer.kind, offer.value, offer.most, products)
    items = [Item(line.product_id, line.unit_price, line.quantity) for line in goods]
    saves = sum(goods_shares(items, discount).values(), ZERO)
    return Deal(code, offer, None, discount, sum((line.total for line in meant), ZERO), saves)


def apply(bag: BasketView, code: str, customer: Customer, ip: str | None) -> CouponRefused | None:
    """Let the bag carry a code, or say why not; the caller commits either way. Four statements.

    Raises TooMany when somebody guesses: ten unknown codes in five minutes.
    """
    if bag.id is None:
        return NothingEligible()
    account = limits.account_hash(f"cart {bag.id}", customer.user_id)
    if limits.is_exhausted(account, GUESSES):
        raise TooMany
    refusal = look(bag, code, customer).refusal
    if refusal is None:
        codes.carry(bag.id, code)
    elif isinstance(refusal, UnknownCode):
        limits.note(account, ip, False, GUESSES)
    return refusal


def example(offer: Offer, worth: Decimal) -> Decimal:
    """What the coupon takes off goods of this worth, all of which it is for."""
    discount = Discount(offer.kind, offer.value, offer.most)
    return sum(goods_shares([Item(0, worth, 1)], discount).values(), ZERO)

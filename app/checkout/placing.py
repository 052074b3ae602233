"""THE transaction: a bag becomes an order. Locks are taken in the order cart, coupon, products; stock comes last."""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import (
    BigInteger,
    DateTime,
    Integer,
    Row,
    String,
    Text,
    bindparam,
    case,
    cast,
    func,
    select,
    text,
    true,
)

from app.cart import basket
from app.cart.basket import BasketView, Line
from app.checkout import discounts, payments
from app.checkout.discounts import Customer, Deal
from app.checkout.payments import cod
from app.checkout.payments.provider import Due
from app.checkout.pricing import Discount, Fee, Item, Quote, Tax, quote
from app.core.db import db, row
from app.core.errors import Invalid, Refused
from app.core.prepared import PREPARED
from app.core.shop import shop
from app.coupons import queries as coupons
from app.coupons.models import Coupon
from app.coupons.rules import Past, mailbox
from app.inventory import stock
from app.inventory.stock import Hold
from app.orders import entry, ledgers, numbers
from app.orders.models import Order
from app.orders.queries import ordered
from app.shipping import rates
from app.shipping.rates import Destination, Rate

CART = (
    text(
        "SELECT id, coupon_code, nextval('order_number_seq') AS sequence, now() AS placed_at FROM carts"
        " WHERE (guest_token_hash = :guest OR user_id = :user_id) AND expires_at > now() FOR UPDATE"
    )
    .columns(id=Integer, coupon_code=String, sequence=BigInteger, placed_at=DateTime(timezone=True))
    .cte("cart")
)
FIRST_ORDER_ALONE = cast(func.pg_advisory_xact_lock(func.hashtext(bindparam("phone"))), Text)
COUPON = (
    coupons.offers()
    .add_columns(case((Coupon.is_first_time_only, FIRST_ORDER_ALONE)).label("alone"))
    .where(Coupon.code == CART.c.coupon_code)
    .with_for_update(key_share=True, of=Coupon.__table__)
    .cte("coupon")
)
LOCK = select(CART, COUPON).select_from(CART.outerjoin(COUPON, true())).execution_options(**PREPARED)
NOW = select(
    coupons.uses(bindparam("coupon_id", type_=Integer)).label("uses"), ordered().label("ordered")
).subquery()
PLACED = Order.__table__.c
BEFORE = (
    select(NOW, PLACED.id, PLACED.order_number, PLACED.access_version, PLACED.request_digest, PLACED.total)
    .select_from(NOW.outerjoin(Order.__table__, PLACED.idempotency_key == bindparam("key")))
    .execution_options(**PREPARED)
)


class EmptyBag(Refused):
    default = _l("Your bag is empty.")


class TotalChanged(Refused):
    """`facts['quote']` is what the order costs now; the message is the coupon's when that no longer counts."""

    default = _l("The total has changed since you saw it. Please look at it again before you order.")


class Short(Refused):
    """`facts['lines']` are the bag's lines that cannot be served."""

    default = _l("Some things in your bag are no longer available as you wanted them.")


class KeyUsed(Refused):
    """`facts['order']` is the order that was placed with this form before."""

    default = _l("This order was already placed. To order again, please start from your bag.")


@dataclass(frozen=True)
class Buyer:
    """Whose bag it is: the digest of a guest's cart cookie, or a user's id."""

    guest: str | None = None
    user_id: int | None = None


@dataclass(frozen=True)
class Details:
    """What the shopper told, in stored form: phone as E.164, codes of places, the total in dollars that they saw."""

    name: str
    phone: str
    email: str | None
    province: str
    district: str
    commune: str
    address_line: str
    note: str | None
    shipping_method: str
    payment_method: str
    idempotency_key: str
    quoted_total: Decimal
    language: str = "en"
    cash: str = ""

    def digest(self) -> str:
        """SHA-256 of everything but the language: the same request always has the same one."""
        facts = {key: str(value) for key, value in asdict(self).items() if key != "language"}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Placed:
    """An order that stands; `fresh` is False when the same request had placed it before."""

    id: int
    number: str
    access_version: int
    total: Decimal
    lines: tuple[tuple[int, int], ...] = ()
    fresh: bool = True


def price(bag: BasketView, rate: Rate, discount: Discount | None = None) -> Quote:
    """What the bag costs with this way of delivery: the one rule for page and placement."""
    items = [Item(line.product_id, line.unit_price, line.quantity) for line in bag.lines if line.buyable]
    tax = Tax(shop().tax_rate, bool(shop().tax_inclusive))
    return quote(items, Fee(rate.price, rate.free_over), tax, discount)


def place(buyer: Buyer, details: Details) -> Placed:
    """Place the order of a bag, or find the one that the same request placed. Run it by `patiently`.

    Six statements for any number of lines, coupon or not (two more for a user's totals). A code that no longer
    counts gives nothing: who had seen the total without it gets the order.
    Raises EmptyBag, KeyUsed, TotalChanged, Short (409) and Invalid (422).
    """
    customer = Customer(buyer.user_id, details.email, details.phone)
    cart = row(LOCK, {"guest": buyer.guest, "user_id": buyer.user_id, "phone": details.phone})
    offer = coupons.offer(cart)
    past = {"key": details.idempotency_key, "coupon_id": offer.id if offer else None, **customer.keys}
    before = db.session.execute(BEFORE, past).one()
    if before.id is not None:
        return _again(before, details)
    bag = basket.view(cart.id) if cart is not None else basket.EMPTY
    if cart is None or not bag.lines:
        raise EmptyBag
    if bag.blocked:
        raise Short(lines=[line for line in bag.lines if line.short or not line.buyable])
    where = rates.destination(details.province, details.district, details.commune, details.shipping_method)
    code = cart.coupon_code
    deal = discounts.weigh(bag, code, offer, Past(before.uses, before.ordered)) if code else None
    priced = price(bag, where.rate, deal.discount if deal else None)
    _check_payment(details, where.rate, priced.total)
    if priced.total != details.quoted_total:
        raise TotalChanged(deal.refusal.message if deal and deal.refusal else None, quote=priced)
    number = numbers.number(cart.sequence, cart.placed_at)
    order = _order(number, buyer, details, cart.placed_at, where, priced)
    return _write(_with_coupon(replace(order, cart_id=cart.id), deal), bag.lines, priced)


def _again(before: Row[Any], details: Details) -> Placed:
    placed = Placed(before.id, before.order_number, before.access_version, before.total, fresh=False)
    if before.request_digest != details.digest():
        raise KeyUsed(order=placed)
    return placed


def _check_payment(details: Details, rate: Rate, total: Decimal) -> None:
    if details.payment_method == "cod" and details.cash not in {"", *dict(cod.cash(total, shop().rate))}:
        raise Invalid(fields={"cash": _l("Choose what you pay with.")})
    ways = {provider.code for provider in payments.offered(rate.cod_allowed, total)}
    if details.payment_method not in ways:
        raise Invalid(fields={"payment_method": _l("Choose how you pay.")})


def _with_coupon(order: entry.NewOrder, deal: Deal | None) -> entry.NewOrder:
    if deal is None or deal.offer is None or not order.discount:
        return order
    return replace(order, coupon_id=deal.offer.id, coupon_code=deal.code, mailbox=mailbox(order.email))


def _write(order: entry.NewOrder, lines: list[Line], priced: Quote) -> Placed:
    order_id, entered = entry.enter(order, _lines(lines, priced))
    served = stock.allocate([Hold(line.product_id, line.quantity, line.id) for line in entered])
    short = [line for line in lines if line.product_id not in served]
    if short:
        raise Short(lines=short)
    if order.user_id:
        ledgers.recount([order.user_id])
    sold = tuple((line.product_id, line.quantity) for line in entered)
    return Placed(order_id, order.number, 1, priced.total, sold)


def _order(
    number: str, buyer: Buyer, details: Details, at: datetime, where: Destination, priced: Quote
) -> entry.NewOrder:
    due = Due(number, priced.total, shop().rate, at)
    asked = payments.PROVIDERS[details.payment_method].start(due)
    promise = rates.promise(where.rate, at)
    return entry.NewOrder(
        number=number,
        user_id=buyer.user_id,
        name=details.name,
        email=details.email,
        phone=details.phone,
        language=details.language,
        subtotal=priced.subtotal,
        tax=priced.tax,
        tax_included=priced.tax_included,
        shipping=priced.shipping,
        discount=priced.discount,
        total=priced.total,
        rate=shop().rate,
        payment_method=details.payment_method,
        shipping_method=details.shipping_method,
        address=_address(details, where),
        note=details.note,
        key=details.idempotency_key,
        digest=details.digest(),
        placed_at=at,
        facts={
            "earliest": promise.earliest,
            "latest": promise.latest,
            "method_en": where.rate.name_en,
            "method_kh": where.rate.name_kh,
            "cash": details.cash if details.payment_method == "cod" else "",
        },
        asked=asked.payload,
        currency=asked.currency,
        amount_khr=asked.amount_khr,
        md5=asked.md5,
        expires_at=asked.expires_at,
    )


def _address(details: Details, where: Destination) -> dict[str, Any]:
    return {
        "full_name": details.name,
        "phone": details.phone,
        "address_line1": details.address_line,
        "province_code": where.province.code,
        "province_kh": where.province.name_kh,
        "state": where.province.name_en,
        "district_code": where.district.code,
        "district_kh": where.district.name_kh,
        "city": where.district.name_en,
        "commune_code": where.commune.code,
        "commune_kh": where.commune.name_kh,
        "commune_en": where.commune.name_en,
        "postal_code": "",
        "country": "KH",
    }


def _lines(lines: list[Line], priced: Quote) -> list[entry.NewLine]:
    quoted = {line.item.product_id: line for line in priced.lines}
    return [
        entry.NewLine(
            line.product_id,
            line.name_en,
            line.name_kh,
            line.sku,
            line.image_url,
            line.quantity,
            line.unit_price,
            quoted[line.product_id].discount,
            quoted[line.product_id].tax,
            quoted[line.product_id].tax_included,
        )
        for line in lines
    ]

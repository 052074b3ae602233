"""THE transaction: a bag becomes an order. Locks are taken in the order cart, coupon, products; stock comes last."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, text

from app.cart import basket
from app.cart.basket import BasketView, Line
from app.checkout import payments
from app.checkout.pricing import Discount, Fee, Item, Quote, Tax, quote
from app.core.db import db, row
from app.core.errors import Invalid, Refused
from app.core.shop import shop
from app.inventory import stock
from app.inventory.stock import Hold
from app.orders import entry, ledgers, numbers
from app.shipping import rates
from app.shipping.rates import Destination, Rate

LOCK_CART = text(
    "SELECT id, nextval('order_number_seq') AS sequence, now() AS placed_at FROM carts"
    " WHERE (guest_token_hash = :guest OR user_id = :user_id) AND expires_at > now() FOR UPDATE"
)
BY_KEY = text(
    "SELECT id, order_number, access_version, request_digest, total FROM orders WHERE idempotency_key = :key"
)
EMPTY_CART = text(
    """
    WITH emptied AS (DELETE FROM shopping_cart WHERE cart_id = :cart_id)
    UPDATE carts SET version = version + 1, coupon_code = NULL, updated_at = now() WHERE id = :cart_id
    """
)


class EmptyBag(Refused):
    default = _l("Your bag is empty.")


class TotalChanged(Refused):
    """`facts['quote']` is what the order costs now."""

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

    Seven statements for any number of lines. Raises EmptyBag, KeyUsed, TotalChanged, Short (409) and Invalid (422).
    """
    cart = row(LOCK_CART, {"guest": buyer.guest, "user_id": buyer.user_id})
    before = row(BY_KEY, {"key": details.idempotency_key})
    if before is not None:
        return _again(before, details)
    bag = basket.view(cart.id) if cart is not None else basket.EMPTY
    if cart is None or not bag.lines:
        raise EmptyBag
    if bag.blocked:
        raise Short(lines=[line for line in bag.lines if line.short or not line.buyable])
    where = rates.destination(details.province, details.district, details.commune, details.shipping_method)
    _check_payment(details, where.rate)
    priced = price(bag, where.rate)
    if priced.total != details.quoted_total:
        raise TotalChanged(quote=priced)
    return _write(buyer, details, cart, bag.lines, where, priced)


def _again(before: Row[Any], details: Details) -> Placed:
    placed = Placed(before.id, before.order_number, before.access_version, before.total, fresh=False)
    if before.request_digest != details.digest():
        raise KeyUsed(order=placed)
    return placed


def _check_payment(details: Details, rate: Rate) -> None:
    if details.payment_method not in {provider.code for provider in payments.offered(rate.cod_allowed)}:
        raise Invalid(fields={"payment_method": _l("Choose how you pay.")})


def _write(
    buyer: Buyer, details: Details, cart: Row[Any], lines: list[Line], where: Destination, priced: Quote
) -> Placed:
    number = numbers.number(cart.sequence, cart.placed_at)
    order = _order(number, buyer, details, cart.placed_at, where, priced)
    order_id, entered = entry.enter(order, _lines(lines, priced))
    db.session.execute(EMPTY_CART, {"cart_id": cart.id})
    served = stock.allocate([Hold(line.product_id, line.quantity, line.id) for line in entered])
    short = [line for line in lines if line.product_id not in served]
    if short:
        raise Short(lines=short)
    if buyer.user_id:
        ledgers.recount([buyer.user_id])
    sold = tuple((line.product_id, line.quantity) for line in entered)
    return Placed(order_id, number, 1, priced.total, sold)


def _order(
    number: str, buyer: Buyer, details: Details, at: datetime, where: Destination, priced: Quote
) -> entry.NewOrder:
    provider = payments.PROVIDERS[details.payment_method]
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
        },
        expires_at=at + provider.lifetime if provider.lifetime else None,
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

"""Reads of orders: the page of one order, and finding it by number and phone."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Exists, Row, bindparam, exists, func, or_, text

from app.accounts.models import LoginAttempt
from app.core import money, security
from app.core.db import db, row, rows, scalar
from app.core.errors import NotFound, TooMany
from app.core.i18n import lang
from app.core.prepared import named, prepared
from app.orders import numbers
from app.orders.models import Order, OrderItem

PURPOSE = "order"
TRIES = 5
ORDER = prepared(
    f"""
    SELECT {named(Order, "o")}, EXISTS (
        SELECT FROM bank_slips s JOIN payments p ON p.id = s.payment_id
        WHERE p.order_id = o.id AND s.status = 'waiting'
    ) AS slip_waits, (
        SELECT e.kind LIKE 'held%' FROM payment_events e JOIN payments y ON y.id = e.payment_id
        WHERE y.order_id = o.id AND (e.kind LIKE 'held%' OR e.kind IN ('resolved', 'paid'))
        ORDER BY e.id DESC LIMIT 1
    ) AS money_held
    FROM orders o WHERE o.order_number = :number
    """  # noqa: S608 - names of columns
)
ORDER_BY_ID = text("SELECT * FROM orders WHERE id = :id")
LINES = prepared(
    f"""
    SELECT {named(OrderItem, "i")}, i.product_name AS name_en, i.product_name_kh AS name_kh,
        i.product_image_url AS image_url, p.slug, p.status, p.tint, p.size_amount, p.size_unit
    FROM order_items i JOIN products p ON p.id = i.product_id WHERE i.order_id = :id ORDER BY i.id
    """  # noqa: S608 - names of columns
)
EVENTS = prepared(
    "SELECT kind, to_status, data, created_at FROM order_events WHERE order_id = :id ORDER BY id"
)
BY_PHONE = text(
    "SELECT order_number, access_version FROM orders WHERE order_number = :number AND customer_phone = :phone"
)
ALONE = text("SELECT pg_advisory_xact_lock(hashtext(:account))")
FAILED = text(
    "SELECT count(*) FROM login_attempts WHERE purpose = 'track' AND account_hash = :account AND NOT succeeded"
    " AND created_at > now() - interval '1 hour'"
)
STEPS = ("pending", "confirmed", "processing", "shipped", "delivered")


@dataclass(frozen=True)
class Step:
    """A stage of an order: when it was reached (None: not yet), and whether the order stands there now."""

    status: str
    at: datetime | None
    current: bool


@dataclass(frozen=True)
class OrderView:
    """An order as its buyer sees it."""

    order: Row[Any]
    lines: list[Row[Any]]
    events: list[Row[Any]]

    @property
    def steps(self) -> list[Step]:
        """The stages in their order; a cancelled or refunded order ends with that."""
        reached = {event.to_status: event.created_at for event in self.events if event.to_status}
        status = self.order.status
        path = STEPS if status in STEPS else (*(step for step in STEPS if step in reached), status)
        return [Step(step, reached.get(step), step == status) for step in path]

    @property
    def latest(self) -> date | None:
        """The day by which we promised the parcel."""
        told = self.fact("latest")
        return date.fromisoformat(told) if told else None

    @property
    def late(self) -> bool:
        """Whether that day is over and the parcel has not arrived."""
        return bool(self.latest and datetime.now(numbers.SHOP_ZONE).date() > self.latest)

    @property
    def riel(self) -> str:
        """The total in riel at the rate of the day of the order."""
        return self.khr(self.order.total)

    def khr(self, amount: Decimal) -> str:
        """A dollar amount of this order in riel, at its own rate."""
        return money.khr(amount, self.order.exchange_rate)

    @property
    def given_back(self) -> Decimal:
        """The dollars of this order that go or went back to the buyer."""
        back = (event.data["amount"] for event in self.events if event.kind == "refund")
        return sum((Decimal(str(amount)) for amount in back), Decimal(0))

    @property
    def rate(self) -> str:
        """The order's own exchange rate, `4,100` and the riel sign."""
        return money.khr(Decimal(1), self.order.exchange_rate)

    @property
    def method(self) -> str:
        """How it is delivered, in the reader's language."""
        named = self.fact("method_kh") if lang() == "km" else None
        return str(named or self.fact("method_en") or self.order.shipping_method)

    @property
    def address(self) -> list[str]:
        """Street, commune, district and province in the reader's language."""
        to = self.order.shipping_address or {}
        khmer = ("commune_kh", "district_kh", "province_kh")
        names = khmer if lang() == "km" else ("commune_en", "city", "state")
        return [str(to[name]) for name in ("address_line1", *names) if to.get(name)]

    @property
    def sums(self) -> list[tuple[str, str]]:
        """What the total is made of, in the reader's language and dollars."""
        order = self.order
        shipping = money.usd(order.shipping_amount) if order.shipping_amount else _("Free")
        parts = [(_("Subtotal"), money.usd(order.subtotal)), (_("Delivery"), shipping)]
        if order.discount_amount:
            named = f" ({order.coupon_code})" if order.coupon_code else ""
            parts.append((_("Discount") + named, money.usd(-order.discount_amount)))
        if order.tax_amount:
            parts.append((_("VAT"), money.usd(order.tax_amount)))
        return parts

    def fact(self, name: str) -> Any:
        """The newest value of a fact that was told with an event: carrier, latest, method_en."""
        told = [event.data[name] for event in self.events if event.data.get(name)]
        return told[-1] if told else None


def ordered() -> Exists:
    """Whether an order of a customer (:user_id, :email in small letters, :phone; null matches none) stands."""
    order = Order.__table__.c
    whose = or_(
        order.user_id == bindparam("user_id"),
        func.lower(order.customer_email) == bindparam("email"),
        order.customer_phone == bindparam("phone"),
    )
    return exists().where(order.status != "cancelled", whose)


def signature(number: str, access_version: int) -> str:
    """The token of the link to an order; raising access_version kills it."""
    return security.sign(PURPOSE, number, access_version)


def by_token(number: str, token: str | None) -> OrderView:
    """An order for whoever holds its link. Three statements. Raises NotFound, also for a wrong token."""
    order = row(ORDER, {"number": number})
    if order is None or not security.verify(token, PURPOSE, order.order_number, order.access_version):
        raise NotFound(_l("We could not find that order."))
    return whole(order)


def by_id(order_id: int) -> OrderView | None:
    """An order for messages and jobs, whoever asks. Three statements."""
    order = row(ORDER_BY_ID, {"id": order_id})
    return whole(order) if order is not None else None


def whole(order: Row[Any]) -> OrderView:
    """The order with its lines and what happened to it."""
    key = {"id": order.id}
    return OrderView(order, list(rows(LINES, key)), list(rows(EVENTS, key)))


def track(text_number: str, phone: str | None, ip: str | None) -> tuple[str, str] | None:
    """(number, token) when number and phone belong together, else None; a wrong try is noted (the caller commits).

    Raises TooMany after five wrong tries within an hour for one number, whether it exists or not.
    """
    number = numbers.parse(text_number)
    account = security.digest((number or text_number).upper()[:100])
    scalar(ALONE, {"account": account})
    if int(scalar(FAILED, {"account": account})) >= TRIES:
        raise TooMany(_l("Too many tries for this order. Please wait an hour and try again."))
    found = row(BY_PHONE, {"number": number, "phone": phone}) if number and phone else None
    if found is None:
        db.session.add(LoginAttempt(purpose="track", account_hash=account, ip=ip))
        db.session.flush()
        return None
    return found.order_number, signature(found.order_number, found.access_version)

"""Writes the invented orders with their lines, timeline, payments, refunds, parcels and coupon uses."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from app.checkout.pricing import QuotedLine
from app.core.db import db, scalar
from app.coupons.models import CouponUsage
from app.demo.customers import Customer
from app.demo.loading import Table, next_id
from app.demo.selling import Sale, Sold, Step
from app.demo.stocking import Move
from app.orders.models import Order, OrderEvent, OrderItem, Payment, Refund, Shipment, ShipmentItem
from app.orders.numbers import number
from app.shipping.rates import Place, Rate


class OrderBook:
    """Collects sales as rows of the order tables; `moves` is what they do to the shelf."""

    def __init__(
        self, names: dict[str, Place], rates: dict[str, Rate], khr_per_usd: Decimal, staff: int
    ) -> None:
        self.names, self.rates, self.khr_per_usd, self.staff = names, rates, khr_per_usd, staff
        self.moves: list[Move] = []
        self.order_id = next_id(Order)
        self.item_id, self.payment_id, self.shipment_id = (
            next_id(OrderItem),
            next_id(Payment),
            next_id(Shipment),
        )
        self.sequence = int(scalar(text("SELECT nextval('order_number_seq')")))
        self._tables()

    def add(self, sale: Sale) -> None:
        """Enter one sale."""
        self._order(sale)
        first_item = self.item_id
        for (sold, quantity), line in zip(sale.lines, sale.quote.lines, strict=True):
            self._item(sale, sold, quantity, line)
        self._payment(sale)
        if sale.at("shipped"):
            self._shipment(sale, first_item)
        self._moves(sale, first_item)
        for step in sale.steps:
            if step.kind != "paid":
                self._event(sale, step)
        if sale.offer:
            self.coupon_uses.add(
                sale.offer.id, sale.customer.id, self.order_id, sale.customer.email, sale.customer.phone,
                sale.quote.discount, sale.purchase.at, sale.at("cancelled"),
            )  # fmt: skip
        self.order_id += 1
        self.sequence += 1

    def save(self) -> None:
        """Write all tables and let order numbers go on behind the last one."""
        for table in (
            self.orders, self.items, self.events, self.payments, self.refunds, self.shipments, self.parcels,
            self.coupon_uses,
        ):  # fmt: skip
            table.save()
        db.session.execute(text("SELECT setval('order_number_seq', :last)"), {"last": self.sequence})

    def _tables(self) -> None:
        self.orders = Table(
            Order, "id", "order_number", "user_id", "customer_name", "customer_email", "customer_phone", "language",
            "subtotal", "tax_amount", "tax_included", "shipping_amount", "discount_amount", "total", "exchange_rate",
            "status", "payment_status", "fulfillment_status", "payment_method", "shipping_method", "coupon_id",
            "coupon_code", "shipping_address", "billing_address", "tracking_number", "created_at", "updated_at",
            "placed_at", "paid_at", "shipped_at", "delivered_at", "cancelled_at",
        )  # fmt: skip
        self.items = Table(
            OrderItem, "id", "order_id", "product_id", "product_name", "product_name_kh", "product_sku",
            "product_image_url", "quantity", "unit_price", "total_price", "discount_amount", "tax_amount",
            "tax_included", "fulfilled_quantity", "refunded_quantity", "created_at",
        )  # fmt: skip
        self.events = Table(
            OrderEvent, "order_id", "kind", "from_status", "to_status", "actor_id", "data", "created_at"
        )
        self.payments = Table(
            Payment, "id", "order_id", "method", "provider", "provider_ref", "amount", "rate", "status", "expires_at",
            "paid_at", "created_at", "updated_at",
        )  # fmt: skip
        self.refunds = Table(
            Refund, "payment_id", "order_id", "amount", "shipping_amount", "reason", "actor_id", "status", "done_at",
            "created_at",
        )  # fmt: skip
        self.shipments = Table(
            Shipment, "id", "order_id", "carrier", "tracking_number", "status", "shipped_at", "delivered_at",
            "created_at",
        )  # fmt: skip
        self.parcels = Table(ShipmentItem, "shipment_id", "order_item_id", "quantity")
        self.coupon_uses = Table(
            CouponUsage, "coupon_id", "user_id", "order_id", "email", "phone", "discount_amount", "used_at",
            "released_at",
        )  # fmt: skip

    def _order(self, sale: Sale) -> None:
        who, priced = sale.customer, sale.quote
        address = self._address(who)
        tracking = self._tracking() if sale.at("shipped") else None
        self.orders.add(
            self.order_id, number(self.sequence, sale.purchase.at), who.id, who.name, who.email, who.phone,
            who.language, priced.subtotal, priced.tax, priced.tax_included, priced.shipping, priced.discount,
            priced.total, self.khr_per_usd, sale.status, _payment_status(sale), _fulfilment(sale), sale.method,
            self.rates[who.place.province].method, sale.offer.id if sale.offer else None,
            sale.offer.code if sale.offer else None, address, address, tracking, sale.purchase.at,
            sale.steps[-1].at, sale.purchase.at, sale.at("paid"), sale.at("shipped"), sale.at("delivered"),
            sale.at("cancelled"),
        )  # fmt: skip

    def _item(self, sale: Sale, sold: Sold, quantity: int, line: QuotedLine) -> None:
        self.items.add(
            self.item_id, self.order_id, sold.id, sold.name_en, sold.name_kh, sold.sku, sold.image_url, quantity,
            sold.price, sold.price * quantity, line.discount, line.tax, line.tax_included,
            quantity if _fulfilment(sale) != "unfulfilled" else 0, quantity if sale.at("refunded") else 0,
            sale.purchase.at,
        )  # fmt: skip
        self.item_id += 1

    def _payment(self, sale: Sale) -> None:
        reference = None if sale.method == "cod" else f"demo-{self.payment_id}"
        self.payments.add(
            self.payment_id, self.order_id, sale.method, sale.method, reference, sale.quote.total, self.khr_per_usd,
            sale.payment, sale.expires_at, sale.at("paid"), sale.purchase.at, sale.steps[-1].at,
        )  # fmt: skip
        refunded = sale.at("refunded")
        if refunded:
            self.refunds.add(
                self.payment_id, self.order_id, sale.quote.total, sale.quote.shipping - sale.quote.shipping_discount,
                "did not suit the skin", self.staff, "done", refunded, refunded,
            )  # fmt: skip
        self.payment_id += 1

    def _shipment(self, sale: Sale, first_item: int) -> None:
        status = "returned" if sale.came_back else "delivered" if sale.at("delivered") else "shipped"
        self.shipments.add(
            self.shipment_id, self.order_id, sale.carrier, self._tracking(), status, sale.at("shipped"),
            sale.at("delivered"), sale.at("shipped"),
        )  # fmt: skip
        for place, (_, quantity) in enumerate(sale.lines):
            self.parcels.add(self.shipment_id, first_item + place, quantity)

    def _moves(self, sale: Sale, first_item: int) -> None:
        sent, cancelled = sale.at("shipped"), sale.at("cancelled")
        for item, (sold, units) in enumerate(sale.lines, first_item):
            self.moves.append(Move(sale.purchase.at, sold.id, "allocated", 0, units, item))
            if sent:
                self.moves.append(Move(sent, sold.id, "shipped", -units, -units, item, self.shipment_id))
            if sent and cancelled:
                back = "refused at the door"
                self.moves.append(
                    Move(cancelled, sold.id, "returned", units, 0, item, self.shipment_id, back)
                )
            elif cancelled:
                self.moves.append(Move(cancelled, sold.id, "released", 0, -units, item))
        if sent:
            self.shipment_id += 1

    def _event(self, sale: Sale, step: Step) -> None:
        data = dict(step.data)
        actor = self.staff if step.by_staff else None
        if step.kind == "placed":
            actor, data = sale.customer.id, self._promise(sale)
        if step.kind == "shipped":
            data |= {"carrier": sale.carrier, "tracking_number": self._tracking()}
        self.events.add(self.order_id, step.kind, step.before, step.after, actor, data, step.at)

    def _promise(self, sale: Sale) -> dict[str, Any]:
        rate = self.rates[sale.customer.place.province]
        day = sale.purchase.at.date()
        return {
            "earliest": str(day + timedelta(days=rate.eta_days_min)),
            "latest": str(day + timedelta(days=rate.eta_days_max)),
            "method_en": rate.name_en,
            "method_kh": rate.name_kh,
        }

    def _tracking(self) -> str:
        return f"KS{self.sequence:07d}"

    def _address(self, who: Customer) -> dict[str, Any]:
        place = who.place
        return {
            "full_name": who.name,
            "phone": who.phone,
            "address_line1": who.house,
            "province_code": place.province,
            "province_kh": self.names[place.province].name_kh,
            "state": place.province_en,
            "district_code": place.district,
            "district_kh": self.names[place.district].name_kh,
            "city": place.district_en,
            "commune_code": place.commune,
            "commune_kh": self.names[place.commune].name_kh,
            "commune_en": place.commune_en,
            "postal_code": "",
            "country": "KH",
        }


def _payment_status(sale: Sale) -> str:
    if sale.at("refunded"):
        return "refunded"
    return {"paid": "paid", "pending": "pending"}.get(sale.payment, "failed")


def _fulfilment(sale: Sale) -> str:
    if sale.at("delivered"):
        return "delivered"
    return "shipped" if sale.at("shipped") and not sale.came_back else "unfulfilled"

"""Orders, their lines and timeline, shipments and returns; the money rows come from payment_models."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Numeric, Sequence, String, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import LANGUAGE, Count, Money, Sum, Version, check, one_of, refers, seed_check
from app.core.db import Base, Created, Keyed, Updated, enum
from app.orders.payment_models import BankSlip, Payment, PaymentEvent, Refund

__all__ = [
    "BankSlip",
    "Order",
    "OrderEvent",
    "OrderItem",
    "Payment",
    "PaymentEvent",
    "Refund",
    "ReturnPhoto",
    "ReturnRequest",
    "Shipment",
    "ShipmentItem",
    "order_number_seq",
]

ORDER_STATUS = enum(
    "order_status", "pending", "confirmed", "processing", "shipped", "delivered", "cancelled", "refunded"
)
PAYMENT_STATUS = enum(
    "payment_status", "pending", "paid", "partially_paid", "refunded", "partially_refunded", "failed"
)
FULFILLMENT_STATUS = enum("fulfillment_status", "unfulfilled", "partial", "fulfilled", "shipped", "delivered")

order_number_seq = Sequence("order_number_seq", metadata=Base.metadata)


class Order(Keyed, Updated, Base):
    """One purchase with its copies of names, addresses and riel rate. Money in dollars.

    Raising `access_version` kills the guest links handed out before. `payment_status` and
    `fulfillment_status` follow payments, refunds and shipments.
    """

    __tablename__ = "orders"
    __table_args__ = (
        seed_check("valid_total", "total = subtotal + tax_amount + shipping_amount - discount_amount"),
        check(
            "amounts_not_negative",
            "subtotal >= 0 AND tax_amount >= 0 AND tax_included >= 0 AND shipping_amount >= 0"
            " AND discount_amount >= 0 AND total >= 0",
        ),
        check("reachable", "num_nonnulls(customer_email, customer_phone) >= 1"),
        check("rate_positive", "exchange_rate > 0"),
        Index("idx_orders_user_id", "user_id"),
        Index("idx_orders_status", "status"),
        Index("idx_orders_created_at", "created_at"),
        Index("idx_orders_order_number", "order_number", unique=True),
        Index("ix_orders_user_placed", "user_id", "placed_at", "id"),
        Index("ix_orders_placed_at", "placed_at"),
        Index("ix_orders_customer_phone", "customer_phone"),
        Index("ix_orders_customer_email", text("lower(customer_email)")),
    )

    order_number: Mapped[str] = mapped_column(String(50))
    user_id: Mapped[int | None] = refers("users.id", ondelete="SET NULL", index=False)
    customer_name: Mapped[str | None] = mapped_column(String(255))
    customer_email: Mapped[str | None] = mapped_column(String(255))
    customer_phone: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(LANGUAGE, server_default="en")

    subtotal: Mapped[Money]
    tax_amount: Mapped[Sum]
    tax_included: Mapped[Sum]
    shipping_amount: Mapped[Sum]
    discount_amount: Mapped[Sum]
    total: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3), server_default="USD")
    exchange_rate: Mapped[Decimal] = mapped_column(Numeric(10, 2))

    status: Mapped[str] = mapped_column(ORDER_STATUS, server_default="pending")
    payment_status: Mapped[str] = mapped_column(PAYMENT_STATUS, server_default="pending")
    fulfillment_status: Mapped[str] = mapped_column(FULFILLMENT_STATUS, server_default="unfulfilled")
    payment_method: Mapped[str] = mapped_column(String(30))
    shipping_method: Mapped[str] = mapped_column(String(30))
    coupon_id: Mapped[int | None] = refers("coupons.id", ondelete="SET NULL")
    coupon_code: Mapped[str | None] = mapped_column(String(50))

    shipping_address: Mapped[dict[str, Any] | None]
    billing_address: Mapped[dict[str, Any] | None]
    notes: Mapped[str | None]
    tracking_number: Mapped[str | None] = mapped_column(String(100))

    access_version: Mapped[Version]
    idempotency_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    request_digest: Mapped[str | None] = mapped_column(String(64))

    placed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    paid_at: Mapped[datetime | None]
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]

    items: Mapped[list["OrderItem"]] = relationship(order_by="OrderItem.id", passive_deletes=True)


class OrderItem(Keyed, Created, Base):
    """A line as it was sold; `total_price` is before `discount_amount`, the line's share of the discount."""

    __tablename__ = "order_items"
    __table_args__ = (
        check("quantity_positive", "quantity > 0"),
        check("valid_line_total", "total_price = unit_price * quantity"),
        check("discount_within_line", "discount_amount BETWEEN 0 AND total_price"),
        check("fulfilled_within_quantity", "fulfilled_quantity BETWEEN 0 AND quantity"),
        check("refunded_within_quantity", "refunded_quantity BETWEEN 0 AND quantity"),
        Index("idx_order_items_order_id", "order_id"),
        Index("idx_order_items_product_id", "product_id"),
        Index("idx_order_items_user_product", "order_id", "product_id"),
    )

    order_id: Mapped[int] = refers("orders.id", ondelete="CASCADE", index=False)
    product_id: Mapped[int] = refers("products.id", ondelete="RESTRICT", index=False)
    product_name: Mapped[str] = mapped_column(String(255))
    product_name_kh: Mapped[str | None] = mapped_column(String(255))
    product_sku: Mapped[str | None] = mapped_column(String(100))
    product_image_url: Mapped[str | None] = mapped_column(String(500))
    quantity: Mapped[int]
    unit_price: Mapped[Money]
    total_price: Mapped[Money]
    discount_amount: Mapped[Sum]
    tax_amount: Mapped[Sum]
    tax_included: Mapped[Sum]
    fulfilled_quantity: Mapped[Count]
    refunded_quantity: Mapped[Count]


class OrderEvent(Keyed, Created, Base):
    """One thing that happened to an order: who, when, from, to, why."""

    __tablename__ = "order_events"
    __table_args__ = (Index("ix_order_events_order_id", "order_id", "created_at"),)

    order_id: Mapped[int] = refers("orders.id", ondelete="CASCADE", index=False)
    kind: Mapped[str] = mapped_column(String(50))
    from_status: Mapped[str | None] = mapped_column(ORDER_STATUS)
    to_status: Mapped[str | None] = mapped_column(ORDER_STATUS)
    actor_id: Mapped[int | None] = refers("users.id", ondelete="SET NULL")
    data: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class Shipment(Keyed, Created, Base):
    """A parcel on its way."""

    __tablename__ = "shipments"
    __table_args__ = (one_of("status", "prepared", "shipped", "delivered", "returned", "lost"),)

    order_id: Mapped[int] = refers("orders.id", ondelete="CASCADE")
    carrier: Mapped[str | None] = mapped_column(String(100))
    tracking_number: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(20), server_default="prepared")
    shipped_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]


class ShipmentItem(Base):
    """How many units of a line lie in a parcel."""

    __tablename__ = "shipment_items"
    __table_args__ = (check("quantity_positive", "quantity > 0"),)

    shipment_id: Mapped[int] = refers("shipments.id", ondelete="CASCADE", index=False, primary_key=True)
    order_item_id: Mapped[int] = refers("order_items.id", ondelete="CASCADE", primary_key=True)
    quantity: Mapped[int]


class ReturnRequest(Keyed, Updated, Base):
    """A wish to send `items` back ([{"order_item_id": int, "quantity": int}]); staff decide."""

    __tablename__ = "return_requests"
    __table_args__ = (
        one_of("status", "requested", "approved", "rejected", "received", "closed"),
        Index("ix_return_requests_waiting", "created_at", postgresql_where="status = 'requested'"),
    )

    order_id: Mapped[int] = refers("orders.id", ondelete="CASCADE")
    user_id: Mapped[int | None] = refers("users.id", ondelete="SET NULL")
    reason: Mapped[str]
    items: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    status: Mapped[str] = mapped_column(String(20), server_default="requested")
    decision: Mapped[str | None]
    decided_by: Mapped[int | None] = refers("users.id", ondelete="SET NULL")
    decided_at: Mapped[datetime | None]
    refund_id: Mapped[int | None] = refers("refunds.id", ondelete="SET NULL")


class ReturnPhoto(Keyed, Created, Base):
    """A photo within a return request."""

    __tablename__ = "return_photos"

    return_request_id: Mapped[int] = refers("return_requests.id", ondelete="CASCADE")
    image_url: Mapped[str] = mapped_column(String(500))

"""Writes a new order with its lines, timeline, payment, mail and coupon use, and empties its cart: one statement."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.core.db import rows
from app.core.prepared import prepared

ENTER = prepared(
    """
    WITH placed AS (
        INSERT INTO orders
            (order_number, user_id, customer_name, customer_email, customer_phone, language, subtotal, tax_amount,
             tax_included, shipping_amount, discount_amount, total, exchange_rate, payment_method, shipping_method,
             coupon_id, coupon_code, shipping_address, billing_address, notes, idempotency_key, request_digest,
             created_at, placed_at)
        VALUES
            (:number, :user_id, :name, :email, :phone, CAST(:language AS user_language), :subtotal, :tax,
             :tax_included, :shipping, :discount, :total, :rate, :payment_method, :shipping_method,
             :coupon_id, :coupon_code, CAST(:address AS jsonb), CAST(:address AS jsonb), :note, :key, :digest,
             :placed_at, :placed_at)
        RETURNING id
    ), lines AS (
        INSERT INTO order_items
            (order_id, product_id, product_name, product_name_kh, product_sku, product_image_url, quantity,
             unit_price, total_price, discount_amount, tax_amount, tax_included)
        SELECT placed.id, l.product_id, l.name_en, l.name_kh, l.sku, l.image_url, l.quantity,
            l.unit_price, l.unit_price * l.quantity, l.discount, l.tax, l.tax_included
        FROM placed, jsonb_to_recordset(CAST(:lines AS jsonb)) AS l(
            product_id int, name_en text, name_kh text, sku text, image_url text, quantity int,
            unit_price numeric, discount numeric, tax numeric, tax_included numeric)
        ORDER BY l.product_id
        RETURNING id, product_id, quantity
    ), told AS (
        INSERT INTO order_events (order_id, kind, to_status, actor_id, data)
        SELECT id, 'placed', 'pending', :user_id, CAST(:facts AS jsonb) FROM placed
    ), paying AS (
        INSERT INTO payments
            (order_id, method, provider, amount, rate, currency, amount_khr, md5, raw, expires_at)
        SELECT id, :payment_method, :payment_method, :total, :rate, :currency, CAST(:amount_khr AS int), :md5,
            CAST(:asked AS jsonb), CAST(:expires_at AS timestamptz) FROM placed
    ), mailed AS (
        INSERT INTO outbox (kind, payload, dedupe_key)
        SELECT 'order_placed', jsonb_build_object('order_id', id), 'order_placed:' || id FROM placed
    ), used AS (
        INSERT INTO coupon_usage (coupon_id, user_id, order_id, email, phone, discount_amount)
        SELECT :coupon_id, :user_id, id, :mailbox, :phone, :discount FROM placed
        WHERE CAST(:coupon_id AS int) IS NOT NULL
    ), counted AS (
        UPDATE coupons SET used_count = used_count + 1 WHERE id = :coupon_id
    ), emptied AS (
        DELETE FROM shopping_cart WHERE cart_id = :cart_id
    ), closed AS (
        UPDATE carts SET version = version + 1, coupon_code = NULL, updated_at = now() WHERE id = :cart_id
    )
    SELECT placed.id AS order_id, lines.id, lines.product_id, lines.quantity FROM placed, lines ORDER BY product_id
    """
)


@dataclass(frozen=True)
class NewLine:
    """A line as it is sold, money in dollars."""

    product_id: int
    name_en: str
    name_kh: str | None
    sku: str
    image_url: str | None
    quantity: int
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    tax_included: Decimal


@dataclass(frozen=True)
class NewOrder:
    """Everything that an order keeps of the moment it was placed."""

    number: str
    user_id: int | None
    name: str
    email: str | None
    phone: str
    language: str
    subtotal: Decimal
    tax: Decimal
    tax_included: Decimal
    shipping: Decimal
    discount: Decimal
    total: Decimal
    rate: Decimal
    payment_method: str
    shipping_method: str
    address: Mapping[str, Any]
    note: str | None
    key: str
    digest: str
    placed_at: datetime
    facts: Mapping[str, Any]
    asked: Mapping[str, Any] = field(default_factory=dict)
    currency: str = "USD"
    amount_khr: int | None = None
    md5: str | None = None
    expires_at: datetime | None = None
    coupon_id: int | None = None
    coupon_code: str | None = None
    mailbox: str | None = None
    cart_id: int | None = None


@dataclass(frozen=True)
class EnteredLine:
    """A written line: its id and the units that it needs."""

    id: int
    product_id: int
    quantity: int


def enter(order: NewOrder, lines: Sequence[NewLine]) -> tuple[int, list[EnteredLine]]:
    """Write the order; its id and its lines by ascending product. One statement for any number of lines.

    Whoever calls holds the locks of the cart and of the coupon.
    """
    params = {**vars(order), "lines": _json([vars(line) for line in lines])}
    params |= {"address": _json(order.address), "facts": _json(order.facts), "asked": _json(order.asked)}
    written = rows(ENTER, params)
    return written[0].order_id, [EnteredLine(row.id, row.product_id, row.quantity) for row in written]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)

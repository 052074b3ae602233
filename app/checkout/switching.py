"""The other currency of a KHQR code: an order may be paid in dollars or in riel, at its own rate and in its own time.

Each currency has its payment with a code of its own; both are followed, and the first that is paid counts.
"""

import json
from typing import Any

from sqlalchemy import Row, text

from app.checkout.payments import PROVIDERS
from app.checkout.payments.provider import Due
from app.core.db import db, row, rows, scalar

PROVIDER = "khqr"
LOCK = text(
    "SELECT id, order_number, status, total, exchange_rate FROM orders WHERE order_number = :number FOR UPDATE"
)
CODES = text(
    """
    SELECT id, currency, created_at, status = 'pending' AND expires_at > now() AS payable
    FROM payments WHERE order_id = :id AND provider = :provider ORDER BY id
    """
)
TOUCH = text("UPDATE payments SET updated_at = clock_timestamp() WHERE id = :id")
BEGIN = text(
    """
    INSERT INTO payments (order_id, method, provider, amount, rate, currency, amount_khr, md5, raw, expires_at,
        created_at, updated_at)
    VALUES (:order_id, :provider, :provider, :amount, :rate, :currency, :amount_khr, :md5, CAST(:raw AS jsonb),
        :expires_at, :created_at, clock_timestamp())
    RETURNING id
    """
)


def switch(number: str, currency: str) -> int | None:
    """Let an order that waits for money show its code in this currency; the payment's id, None when it is too late.

    The code of the other currency stays good until the same second. The caller commits.
    """
    order = row(LOCK, {"number": number})
    codes = rows(CODES, {"id": order.id, "provider": PROVIDER}) if order is not None else []
    if order is None or order.status != "pending" or not codes or not all(code.payable for code in codes):
        return None
    known = next((code.id for code in codes if code.currency == currency), None)
    if known is None:
        return int(scalar(BEGIN, _begun(order, codes[0], currency)))
    db.session.execute(TOUCH, {"id": known})
    return int(known)


def _begun(order: Row[Any], first: Row[Any], currency: str) -> dict[str, Any]:
    due = Due(order.order_number, order.total, order.exchange_rate, first.created_at, currency)
    intent = PROVIDERS[PROVIDER].start(due)
    return {
        "order_id": order.id,
        "provider": PROVIDER,
        "amount": order.total,
        "rate": order.exchange_rate,
        "currency": intent.currency,
        "amount_khr": intent.amount_khr,
        "md5": intent.md5,
        "raw": json.dumps(intent.payload),
        "expires_at": intent.expires_at,
        "created_at": first.created_at,
    }

"""Everything that the shop keeps about a person, as plain data: a statement with its columns named for each part.

What MongoDB holds follows document by document, since it has no bound.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import text

from app.analytics import store
from app.core import db, mongo

PARTS = {
    "account": """
        SELECT email, pending_email, phone, first_name, last_name, date_of_birth, gender, language, role,
            skin_type::text, skin_concerns, skin_goals, avoid_ingredients, profile_picture, email_verified,
            marketing_opt_in, total_orders, total_spent, avg_rating, created_at, updated_at
        FROM users WHERE id = :user_id""",
    "addresses": """
        SELECT full_name, phone, address_line1, note, province_code, district_code, commune_code, state, city,
            is_default, created_at
        FROM user_addresses WHERE user_id = :user_id ORDER BY id""",
    "sign_ins": """
        SELECT user_agent, host(ip) AS ip, created_at, last_seen_at, expires_at, revoked_at
        FROM user_sessions WHERE user_id = :user_id ORDER BY id""",
    "api_keys": "SELECT name, scopes, created_at, last_used_at FROM api_tokens WHERE user_id = :user_id ORDER BY id",
    "two_step_sign_in": "SELECT created_at, confirmed_at FROM totp_secrets WHERE user_id = :user_id",
    "recovery_codes": "SELECT count(*) AS codes, count(used_at) AS used FROM recovery_codes WHERE user_id = :user_id",
    "orders": """
        SELECT order_number, status::text, payment_status::text, payment_method, shipping_method, customer_name,
            customer_email, customer_phone, shipping_address, billing_address, notes, coupon_code, subtotal,
            discount_amount, shipping_amount, tax_amount, tax_included, total, exchange_rate, tracking_number,
            placed_at, paid_at, shipped_at, delivered_at, cancelled_at
        FROM orders WHERE user_id = :user_id ORDER BY id""",
    "order_lines": """
        SELECT o.order_number, i.product_sku, i.product_name, i.product_name_kh, i.quantity, i.unit_price,
            i.total_price, i.discount_amount
        FROM order_items i JOIN orders o ON o.id = i.order_id WHERE o.user_id = :user_id ORDER BY i.id""",
    "order_history": """
        SELECT o.order_number, e.kind, e.from_status::text, e.to_status::text, e.created_at
        FROM order_events e JOIN orders o ON o.id = e.order_id WHERE o.user_id = :user_id ORDER BY e.id""",
    "payments": """
        SELECT o.order_number, p.method, p.amount, p.currency, p.status, p.created_at, p.paid_at
        FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.user_id = :user_id ORDER BY p.id""",
    "bank_slips": """
        SELECT o.order_number, b.image_url, b.reference, b.status, b.created_at
        FROM bank_slips b JOIN payments p ON p.id = b.payment_id JOIN orders o ON o.id = p.order_id
        WHERE o.user_id = :user_id ORDER BY b.id""",
    "refunds": """
        SELECT o.order_number, r.amount, r.reason, r.status, r.created_at
        FROM refunds r JOIN orders o ON o.id = r.order_id WHERE o.user_id = :user_id ORDER BY r.id""",
    "return_requests": """
        SELECT o.order_number, r.reason, r.items, r.status, r.decision, r.created_at,
            (SELECT coalesce(json_agg(p.image_url ORDER BY p.id), '[]') FROM return_photos p
             WHERE p.return_request_id = r.id) AS photos
        FROM return_requests r JOIN orders o ON o.id = r.order_id
        WHERE r.user_id = :user_id OR o.user_id = :user_id ORDER BY r.id""",
    "coupons_used": """
        SELECT c.code, u.email, u.phone, u.discount_amount, u.used_at, u.released_at
        FROM coupon_usage u JOIN coupons c ON c.id = u.coupon_id WHERE u.user_id = :user_id ORDER BY u.id""",
    "reviews": """
        SELECT p.slug AS product, r.rating, r.title, r.comment, r.customer_name, r.customer_email,
            r.skin_type::text, r.status::text, r.is_verified_purchase, r.helpful_count, r.created_at, r.updated_at,
            (SELECT coalesce(json_agg(f.image_url ORDER BY f.sort_order), '[]') FROM review_photos f
             WHERE f.review_id = r.id) AS photos
        FROM reviews r JOIN products p ON p.id = r.product_id WHERE r.user_id = :user_id ORDER BY r.id""",
    "helpful_votes": """
        SELECT p.slug AS product, v.review_id, v.created_at FROM review_votes v
        JOIN reviews r ON r.id = v.review_id JOIN products p ON p.id = r.product_id
        WHERE v.user_id = :user_id ORDER BY v.created_at""",
    "saved": """
        SELECT p.slug AS product, w.price_seen, w.created_at FROM wishlists w JOIN products p ON p.id = w.product_id
        WHERE w.user_id = :user_id ORDER BY w.id""",
    "shared_lists": "SELECT token, created_at FROM wishlist_links WHERE user_id = :user_id",
    "waiting_for": """
        SELECT p.slug AS product, a.email, a.phone, a.created_at, a.notified_at
        FROM stock_alerts a JOIN products p ON p.id = a.product_id WHERE a.user_id = :user_id ORDER BY a.id""",
    "recently_viewed": """
        SELECT p.slug AS product, v.viewed_at FROM recently_viewed v JOIN products p ON p.id = v.product_id
        WHERE v.user_id = :user_id ORDER BY v.viewed_at""",
    "bag": """
        SELECT p.slug AS product, l.quantity, l.unit_price_seen, l.created_at, c.coupon_code
        FROM carts c JOIN shopping_cart l ON l.cart_id = c.id JOIN products p ON p.id = l.product_id
        WHERE c.user_id = :user_id ORDER BY l.id""",
}

TRACES = (*store.ANONYMOUS, *store.PERSONAL)


def written(user_id: int) -> Iterator[str]:
    """The whole file as JSON, piece by piece: the tables at once, then the traces as MongoDB gives them."""
    tables = json.dumps(everything(user_id), ensure_ascii=False, indent=1).removesuffix("\n}")
    traces = {name: mongo.each(partial(store.theirs, name=name, user_id=user_id)) for name in TRACES}
    note = _("These parts could not be read just now. Please download the file again later.")
    return _with_traces(tables, traces, note)


def _with_traces(tables: str, traces: Mapping[str, Iterator[Any]], note: str) -> Iterator[str]:
    unread: list[str] = []
    yield tables
    for name, documents in traces.items():
        yield f',\n "{name}": ['
        try:
            yield from _joined(documents)
        except mongo.Away:
            unread.append(name)
        yield "]"
    if unread:
        yield ',\n "not_read": ' + json.dumps({"note": note, "parts": unread}, ensure_ascii=False)
    yield "\n}\n"


def _joined(documents: Iterator[Any]) -> Iterator[str]:
    comma = "\n  "
    for document in documents:
        yield comma + json.dumps(document, ensure_ascii=False, default=_readable)
        comma = ",\n  "


def _readable(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def everything(user_id: int) -> dict[str, Any]:
    """What the tables hold, as lists of plain objects (amounts and times are texts), and when it was read."""
    parts: dict[str, Any] = {"read_at": datetime.now(UTC).isoformat()}
    for name, statement in PARTS.items():
        found = db.rows(text(statement), {"user_id": user_id})
        parts[name] = [{key: plain(value) for key, value in row._asdict().items()} for row in found]
    return parts


def plain(value: Any) -> Any:
    """The value as JSON can hold it."""
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value

"""Forgetting a person: their data is scrubbed, the figures of what was sold and paid stay."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.core.db import db, rows, scalar
from app.core.errors import Refused

LOCK = text("SELECT role::text FROM users WHERE id = :user_id AND deleted_at IS NULL FOR UPDATE")
UNFINISHED = text(
    "SELECT order_number FROM orders WHERE user_id = :user_id"
    " AND status IN ('pending', 'confirmed', 'processing', 'shipped') ORDER BY id LIMIT 1"
)
GONE = text("SELECT id FROM users WHERE deleted_at > now() - make_interval(days => :days)")
PICTURES = text(
    """
    SELECT profile_picture AS address FROM users WHERE id = :user_id
    UNION ALL SELECT f.image_url FROM review_photos f JOIN reviews r ON r.id = f.review_id WHERE r.user_id = :user_id
    UNION ALL SELECT f.image_url FROM return_photos f JOIN return_requests r ON r.id = f.return_request_id
        JOIN orders o ON o.id = r.order_id WHERE r.user_id = :user_id OR o.user_id = :user_id
    UNION ALL SELECT b.image_url FROM bank_slips b JOIN payments p ON p.id = b.payment_id
        JOIN orders o ON o.id = p.order_id WHERE o.user_id = :user_id
    """
)
SCRUB = """
    DELETE FROM user_addresses WHERE user_id = :user_id;
    DELETE FROM user_sessions WHERE user_id = :user_id;
    DELETE FROM totp_secrets WHERE user_id = :user_id;
    DELETE FROM recovery_codes WHERE user_id = :user_id;
    DELETE FROM api_tokens WHERE user_id = :user_id;
    DELETE FROM carts WHERE user_id = :user_id;
    DELETE FROM wishlists WHERE user_id = :user_id;
    DELETE FROM wishlist_links WHERE user_id = :user_id;
    DELETE FROM stock_alerts WHERE user_id = :user_id;
    DELETE FROM recently_viewed WHERE user_id = :user_id;
    DELETE FROM stock_alerts a USING users u WHERE u.id = :user_id
        AND (lower(a.email) = lower(u.email) OR a.phone = u.phone);
    DELETE FROM login_attempts WHERE account_hash = encode(sha256(convert_to('user:' || :user_id, 'UTF8')), 'hex');
    DELETE FROM outbox WHERE sent_at IS NULL AND payload ->> 'user_id' = CAST(:user_id AS text);
    DELETE FROM review_photos f USING reviews r WHERE r.id = f.review_id AND r.user_id = :user_id;
    UPDATE reviews SET customer_name = NULL, customer_email = NULL WHERE user_id = :user_id;
    DELETE FROM return_photos f USING return_requests r, orders o
        WHERE r.id = f.return_request_id AND o.id = r.order_id AND (r.user_id = :user_id OR o.user_id = :user_id);
    UPDATE return_requests r SET reason = '' FROM orders o
        WHERE o.id = r.order_id AND (r.user_id = :user_id OR o.user_id = :user_id);
    UPDATE bank_slips b SET image_url = '', reference = NULL FROM payments p, orders o
        WHERE p.id = b.payment_id AND o.id = p.order_id AND o.user_id = :user_id;
    UPDATE payments p SET raw = NULL, evidence = NULL FROM orders o WHERE o.id = p.order_id AND o.user_id = :user_id;
    UPDATE payment_events e SET data = '{}' FROM payments p, orders o
        WHERE p.id = e.payment_id AND o.id = p.order_id AND o.user_id = :user_id;
    UPDATE order_events e SET data = e.data - 'tracking_number' FROM orders o
        WHERE o.id = e.order_id AND o.user_id = :user_id;
    UPDATE shipments s SET tracking_number = NULL FROM orders o WHERE o.id = s.order_id AND o.user_id = :user_id;
    UPDATE coupon_usage SET email = NULL, phone = NULL WHERE user_id = :user_id;
    UPDATE orders SET customer_name = NULL, customer_email = :nobody, customer_phone = NULL, notes = NULL,
        tracking_number = NULL, billing_address = NULL, access_version = access_version + 1,
        shipping_address = jsonb_strip_nulls(jsonb_build_object('state', shipping_address -> 'state',
            'province_kh', shipping_address -> 'province_kh', 'province_code', shipping_address -> 'province_code'))
        WHERE user_id = :user_id;
    UPDATE users SET email = :nobody, password_hash = '!', first_name = NULL, last_name = NULL, phone = NULL,
        date_of_birth = NULL, gender = NULL, skin_type = NULL, skin_concerns = '{}', skin_goals = '{}',
        avoid_ingredients = '{}', profile_picture = NULL, is_active = false, email_verified = false,
        email_verification_token = NULL, email_verification_expires = NULL, email_verified_at = NULL,
        pending_email = NULL, password_reset_token = NULL, password_reset_expires = NULL,
        session_epoch = session_epoch + 1, marketing_opt_in = false, deleted_at = now(), updated_at = now()
        WHERE id = :user_id
"""


@dataclass(frozen=True)
class Erased:
    """What is left to do after the commit: the pictures whose files go."""

    pictures: list[str]


def erase(user_id: int) -> Erased:
    """Scrub a person and keep the figures (the caller commits, then removes the pictures).

    Raises Refused while an order is under way, and for staff.
    """
    role = scalar(LOCK, {"user_id": user_id})
    if role != "customer":
        raise Refused(_l("This account belongs to the shop's staff. An admin has to end it."))
    if scalar(UNFINISHED, {"user_id": user_id}):
        raise Refused(
            _l("An order of yours is under way and needs your address. Please come back when it has arrived.")
        )
    facts: dict[str, Any] = {"user_id": user_id, "nobody": f"deleted-{user_id}@deleted.invalid"}
    pictures = [row.address for row in rows(PICTURES, facts) if row.address]
    for statement in SCRUB.split(";"):
        db.session.execute(text(statement), facts)
    return Erased(pictures)

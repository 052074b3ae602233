"""What the payment page shows: one statement for the payment that counts, for whoever holds the order's link."""

import io
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import segno
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, text

from app.checkout.payments import khqr_payment
from app.core import money, security
from app.core.db import row, rows
from app.core.errors import NotFound
from app.orders.queries import PURPOSE

FIND = text(
    """
    SELECT o.order_number, o.access_version, o.status AS order_status, o.payment_status, o.total,
        o.exchange_rate, p.*, now() AS now,
        (SELECT s.status FROM bank_slips s WHERE s.payment_id = p.id ORDER BY s.id DESC LIMIT 1) AS slip,
        (SELECT e.kind FROM payment_events e JOIN payments each ON each.id = e.payment_id
            WHERE each.order_id = o.id AND (e.kind LIKE 'held%' OR e.kind = 'resolved')
            ORDER BY e.id DESC LIMIT 1) AS trouble,
        (SELECT array_agg(each.id ORDER BY each.id) FROM payments each
            WHERE each.order_id = o.id AND each.md5 IS NOT NULL AND each.status = 'pending') AS codes
    FROM orders o JOIN payments p ON p.order_id = o.id
    WHERE o.order_number = :number ORDER BY p.status = 'paid' DESC, p.updated_at DESC, p.id DESC LIMIT 1
    """
)
HELD = text(
    """
    SELECT p.id, o.order_number, o.status AS order_status, e.kind, e.created_at, e.data
    FROM payment_events e JOIN payments p ON p.id = e.payment_id JOIN orders o ON o.id = p.order_id
    WHERE e.kind LIKE 'held%' AND NOT EXISTS (
        SELECT FROM payment_events r WHERE r.payment_id = p.id AND r.id > e.id AND r.kind IN ('resolved', 'paid'))
    ORDER BY e.id
    """
)
SLIPS = text(
    """
    SELECT p.id, o.order_number, o.total, s.reference, s.image_url, s.created_at
    FROM bank_slips s JOIN payments p ON p.id = s.payment_id JOIN orders o ON o.id = p.order_id
    WHERE s.status = 'waiting' ORDER BY s.id
    """
)


@dataclass(frozen=True)
class Dues:
    """A payment as its payer sees it."""

    payment: Row[Any]
    token: str

    @property
    def number(self) -> str:
        return str(self.payment.order_number)

    @property
    def state(self) -> str:
        """paid, back (money that returns), closed (nobody can pay), held (it does not fit), slip, late or open."""
        paying = self.payment
        over = paying.order_status in ("cancelled", "refunded")
        if paying.status == "paid":
            return "back" if over else "paid"
        if str(paying.trouble).startswith("held"):
            return "held"
        if paying.status != "pending" or over:
            return "closed"
        if paying.slip == "waiting":
            return "slip"
        return "open" if self.seconds else "late"

    @property
    def waiting(self) -> bool:
        """Whether the page should look again by itself."""
        return bool(self.payment.md5) and self.state in ("open", "late")

    @property
    def seconds(self) -> int:
        """Seconds that are left to pay."""
        until: datetime | None = self.payment.expires_at
        return max(0, int((until - self.payment.now).total_seconds())) if until else 0

    @property
    def clock(self) -> str:
        """The time left as `14:05`, or `23:40:10` from an hour on."""
        hours, rest = divmod(self.seconds, 3600)
        minutes, seconds = divmod(rest, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    @property
    def usd(self) -> str:
        return money.usd(self.payment.amount)

    @property
    def khr(self) -> str:
        """The amount in riel at the order's own rate."""
        return money.khr(self.payment.amount, self.payment.rate or self.payment.exchange_rate)

    @property
    def asked(self) -> str:
        """The amount in the currency that the code asks for."""
        return self.khr if self.payment.currency == "KHR" else self.usd

    @property
    def currencies(self) -> list[tuple[str, str]]:
        """What the payer may choose between: code of the currency and amount; nothing once it is too late."""
        choose = self.payment.provider == "khqr" and self.state == "open"
        return [("USD", self.usd), ("KHR", self.khr)] if choose else []

    @property
    def receiver(self) -> str:
        """The name that the payer's bank shows."""
        return str(khqr_payment.receiver().get("name") or "")

    @property
    def picture(self) -> str:
        """The code as an SVG in a data address."""
        return str(segno.make(self.payment.raw["text"], error="m", micro=False).svg_data_uri(border=2))

    def png(self) -> bytes:
        """The code as a PNG that bank apps read from the phone's gallery."""
        out = io.BytesIO()
        segno.make(self.payment.raw["text"], error="m", micro=False).save(out, "png", scale=12, border=4)
        return out.getvalue()


def dues(number: str, token: str | None) -> Dues:
    """The order's paid payment, else the one chosen last. One statement. Raises NotFound, also for a wrong token."""
    found = row(FIND, {"number": number})
    if found is None or not security.verify(token, PURPOSE, found.order_number, found.access_version):
        raise NotFound(_l("We could not find that order."))
    return Dues(found, str(token))


def held() -> list[Row[Any]]:
    """Money that came and does not fit, until staff have dealt with it."""
    return list(rows(HELD))


def slips() -> list[Row[Any]]:
    """Slips that wait for staff."""
    return list(rows(SLIPS))


def facts(paying: Row[Any]) -> dict[str, str]:
    """What a payment of this code would tell the bank."""
    asked = paying.amount_khr if paying.currency == "KHR" else paying.amount
    return {
        "md5": str(paying.md5),
        "toAccountId": str(paying.raw["account"]),
        "currency": str(paying.currency),
        "amount": str(asked),
    }

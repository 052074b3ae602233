"""Orders that wait for money, and a bank for them."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text

from app.checkout import placing
from app.checkout.patience import patiently
from app.core import security
from app.core.db import db
from app.demo.fake_bakong import FakeBakong
from app.orders import queries
from tests import trade

FIND = text(
    "SELECT p.*, o.status AS order_status, o.order_number, o.payment_status, o.total FROM payments p"
    " JOIN orders o ON o.id = p.order_id WHERE o.order_number = :number"
)
AGE = text("UPDATE payments SET expires_at = now() - interval '10 minutes' WHERE id = :id")


def ordered(method: str = "khqr", code: str | None = None) -> tuple[Row[Any], int]:
    """(payment, product) of a new order over $14.00 ($12.75 with a code for a tenth), committed."""
    cream = trade.product(5)
    token = trade.cart({cream: 1})
    using = text("UPDATE carts SET coupon_code = :code WHERE guest_token_hash = :token")
    db.session.execute(using, {"code": code, "token": security.digest(token)})
    details = trade.details("12.75" if code else "14.00", payment_method=method)
    number = patiently(lambda: placing.place(trade.buyer(token), details)).number
    return payment(number), cream


def payment(number: str) -> Row[Any]:
    """The payment and the state of its order, as PostgreSQL has them now."""
    found = db.session.execute(FIND, {"number": number}).one()
    db.session.commit()
    return found


def paid(bank: FakeBakong, paying: Row[Any], **changes: Any) -> str:
    """Let the bank book what the code asks for; the hash."""
    facts = {"toAccountId": paying.raw["account"], "currency": "USD", "amount": float(Decimal(paying.amount))}
    return bank.pay(paying.md5, **{**facts, **changes})


def let_time_pass(paying: Row[Any]) -> None:
    """The payment's time is over, and the grace after it too."""
    db.session.execute(AGE, {"id": paying.id})
    db.session.commit()


def kinds(paying: Row[Any]) -> list[str]:
    """What happened to a payment."""
    told = text("SELECT kind FROM payment_events WHERE payment_id = :id ORDER BY id")
    return list(db.session.execute(told, {"id": paying.id}).scalars())


def address(number: str, act: str = "", lang: str = "en") -> str:
    return f"/{lang}/orders/{number}/payment{act}?token={queries.signature(number, 1)}"

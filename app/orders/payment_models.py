"""The money rows of an order: payments, what happened to them, transfer slips, refunds."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Money, Sum, check, one_of, refers
from app.core.db import Base, Created, Keyed, Updated


class Payment(Keyed, Updated, Base):
    """One way of paying that was begun; `rate` is riel a dollar, `amount_khr` what a riel code asks for."""

    __tablename__ = "payments"
    __table_args__ = (
        check("amount_not_negative", "amount >= 0"),
        one_of("status", "pending", "paid", "expired", "failed", "cancelled"),
        Index("ix_payments_md5", "md5"),
        Index("ix_payments_pending", "expires_at", postgresql_where="status = 'pending'"),
    )

    order_id: Mapped[int] = refers("orders.id", ondelete="CASCADE")
    method: Mapped[str] = mapped_column(String(30))
    provider: Mapped[str] = mapped_column(String(30))
    provider_ref: Mapped[str | None] = mapped_column(String(200), unique=True)
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3), server_default="USD")
    rate: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    amount_khr: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(20), server_default="pending")
    md5: Mapped[str | None] = mapped_column(String(32))
    tx_hash: Mapped[str | None] = mapped_column(String(128), unique=True)
    raw: Mapped[dict[str, Any] | None]
    evidence: Mapped[dict[str, Any] | None]
    expires_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]


class PaymentEvent(Keyed, Created, Base):
    """One answer, callback or staff act about a payment; a key, where there is one, counts once."""

    __tablename__ = "payment_events"
    __table_args__ = (Index("ix_payment_events_payment_id", "payment_id", "created_at"),)

    payment_id: Mapped[int] = refers("payments.id", ondelete="CASCADE", index=False)
    kind: Mapped[str] = mapped_column(String(50))
    event_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    actor_id: Mapped[int | None] = refers("users.id", ondelete="SET NULL")
    data: Mapped[dict[str, Any]] = mapped_column(server_default="{}")


class Refund(Keyed, Created, Base):
    """Money given back, written before the provider is asked; `shipping_amount` of it was delivery."""

    __tablename__ = "refunds"
    __table_args__ = (
        check("amount_positive", "amount > 0"),
        check("shipping_within_amount", "shipping_amount BETWEEN 0 AND amount"),
        one_of("status", "pending", "done", "failed"),
    )

    payment_id: Mapped[int] = refers("payments.id", ondelete="CASCADE")
    order_id: Mapped[int] = refers("orders.id", ondelete="CASCADE")
    amount: Mapped[Money]
    shipping_amount: Mapped[Sum]
    reason: Mapped[str | None]
    actor_id: Mapped[int | None] = refers("users.id", ondelete="SET NULL")
    status: Mapped[str] = mapped_column(String(20), server_default="pending")
    provider_ref: Mapped[str | None] = mapped_column(String(200), unique=True)
    done_at: Mapped[datetime | None]


class BankSlip(Keyed, Created, Base):
    """A photo of a bank transfer that staff look at."""

    __tablename__ = "bank_slips"
    __table_args__ = (
        one_of("status", "waiting", "accepted", "rejected"),
        Index("ix_bank_slips_waiting", "created_at", postgresql_where="status = 'waiting'"),
    )

    payment_id: Mapped[int] = refers("payments.id", ondelete="CASCADE")
    image_url: Mapped[str] = mapped_column(String(500))
    reference: Mapped[str | None] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(20), server_default="waiting")
    reviewed_by: Mapped[int | None] = refers("users.id", ondelete="SET NULL")
    reviewed_at: Mapped[datetime | None]

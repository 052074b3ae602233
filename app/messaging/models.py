"""The outbox: side effects written in the business transaction and delivered by the worker."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Count
from app.core.db import Base, Created, Keyed


class OutboxMessage(Keyed, Created, Base):
    """One mail or message, sent once by its dedupe key; `payload` holds ids and words, never tokens."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "next_attempt_at", postgresql_where="sent_at IS NULL"),)

    kind: Mapped[str] = mapped_column(String(100))
    payload: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    attempts: Mapped[Count]
    next_attempt_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

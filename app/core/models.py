"""What the whole shop stands on: settings, the exchange rate, the staff's audit log, background runs."""

import datetime as dt
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, Numeric, Sequence, String, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Count, check, one_of, refers
from app.core.db import Base, Created, Keyed

catalogue_version_seq = Sequence("catalogue_version_seq", metadata=Base.metadata)


class Setting(Base):
    """One fact that admins edit: shop name, tax rate, thresholds."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class ExchangeRate(Created, Base):
    """Riel a dollar from a Phnom Penh day on; the newest one holds."""

    __tablename__ = "exchange_rates"
    __table_args__ = (check("rate_positive", "khr_per_usd > 0"),)

    date: Mapped[dt.date] = mapped_column(primary_key=True)
    khr_per_usd: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    source: Mapped[str] = mapped_column(String(100), server_default="staff")


class AuditEntry(Keyed, Created, Base):
    """One write by staff, with what it found and what it left; only ever added to."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_entity", "entity", "entity_id"),
        Index("ix_audit_log_created_at", "created_at"),
    )

    actor_id: Mapped[int | None] = refers("users.id", ondelete="SET NULL")
    action: Mapped[str] = mapped_column(String(100))
    entity: Mapped[str] = mapped_column(String(100))
    entity_id: Mapped[str | None] = mapped_column(String(100))
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    ip: Mapped[str | None] = mapped_column(INET)
    request_id: Mapped[str | None] = mapped_column(String(64))


class JobRun(Keyed, Created, Base):
    """One background run: the truth about it, whatever the queue remembers."""

    __tablename__ = "job_runs"
    __table_args__ = (
        UniqueConstraint("kind", "run_key"),
        one_of("state", "queued", "running", "done", "failed", "lost"),
        Index("ix_job_runs_running", "heartbeat_at", postgresql_where="state = 'running'"),
    )

    kind: Mapped[str] = mapped_column(String(100))
    run_key: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20), server_default="queued")
    step: Mapped[str | None] = mapped_column(String(100))
    attempts: Mapped[Count]
    started_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]

"""Discount codes and each of their uses."""

from datetime import date, datetime

from sqlalchemy import Index, Integer, String, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Count, Money, Off, check, refers, seed_check
from app.core.db import Base, Keyed, Updated, enum

COUPON_TYPE = enum("coupon_type", "percentage", "fixed", "free_shipping")
COUPON_STATUS = enum("coupon_status", "active", "inactive", "expired")
VALUE_FITS_TYPE = (
    "(type = 'percentage' AND value >= 0 AND value <= 100)"
    " OR (type IN ('fixed', 'free_shipping') AND value >= 0)"
)


class Coupon(Keyed, Updated, Base):
    """A code, kept trimmed and in capitals; its days are Phnom Penh days, both included."""

    __tablename__ = "coupons"
    __table_args__ = (
        seed_check("valid_coupon_value", VALUE_FITS_TYPE),
        seed_check("valid_coupon_dates", "start_date IS NULL OR end_date IS NULL OR start_date <= end_date"),
        check("code_folded", "code = upper(btrim(code))"),
        check("used_not_negative", "used_count >= 0"),
        Index("idx_coupons_code", "code", unique=True),
        Index("idx_coupons_status", "status", postgresql_where="status = 'active'"),
        Index("idx_coupons_dates", "start_date", "end_date"),
    )

    code: Mapped[str] = mapped_column(String(50))
    name_en: Mapped[str] = mapped_column(String(255))
    name_kh: Mapped[str | None] = mapped_column(String(255))
    description_en: Mapped[str | None]
    description_kh: Mapped[str | None]
    type: Mapped[str] = mapped_column(COUPON_TYPE)
    value: Mapped[Money]
    max_discount: Mapped[Money | None]
    usage_limit: Mapped[int | None]
    used_count: Mapped[Count]
    usage_limit_per_user: Mapped[int | None] = mapped_column(server_default="1")
    min_order_value: Mapped[Money | None]
    applicable_products: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    applicable_categories: Mapped[list[str] | None]
    status: Mapped[str] = mapped_column(COUPON_STATUS, server_default="active")
    is_first_time_only: Mapped[Off]
    start_date: Mapped[date | None]
    end_date: Mapped[date | None]


class CouponUsage(Keyed, Base):
    """One use by an order; `released_at` when the order gave it back. Guests count by e-mail and phone."""

    __tablename__ = "coupon_usage"
    __table_args__ = (
        Index("ix_coupon_usage_coupon_id", "coupon_id", "user_id"),
        Index("ix_coupon_usage_email", "coupon_id", "email"),
        Index("ix_coupon_usage_phone", "coupon_id", "phone"),
    )

    coupon_id: Mapped[int] = refers("coupons.id", ondelete="CASCADE", index=False)
    user_id: Mapped[int | None] = refers("users.id", ondelete="SET NULL")
    order_id: Mapped[int | None] = refers("orders.id", ondelete="SET NULL", index=False, unique=True)
    email: Mapped[str | None] = mapped_column(String(255))
    phone: Mapped[str | None] = mapped_column(String(20))
    discount_amount: Mapped[Money]
    used_at: Mapped[datetime] = mapped_column(server_default=func.now())
    released_at: Mapped[datetime | None]

"""Cambodia's provinces, districts and communes, and what delivery to them costs."""

from sqlalchemy import SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Count, Money, On, Sum, Words, check, refers
from app.core.db import Base, Keyed


class Province(Base):
    """A province or the capital, by its official two-digit code."""

    __tablename__ = "provinces"

    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    name_en: Mapped[str] = mapped_column(String(100))
    name_kh: Mapped[str] = mapped_column(String(100))


class District(Base):
    """A district, municipality or khan."""

    __tablename__ = "districts"

    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    province_code: Mapped[str] = refers("provinces.code", ondelete="CASCADE")
    name_en: Mapped[str] = mapped_column(String(100))
    name_kh: Mapped[str] = mapped_column(String(100))


class Commune(Base):
    """A commune or sangkat."""

    __tablename__ = "communes"

    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    district_code: Mapped[str] = refers("districts.code", ondelete="CASCADE")
    name_en: Mapped[str] = mapped_column(String(100))
    name_kh: Mapped[str] = mapped_column(String(100))


class ShippingZone(Keyed, Base):
    """Provinces (by code) that cost the same to reach."""

    __tablename__ = "shipping_zones"

    name_en: Mapped[str] = mapped_column(String(100), unique=True)
    name_kh: Mapped[str | None] = mapped_column(String(100))
    provinces: Mapped[Words]
    cod_allowed: Mapped[On]
    sort_order: Mapped[Count]


class ShippingRate(Keyed, Base):
    """A way to deliver within a zone; price in dollars, free from `free_over` on, days from dispatch."""

    __tablename__ = "shipping_rates"
    __table_args__ = (
        UniqueConstraint("zone_id", "method"),
        check("price_not_negative", "price >= 0"),
        check("eta", "0 <= eta_days_min AND eta_days_min <= eta_days_max"),
    )

    zone_id: Mapped[int] = refers("shipping_zones.id", ondelete="CASCADE", index=False)
    method: Mapped[str] = mapped_column(String(30))
    name_en: Mapped[str] = mapped_column(String(100))
    name_kh: Mapped[str | None] = mapped_column(String(100))
    price: Mapped[Sum]
    free_over: Mapped[Money | None]
    eta_days_min: Mapped[int] = mapped_column(SmallInteger, server_default="1")
    eta_days_max: Mapped[int] = mapped_column(SmallInteger, server_default="3")
    is_active: Mapped[On]
    sort_order: Mapped[Count]

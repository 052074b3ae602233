"""Wishlists of people and guests, the links that show them, back in stock requests, recently viewed products."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import Index, Numeric, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import LANGUAGE, check, refers
from app.core.db import Base, Created, Keyed


class WishlistItem(Keyed, Created, Base):
    """A product that somebody wants later, with its price then: a user, or a guest by the digest of the cookie."""

    __tablename__ = "wishlists"
    __table_args__ = (
        check("one_owner", "num_nonnulls(user_id, guest_token_hash) = 1"),
        UniqueConstraint("user_id", "product_id"),
        UniqueConstraint("guest_token_hash", "product_id"),
        Index("idx_wishlists_user_id", "user_id"),
        Index("idx_wishlists_product_id", "product_id"),
    )

    user_id: Mapped[int | None] = refers("users.id", ondelete="CASCADE", index=False)
    guest_token_hash: Mapped[str | None] = mapped_column(String(64))
    product_id: Mapped[int] = refers("products.id", ondelete="CASCADE", index=False)
    price_seen: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))


class WishlistLink(Keyed, Created, Base):
    """The random address under which an owner shows the list to others; without it nobody else sees the list."""

    __tablename__ = "wishlist_links"
    __table_args__ = (check("one_owner", "num_nonnulls(user_id, guest_token_hash) = 1"),)

    user_id: Mapped[int | None] = refers("users.id", ondelete="CASCADE", index=False, unique=True)
    guest_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)


class StockAlert(Keyed, Created, Base):
    """Somebody asked to hear, once, that a product is back."""

    __tablename__ = "stock_alerts"
    __table_args__ = (
        check("reachable", "num_nonnulls(user_id, email, phone) >= 1"),
        Index(
            "uq_stock_alerts_waiting",
            "product_id",
            "user_id",
            "email",
            "phone",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where="notified_at IS NULL",
        ),
        Index("ix_stock_alerts_product_id", "product_id"),
    )

    product_id: Mapped[int] = refers("products.id", ondelete="CASCADE", index=False)
    user_id: Mapped[int | None] = refers("users.id", ondelete="CASCADE")
    email: Mapped[str | None] = mapped_column(String(255))
    phone: Mapped[str | None] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(LANGUAGE, server_default="en")
    notified_at: Mapped[datetime | None]


class RecentlyViewed(Base):
    """The last time a user looked at a product."""

    __tablename__ = "recently_viewed"
    __table_args__ = (Index("ix_recently_viewed_newest", "user_id", "viewed_at"),)

    user_id: Mapped[int] = refers("users.id", ondelete="CASCADE", index=False, primary_key=True)
    product_id: Mapped[int] = refers("products.id", ondelete="CASCADE", primary_key=True)
    viewed_at: Mapped[datetime] = mapped_column(server_default=func.now())

"""Carts and their lines: PostgreSQL is the truth about them."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Money, Version, check, refers
from app.core.db import Base, Keyed, Updated


class Cart(Keyed, Updated, Base):
    """A cart of one user, or of one guest by the digest of the cookie; every change raises `version`."""

    __tablename__ = "carts"
    __table_args__ = (
        check("one_owner", "num_nonnulls(user_id, guest_token_hash) = 1"),
        Index("ix_carts_expires_at", "expires_at"),
    )

    user_id: Mapped[int | None] = refers("users.id", ondelete="CASCADE", index=False, unique=True)
    guest_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    coupon_code: Mapped[str | None] = mapped_column(String(50))
    version: Mapped[Version]
    expires_at: Mapped[datetime]


class CartLine(Keyed, Updated, Base):
    """A product in a cart, with the price that the shopper saw when it was added."""

    __tablename__ = "shopping_cart"
    __table_args__ = (
        check("quantity_positive", "quantity > 0"),
        UniqueConstraint("cart_id", "product_id"),
        UniqueConstraint("user_id", "product_id"),
        Index("idx_shopping_cart_user_id", "user_id"),
        Index("idx_shopping_cart_product_id", "product_id"),
    )

    cart_id: Mapped[int] = refers("carts.id", ondelete="CASCADE", index=False)
    user_id: Mapped[int | None] = refers("users.id", ondelete="CASCADE", index=False)
    product_id: Mapped[int] = refers("products.id", ondelete="CASCADE", index=False)
    quantity: Mapped[int] = mapped_column(server_default="1")
    unit_price_seen: Mapped[Money]

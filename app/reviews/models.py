"""Reviews, the votes that call them helpful, and their photos."""

from datetime import datetime

from sqlalchemy import Index, SmallInteger, String, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import LANGUAGE, SKIN_TYPE, Count, Off, check, refers
from app.core.db import Base, Created, Keyed, Updated, enum

REVIEW_STATUS = enum("review_status", "pending", "approved", "rejected")


class Review(Keyed, Updated, Base):
    """One person's word on one product; `skin_type` is the author's at the time."""

    __tablename__ = "reviews"
    __table_args__ = (
        check("rating", "rating >= 1 AND rating <= 5"),
        UniqueConstraint("user_id", "product_id"),
        Index("idx_reviews_product_id", "product_id"),
        Index("idx_reviews_user_id", "user_id"),
        Index("idx_reviews_status", "status", postgresql_where="status = 'approved'"),
        Index("idx_reviews_rating", "rating"),
        Index(
            "ix_reviews_approved_newest",
            "product_id",
            "published_at",
            "id",
            postgresql_where="status = 'approved'",
        ),
        Index("ix_reviews_waiting", "created_at", postgresql_where="status = 'pending'"),
    )

    product_id: Mapped[int] = refers("products.id", ondelete="CASCADE", index=False)
    user_id: Mapped[int | None] = refers("users.id", ondelete="SET NULL", index=False)
    rating: Mapped[int]
    title: Mapped[str | None] = mapped_column(String(255))
    comment: Mapped[str | None]
    customer_name: Mapped[str | None] = mapped_column(String(255))
    customer_email: Mapped[str | None] = mapped_column(String(255))
    language: Mapped[str] = mapped_column(LANGUAGE, server_default="en")
    skin_type: Mapped[str | None] = mapped_column(SKIN_TYPE)
    status: Mapped[str] = mapped_column(REVIEW_STATUS, server_default="pending")
    is_verified_purchase: Mapped[Off]
    helpful_count: Mapped[Count]
    staff_reply: Mapped[str | None]
    published_at: Mapped[datetime | None]


class ReviewVote(Base):
    """A signed-in person found a review helpful, once."""

    __tablename__ = "review_votes"

    review_id: Mapped[int] = refers("reviews.id", ondelete="CASCADE", index=False, primary_key=True)
    user_id: Mapped[int] = refers("users.id", ondelete="CASCADE", primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ReviewPhoto(Keyed, Created, Base):
    """A photo within a review."""

    __tablename__ = "review_photos"
    __table_args__ = (Index("ix_review_photos_review_id", "review_id", "sort_order"),)

    review_id: Mapped[int] = refers("reviews.id", ondelete="CASCADE", index=False)
    image_url: Mapped[str] = mapped_column(String(500))
    sort_order: Mapped[int] = mapped_column(SmallInteger, server_default="0")

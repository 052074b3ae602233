"""The stock ledger: every change of products.stock and products.allocated."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import Count, check, refers
from app.core.db import Base, Created, Keyed, enum

STOCK_MOVEMENT_KIND = enum(
    "stock_movement_kind", "received", "allocated", "released", "shipped", "returned", "adjusted"
)


class StockMovement(Keyed, Created, Base):
    """One move of units, only ever added to; a product's figures are the sums of its movements."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        check("adjusted_has_reason", "kind <> 'adjusted' OR length(btrim(coalesce(reason, ''))) > 0"),
        check("moves_something", "stock_delta <> 0 OR allocated_delta <> 0"),
        Index(
            "uq_stock_movements_once",
            "order_item_id",
            "kind",
            "shipment_id",
            "refund_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where="order_item_id IS NOT NULL",
        ),
        Index("ix_stock_movements_product_id", "product_id", "created_at"),
    )

    product_id: Mapped[int] = refers("products.id", index=False)
    kind: Mapped[str] = mapped_column(STOCK_MOVEMENT_KIND)
    stock_delta: Mapped[Count]
    allocated_delta: Mapped[Count]
    order_item_id: Mapped[int | None] = refers("order_items.id", index=False)
    shipment_id: Mapped[int | None] = refers("shipments.id")
    refund_id: Mapped[int | None] = refers("refunds.id")
    actor_id: Mapped[int | None] = refers("users.id", ondelete="SET NULL")
    reason: Mapped[str | None]

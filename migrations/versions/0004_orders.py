"""Orders, their lines and timeline, and their parcels."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ENUM, JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NOW = sa.func.now()
MONEY = sa.Numeric(10, 2)
FULFILLMENT_STATUS = ENUM(name="fulfillment_status", create_type=False)
ORDER_STATUS = ENUM(name="order_status", create_type=False)
PAYMENT_STATUS = ENUM(name="payment_status", create_type=False)
USER_LANGUAGE = ENUM(name="user_language", create_type=False)


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("order_number", sa.String(50), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("customer_name", sa.String(255)),
        sa.Column("customer_email", sa.String(255)),
        sa.Column("customer_phone", sa.String(20)),
        sa.Column("language", USER_LANGUAGE, server_default="en", nullable=False),
        sa.Column("subtotal", MONEY, nullable=False),
        sa.Column("tax_amount", MONEY, server_default="0", nullable=False),
        sa.Column("tax_included", MONEY, server_default="0", nullable=False),
        sa.Column("shipping_amount", MONEY, server_default="0", nullable=False),
        sa.Column("discount_amount", MONEY, server_default="0", nullable=False),
        sa.Column("total", MONEY, nullable=False),
        sa.Column("currency", sa.String(3), server_default="USD", nullable=False),
        sa.Column("exchange_rate", MONEY, nullable=False),
        sa.Column("status", ORDER_STATUS, server_default="pending", nullable=False),
        sa.Column("payment_status", PAYMENT_STATUS, server_default="pending", nullable=False),
        sa.Column("fulfillment_status", FULFILLMENT_STATUS, server_default="unfulfilled", nullable=False),
        sa.Column("payment_method", sa.String(30), nullable=False),
        sa.Column("shipping_method", sa.String(30), nullable=False),
        sa.Column("coupon_id", sa.Integer()),
        sa.Column("coupon_code", sa.String(50)),
        sa.Column("shipping_address", JSONB()),
        sa.Column("billing_address", JSONB()),
        sa.Column("notes", sa.Text()),
        sa.Column("tracking_number", sa.String(100)),
        sa.Column("access_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("idempotency_key", sa.String(64)),
        sa.Column("request_digest", sa.String(64)),
        sa.Column("placed_at", TIME, server_default=NOW, nullable=False),
        sa.Column("paid_at", TIME),
        sa.Column("shipped_at", TIME),
        sa.Column("delivered_at", TIME),
        sa.Column("cancelled_at", TIME),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("exchange_rate > 0", name=op.f("ck_orders_rate_positive")),
        sa.CheckConstraint(
            "num_nonnulls(customer_email, customer_phone) >= 1", name=op.f("ck_orders_reachable")
        ),
        sa.CheckConstraint(
            "subtotal >= 0 AND tax_amount >= 0 AND tax_included >= 0 AND shipping_amount >= 0 AND discount_amount >= 0 AND total >= 0",
            name=op.f("ck_orders_amounts_not_negative"),
        ),
        sa.CheckConstraint(
            "total = subtotal + tax_amount + shipping_amount - discount_amount", name=op.f("valid_total")
        ),
        sa.ForeignKeyConstraint(
            ["coupon_id"], ["coupons.id"], name=op.f("fk_orders_coupon_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_orders_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_orders_idempotency_key")),
    )
    op.create_index("idx_orders_created_at", "orders", ["created_at"])
    op.create_index("idx_orders_order_number", "orders", ["order_number"], unique=True)
    op.create_index("idx_orders_status", "orders", ["status"])
    op.create_index("idx_orders_user_id", "orders", ["user_id"])
    op.create_index(op.f("ix_orders_coupon_id"), "orders", ["coupon_id"])
    op.create_index("ix_orders_customer_email", "orders", [sa.text("lower(customer_email)")])
    op.create_index("ix_orders_customer_phone", "orders", ["customer_phone"])
    op.create_index("ix_orders_placed_at", "orders", ["placed_at"])
    op.create_index("ix_orders_user_placed", "orders", ["user_id", "placed_at", "id"])
    op.create_table(
        "order_items",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("product_name", sa.String(255), nullable=False),
        sa.Column("product_name_kh", sa.String(255)),
        sa.Column("product_sku", sa.String(100)),
        sa.Column("product_image_url", sa.String(500)),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price", MONEY, nullable=False),
        sa.Column("total_price", MONEY, nullable=False),
        sa.Column("discount_amount", MONEY, server_default="0", nullable=False),
        sa.Column("tax_amount", MONEY, server_default="0", nullable=False),
        sa.Column("tax_included", MONEY, server_default="0", nullable=False),
        sa.Column("fulfilled_quantity", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refunded_quantity", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "discount_amount BETWEEN 0 AND total_price", name=op.f("ck_order_items_discount_within_line")
        ),
        sa.CheckConstraint(
            "fulfilled_quantity BETWEEN 0 AND quantity", name=op.f("ck_order_items_fulfilled_within_quantity")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_items_quantity_positive")),
        sa.CheckConstraint(
            "refunded_quantity BETWEEN 0 AND quantity", name=op.f("ck_order_items_refunded_within_quantity")
        ),
        sa.CheckConstraint(
            "total_price = unit_price * quantity", name=op.f("ck_order_items_valid_line_total")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_items_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_order_items_product_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_items")),
    )
    op.create_index("idx_order_items_order_id", "order_items", ["order_id"])
    op.create_index("idx_order_items_product_id", "order_items", ["product_id"])
    op.create_index("idx_order_items_user_product", "order_items", ["order_id", "product_id"])
    op.create_table(
        "order_events",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("from_status", ORDER_STATUS),
        sa.Column("to_status", ORDER_STATUS),
        sa.Column("actor_id", sa.Integer()),
        sa.Column("data", JSONB(), server_default="{}", nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_order_events_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_events_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_events")),
    )
    op.create_index(op.f("ix_order_events_actor_id"), "order_events", ["actor_id"])
    op.create_index("ix_order_events_order_id", "order_events", ["order_id", "created_at"])
    op.create_table(
        "shipments",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(100)),
        sa.Column("tracking_number", sa.String(100)),
        sa.Column("status", sa.String(20), server_default="prepared", nullable=False),
        sa.Column("shipped_at", TIME),
        sa.Column("delivered_at", TIME),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "status IN ('prepared', 'shipped', 'delivered', 'returned', 'lost')",
            name=op.f("ck_shipments_status"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_shipments_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipments")),
    )
    op.create_index(op.f("ix_shipments_order_id"), "shipments", ["order_id"])
    op.create_table(
        "shipment_items",
        sa.Column("shipment_id", sa.Integer(), nullable=False),
        sa.Column("order_item_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_shipment_items_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["order_item_id"],
            ["order_items.id"],
            name=op.f("fk_shipment_items_order_item_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipments.id"], name=op.f("fk_shipment_items_shipment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("shipment_id", "order_item_id", name=op.f("pk_shipment_items")),
    )
    op.create_index(op.f("ix_shipment_items_order_item_id"), "shipment_items", ["order_item_id"])


def downgrade() -> None:
    op.drop_table("shipment_items")
    op.drop_table("shipments")
    op.drop_table("order_events")
    op.drop_table("order_items")
    op.drop_table("orders")

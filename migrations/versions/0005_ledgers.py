"""The ledgers of orders: payments, refunds, returns, coupon uses and stock movements."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ENUM, JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NOW = sa.func.now()
MONEY = sa.Numeric(10, 2)
STOCK_MOVEMENT_KIND = ENUM(name="stock_movement_kind", create_type=False)


def upgrade() -> None:
    op.create_table(
        "payments",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(30), nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("provider_ref", sa.String(200)),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("currency", sa.String(3), server_default="USD", nullable=False),
        sa.Column("rate", MONEY),
        sa.Column("amount_khr", sa.Integer()),
        sa.Column("status", sa.String(20), server_default="pending", nullable=False),
        sa.Column("md5", sa.String(32)),
        sa.Column("tx_hash", sa.String(128)),
        sa.Column("raw", JSONB()),
        sa.Column("evidence", JSONB()),
        sa.Column("expires_at", TIME),
        sa.Column("paid_at", TIME),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'paid', 'expired', 'failed', 'cancelled')", name=op.f("ck_payments_status")
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_payments_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_payments_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("provider_ref", name=op.f("uq_payments_provider_ref")),
        sa.UniqueConstraint("tx_hash", name=op.f("uq_payments_tx_hash")),
    )
    op.create_index("ix_payments_md5", "payments", ["md5"])
    op.create_index(op.f("ix_payments_order_id"), "payments", ["order_id"])
    op.create_index("ix_payments_pending", "payments", ["expires_at"], postgresql_where="status = 'pending'")
    op.create_table(
        "payment_events",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(50), nullable=False),
        sa.Column("event_key", sa.String(200)),
        sa.Column("actor_id", sa.Integer()),
        sa.Column("data", JSONB(), server_default="{}", nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_payment_events_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_payment_events_payment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_events")),
        sa.UniqueConstraint("event_key", name=op.f("uq_payment_events_event_key")),
    )
    op.create_index(op.f("ix_payment_events_actor_id"), "payment_events", ["actor_id"])
    op.create_index("ix_payment_events_payment_id", "payment_events", ["payment_id", "created_at"])
    op.create_table(
        "refunds",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("amount", MONEY, nullable=False),
        sa.Column("shipping_amount", MONEY, server_default="0", nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("actor_id", sa.Integer()),
        sa.Column("status", sa.String(20), server_default="pending", nullable=False),
        sa.Column("provider_ref", sa.String(200)),
        sa.Column("done_at", TIME),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("status IN ('pending', 'done', 'failed')", name=op.f("ck_refunds_status")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount_positive")),
        sa.CheckConstraint(
            "shipping_amount BETWEEN 0 AND amount", name=op.f("ck_refunds_shipping_within_amount")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_refunds_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("provider_ref", name=op.f("uq_refunds_provider_ref")),
    )
    op.create_index(op.f("ix_refunds_actor_id"), "refunds", ["actor_id"])
    op.create_index(op.f("ix_refunds_order_id"), "refunds", ["order_id"])
    op.create_index(op.f("ix_refunds_payment_id"), "refunds", ["payment_id"])
    op.create_table(
        "bank_slips",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=False),
        sa.Column("image_url", sa.String(500), nullable=False),
        sa.Column("reference", sa.String(100)),
        sa.Column("status", sa.String(20), server_default="waiting", nullable=False),
        sa.Column("reviewed_by", sa.Integer()),
        sa.Column("reviewed_at", TIME),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'accepted', 'rejected')", name=op.f("ck_bank_slips_status")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_bank_slips_payment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reviewed_by"], ["users.id"], name=op.f("fk_bank_slips_reviewed_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_slips")),
    )
    op.create_index(op.f("ix_bank_slips_payment_id"), "bank_slips", ["payment_id"])
    op.create_index(op.f("ix_bank_slips_reviewed_by"), "bank_slips", ["reviewed_by"])
    op.create_index(
        "ix_bank_slips_waiting", "bank_slips", ["created_at"], postgresql_where="status = 'waiting'"
    )
    op.create_table(
        "return_requests",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("items", JSONB(), server_default="[]", nullable=False),
        sa.Column("status", sa.String(20), server_default="requested", nullable=False),
        sa.Column("decision", sa.Text()),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("decided_at", TIME),
        sa.Column("refund_id", sa.Integer()),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "status IN ('requested', 'approved', 'rejected', 'received', 'closed')",
            name=op.f("ck_return_requests_status"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_return_requests_decided_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_return_requests_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"], ["refunds.id"], name=op.f("fk_return_requests_refund_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_return_requests_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_requests")),
    )
    op.create_index(op.f("ix_return_requests_decided_by"), "return_requests", ["decided_by"])
    op.create_index(op.f("ix_return_requests_order_id"), "return_requests", ["order_id"])
    op.create_index(op.f("ix_return_requests_refund_id"), "return_requests", ["refund_id"])
    op.create_index(op.f("ix_return_requests_user_id"), "return_requests", ["user_id"])
    op.create_index(
        "ix_return_requests_waiting",
        "return_requests",
        ["created_at"],
        postgresql_where="status = 'requested'",
    )
    op.create_table(
        "return_photos",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("return_request_id", sa.Integer(), nullable=False),
        sa.Column("image_url", sa.String(500), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["return_request_id"],
            ["return_requests.id"],
            name=op.f("fk_return_photos_return_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_photos")),
    )
    op.create_index(op.f("ix_return_photos_return_request_id"), "return_photos", ["return_request_id"])
    op.create_table(
        "coupon_usage",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("coupon_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("order_id", sa.Integer()),
        sa.Column("email", sa.String(255)),
        sa.Column("phone", sa.String(20)),
        sa.Column("discount_amount", MONEY, nullable=False),
        sa.Column("used_at", TIME, server_default=NOW, nullable=False),
        sa.Column("released_at", TIME),
        sa.ForeignKeyConstraint(
            ["coupon_id"], ["coupons.id"], name=op.f("fk_coupon_usage_coupon_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_coupon_usage_order_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_coupon_usage_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_usage")),
        sa.UniqueConstraint("order_id", name=op.f("uq_coupon_usage_order_id")),
    )
    op.create_index("ix_coupon_usage_coupon_id", "coupon_usage", ["coupon_id", "user_id"])
    op.create_index("ix_coupon_usage_email", "coupon_usage", ["coupon_id", "email"])
    op.create_index("ix_coupon_usage_phone", "coupon_usage", ["coupon_id", "phone"])
    op.create_index(op.f("ix_coupon_usage_user_id"), "coupon_usage", ["user_id"])
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("kind", STOCK_MOVEMENT_KIND, nullable=False),
        sa.Column("stock_delta", sa.Integer(), server_default="0", nullable=False),
        sa.Column("allocated_delta", sa.Integer(), server_default="0", nullable=False),
        sa.Column("order_item_id", sa.Integer()),
        sa.Column("shipment_id", sa.Integer()),
        sa.Column("refund_id", sa.Integer()),
        sa.Column("actor_id", sa.Integer()),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "kind <> 'adjusted' OR length(btrim(coalesce(reason, ''))) > 0",
            name=op.f("ck_stock_movements_adjusted_has_reason"),
        ),
        sa.CheckConstraint(
            "stock_delta <> 0 OR allocated_delta <> 0", name=op.f("ck_stock_movements_moves_something")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_stock_movements_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_item_id"], ["order_items.id"], name=op.f("fk_stock_movements_order_item_id")
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_stock_movements_product_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_stock_movements_refund_id")),
        sa.ForeignKeyConstraint(
            ["shipment_id"], ["shipments.id"], name=op.f("fk_stock_movements_shipment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
    )
    op.create_index(op.f("ix_stock_movements_actor_id"), "stock_movements", ["actor_id"])
    op.create_index("ix_stock_movements_product_id", "stock_movements", ["product_id", "created_at"])
    op.create_index(op.f("ix_stock_movements_refund_id"), "stock_movements", ["refund_id"])
    op.create_index(op.f("ix_stock_movements_shipment_id"), "stock_movements", ["shipment_id"])
    op.create_index(
        "uq_stock_movements_once",
        "stock_movements",
        ["order_item_id", "kind", "shipment_id", "refund_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where="order_item_id IS NOT NULL",
    )


def downgrade() -> None:
    op.drop_table("stock_movements")
    op.drop_table("coupon_usage")
    op.drop_table("return_photos")
    op.drop_table("return_requests")
    op.drop_table("bank_slips")
    op.drop_table("refunds")
    op.drop_table("payment_events")
    op.drop_table("payments")

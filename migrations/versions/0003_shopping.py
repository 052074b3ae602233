"""What happens before an order: delivery rates, coupons, reviews, wishlists, carts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, ENUM

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NOW = sa.func.now()
MONEY = sa.Numeric(10, 2)
COUPON_STATUS = ENUM(name="coupon_status", create_type=False)
COUPON_TYPE = ENUM(name="coupon_type", create_type=False)
REVIEW_STATUS = ENUM(name="review_status", create_type=False)
SKIN_TYPE = ENUM(name="skin_type", create_type=False)
USER_LANGUAGE = ENUM(name="user_language", create_type=False)


def upgrade() -> None:
    op.create_table(
        "shipping_zones",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.Column("name_kh", sa.String(100)),
        sa.Column("provinces", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("cod_allowed", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_zones")),
        sa.UniqueConstraint("name_en", name=op.f("uq_shipping_zones_name_en")),
    )
    op.create_table(
        "shipping_rates",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(30), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.Column("name_kh", sa.String(100)),
        sa.Column("price", MONEY, server_default="0", nullable=False),
        sa.Column("free_over", MONEY),
        sa.Column("eta_days_min", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("eta_days_max", sa.SmallInteger(), server_default="3", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "0 <= eta_days_min AND eta_days_min <= eta_days_max", name=op.f("ck_shipping_rates_eta")
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_shipping_rates_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["zone_id"], ["shipping_zones.id"], name=op.f("fk_shipping_rates_zone_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shipping_rates")),
        sa.UniqueConstraint("zone_id", "method", name=op.f("uq_shipping_rates_zone_id_method")),
    )
    op.create_table(
        "coupons",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("code", sa.String(50), nullable=False),
        sa.Column("name_en", sa.String(255), nullable=False),
        sa.Column("name_kh", sa.String(255)),
        sa.Column("description_en", sa.Text()),
        sa.Column("description_kh", sa.Text()),
        sa.Column("type", COUPON_TYPE, nullable=False),
        sa.Column("value", MONEY, nullable=False),
        sa.Column("max_discount", MONEY),
        sa.Column("usage_limit", sa.Integer()),
        sa.Column("used_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("usage_limit_per_user", sa.Integer(), server_default="1"),
        sa.Column("min_order_value", MONEY),
        sa.Column("applicable_products", ARRAY(sa.Integer())),
        sa.Column("applicable_categories", ARRAY(sa.Text())),
        sa.Column("status", COUPON_STATUS, server_default="active", nullable=False),
        sa.Column("is_first_time_only", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("start_date", sa.Date()),
        sa.Column("end_date", sa.Date()),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "(type = 'percentage' AND value >= 0 AND value <= 100) OR (type IN ('fixed', 'free_shipping') AND value >= 0)",
            name=op.f("valid_coupon_value"),
        ),
        sa.CheckConstraint("code = upper(btrim(code))", name=op.f("ck_coupons_code_folded")),
        sa.CheckConstraint(
            "start_date IS NULL OR end_date IS NULL OR start_date <= end_date",
            name=op.f("valid_coupon_dates"),
        ),
        sa.CheckConstraint("used_count >= 0", name=op.f("ck_coupons_used_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
    )
    op.create_index("idx_coupons_code", "coupons", ["code"], unique=True)
    op.create_index("idx_coupons_dates", "coupons", ["start_date", "end_date"])
    op.create_index("idx_coupons_status", "coupons", ["status"], postgresql_where="status = 'active'")
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(255)),
        sa.Column("comment", sa.Text()),
        sa.Column("customer_name", sa.String(255)),
        sa.Column("customer_email", sa.String(255)),
        sa.Column("language", USER_LANGUAGE, server_default="en", nullable=False),
        sa.Column("skin_type", SKIN_TYPE),
        sa.Column("status", REVIEW_STATUS, server_default="pending", nullable=False),
        sa.Column("is_verified_purchase", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("helpful_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("staff_reply", sa.Text()),
        sa.Column("published_at", TIME),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("rating >= 1 AND rating <= 5", name=op.f("ck_reviews_rating")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_reviews_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_reviews_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("user_id", "product_id", name=op.f("uq_reviews_user_id_product_id")),
    )
    op.create_index("idx_reviews_product_id", "reviews", ["product_id"])
    op.create_index("idx_reviews_rating", "reviews", ["rating"])
    op.create_index("idx_reviews_status", "reviews", ["status"], postgresql_where="status = 'approved'")
    op.create_index("idx_reviews_user_id", "reviews", ["user_id"])
    op.create_index(
        "ix_reviews_approved_newest",
        "reviews",
        ["product_id", "published_at", "id"],
        postgresql_where="status = 'approved'",
    )
    op.create_index("ix_reviews_waiting", "reviews", ["created_at"], postgresql_where="status = 'pending'")
    op.create_table(
        "review_votes",
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_review_votes_review_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_review_votes_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("review_id", "user_id", name=op.f("pk_review_votes")),
    )
    op.create_index(op.f("ix_review_votes_user_id"), "review_votes", ["user_id"])
    op.create_table(
        "review_photos",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("review_id", sa.Integer(), nullable=False),
        sa.Column("image_url", sa.String(500), nullable=False),
        sa.Column("sort_order", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["review_id"], ["reviews.id"], name=op.f("fk_review_photos_review_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_photos")),
    )
    op.create_index("ix_review_photos_review_id", "review_photos", ["review_id", "sort_order"])
    op.create_table(
        "wishlists",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("guest_token_hash", sa.String(64)),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(user_id, guest_token_hash) = 1", name=op.f("ck_wishlists_one_owner")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_wishlists_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_wishlists_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishlists")),
        sa.UniqueConstraint(
            "guest_token_hash", "product_id", name=op.f("uq_wishlists_guest_token_hash_product_id")
        ),
        sa.UniqueConstraint("user_id", "product_id", name=op.f("uq_wishlists_user_id_product_id")),
    )
    op.create_index("idx_wishlists_product_id", "wishlists", ["product_id"])
    op.create_index("idx_wishlists_user_id", "wishlists", ["user_id"])
    op.create_table(
        "stock_alerts",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("email", sa.String(255)),
        sa.Column("phone", sa.String(20)),
        sa.Column("language", USER_LANGUAGE, server_default="en", nullable=False),
        sa.Column("notified_at", TIME),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(user_id, email, phone) >= 1", name=op.f("ck_stock_alerts_reachable")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_stock_alerts_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_stock_alerts_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_alerts")),
    )
    op.create_index("ix_stock_alerts_product_id", "stock_alerts", ["product_id"])
    op.create_index(op.f("ix_stock_alerts_user_id"), "stock_alerts", ["user_id"])
    op.create_index(
        "uq_stock_alerts_waiting",
        "stock_alerts",
        ["product_id", "user_id", "email", "phone"],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where="notified_at IS NULL",
    )
    op.create_table(
        "recently_viewed",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("viewed_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_recently_viewed_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_recently_viewed_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "product_id", name=op.f("pk_recently_viewed")),
    )
    op.create_index("ix_recently_viewed_newest", "recently_viewed", ["user_id", "viewed_at"])
    op.create_index(op.f("ix_recently_viewed_product_id"), "recently_viewed", ["product_id"])
    op.create_table(
        "carts",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("guest_token_hash", sa.String(64)),
        sa.Column("coupon_code", sa.String(50)),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("num_nonnulls(user_id, guest_token_hash) = 1", name=op.f("ck_carts_one_owner")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_carts_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carts")),
        sa.UniqueConstraint("guest_token_hash", name=op.f("uq_carts_guest_token_hash")),
        sa.UniqueConstraint("user_id", name=op.f("uq_carts_user_id")),
    )
    op.create_index("ix_carts_expires_at", "carts", ["expires_at"])
    op.create_table(
        "shopping_cart",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("cart_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("unit_price_seen", MONEY, nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_shopping_cart_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["cart_id"], ["carts.id"], name=op.f("fk_shopping_cart_cart_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_shopping_cart_product_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_shopping_cart_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shopping_cart")),
        sa.UniqueConstraint("cart_id", "product_id", name=op.f("uq_shopping_cart_cart_id_product_id")),
        sa.UniqueConstraint("user_id", "product_id", name=op.f("uq_shopping_cart_user_id_product_id")),
    )
    op.create_index("idx_shopping_cart_product_id", "shopping_cart", ["product_id"])
    op.create_index("idx_shopping_cart_user_id", "shopping_cart", ["user_id"])


def downgrade() -> None:
    op.drop_table("shopping_cart")
    op.drop_table("carts")
    op.drop_table("recently_viewed")
    op.drop_table("stock_alerts")
    op.drop_table("wishlists")
    op.drop_table("review_photos")
    op.drop_table("review_votes")
    op.drop_table("reviews")
    op.drop_table("coupons")
    op.drop_table("shipping_rates")
    op.drop_table("shipping_zones")

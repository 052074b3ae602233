"""The price at which somebody saved a product, and the links by which wishlists are shown to others."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("wishlists", sa.Column("price_seen", sa.Numeric(10, 2)))
    op.create_table(
        "wishlist_links",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Integer()),
        sa.Column("guest_token_hash", sa.String(64)),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(user_id, guest_token_hash) = 1", name=op.f("ck_wishlist_links_one_owner")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_wishlist_links_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wishlist_links")),
        sa.UniqueConstraint("guest_token_hash", name=op.f("uq_wishlist_links_guest_token_hash")),
        sa.UniqueConstraint("token", name=op.f("uq_wishlist_links_token")),
        sa.UniqueConstraint("user_id", name=op.f("uq_wishlist_links_user_id")),
    )


def downgrade() -> None:
    op.drop_table("wishlist_links")
    op.drop_column("wishlists", "price_seen")

"""Which products search looks through first: an index of the popular ones, and one of the others."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PARTS = {"ix_product_search_tokens_popular": "popular", "ix_product_search_tokens_other": "NOT popular"}


def upgrade() -> None:
    op.add_column(
        "product_search", sa.Column("popular", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    for name, part in PARTS.items():
        op.create_index(
            name, "product_search", ["tokens"], postgresql_using="gin", postgresql_where=sa.text(part)
        )
    op.drop_index("ix_product_search_tokens", table_name="product_search")


def downgrade() -> None:
    op.create_index("ix_product_search_tokens", "product_search", ["tokens"], postgresql_using="gin")
    for name in PARTS:
        op.drop_index(name, table_name="product_search")
    op.drop_column("product_search", "popular")

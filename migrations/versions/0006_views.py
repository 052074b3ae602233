"""The views that learning reads: who bought what, and how products are rated."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

USER_PURCHASE_MATRIX = """
CREATE VIEW user_purchase_matrix AS
SELECT
    u.id AS user_id,
    u.skin_type,
    u.date_of_birth,
    oi.product_id,
    p.category,
    p.skin_type AS product_skin_type,
    p.skin_concerns,
    count(oi.id) AS purchase_count,
    avg(oi.unit_price) AS avg_price,
    max(o.created_at) AS last_purchase_date
FROM users u
JOIN orders o ON u.id = o.user_id
JOIN order_items oi ON o.id = oi.order_id
JOIN products p ON oi.product_id = p.id
WHERE o.status IN ('delivered', 'confirmed', 'processing', 'shipped')
GROUP BY u.id, u.skin_type, u.date_of_birth, oi.product_id, p.category, p.skin_type, p.skin_concerns
"""

PRODUCT_RATING_SUMMARY = """
CREATE VIEW product_rating_summary AS
SELECT
    p.id AS product_id,
    p.category,
    p.skin_type,
    p.skin_concerns,
    p.price,
    count(r.id) AS review_count,
    avg(r.rating) AS avg_rating,
    count(DISTINCT r.user_id) AS unique_reviewers
FROM products p
LEFT JOIN reviews r ON p.id = r.product_id AND r.status = 'approved'
WHERE p.status = 'active'
GROUP BY p.id, p.category, p.skin_type, p.skin_concerns, p.price
"""


def upgrade() -> None:
    op.execute(USER_PURCHASE_MATRIX)
    op.execute(PRODUCT_RATING_SUMMARY)


def downgrade() -> None:
    op.execute("DROP VIEW product_rating_summary")
    op.execute("DROP VIEW user_purchase_matrix")

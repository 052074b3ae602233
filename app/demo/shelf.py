"""What the generator knows of products, prices and coupons, read from the catalogue that was just loaded."""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select, text

from app.catalog.models import Product
from app.checkout.pricing import Discount
from app.core.db import rows
from app.coupons.models import Coupon
from app.demo.buying import ZONE, Goods
from app.demo.selling import Offer, Sold

WITHDRAWN_DAYS = 150
TALK_DAYS = 30
STARS = {
    "niacinamide": 2.4, "sun-fluid": 2.6, "lotus-cleanser": 1.9, "hyaluronic-2-b5": 1.7, "gel-cream": 1.5,
    "salicylic-gel": 1.5, "sun-gel-45": 1.4, "bha-2-liquid": 1.3, "rice-essence": 1.2,
}  # fmt: skip
TALKED_ABOUT = "bakuchiol-1"
IN_CATEGORY = text("""
    SELECT DISTINCT pc.product_id FROM product_categories pc JOIN categories c ON c.id = pc.category_id
    WHERE c.slug = ANY(:slugs)
""")


def goods(draw: Random, until: datetime, ids: Collection[int]) -> list[Goods]:
    """These products as the generator sees them, each with an appeal and a quality of its own."""
    found = rows(select(*Product.__table__.c).where(Product.id.in_(ids)).order_by(Product.id))
    return [
        Goods(
            id=row.id,
            slug=row.slug,
            category=row.category,
            skin=row.skin_type,
            suits=frozenset(row.suits),
            concerns=frozenset(row.skin_concerns),
            price=float(row.price),
            launched=row.created_at.astimezone(ZONE).date(),
            appeal=STARS.get(row.slug, 1.0) * draw.lognormvariate(0, 0.22),
            quality=draw.gauss(0.1, 0.25),
            surges=until.date() - timedelta(days=TALK_DAYS) if row.slug == TALKED_ABOUT else None,
            withdrawn=until.date() - timedelta(days=WITHDRAWN_DAYS) if row.status == "archived" else None,
        )
        for row in found
    ]


def sold() -> dict[int, Sold]:
    """Every product as an order line copies it, by id."""
    return {
        row.id: Sold(row.id, row.name_en, row.name_kh, row.sku, row.image_url, row.price)
        for row in rows(select(*Product.__table__.c))
    }


def offers() -> list[Offer]:
    """The coupons as the till uses them."""
    return [_offer(row) for row in rows(select(*Coupon.__table__.c).order_by(Coupon.id))]


def _offer(row: Any) -> Offer:
    covered: frozenset[int] | None = frozenset(row.applicable_products) if row.applicable_products else None
    if row.applicable_categories:
        covered = frozenset(one.product_id for one in rows(IN_CATEGORY, {"slugs": row.applicable_categories}))
    return Offer(
        id=row.id,
        code=row.code,
        discount=Discount(row.type, row.value, row.max_discount, covered),
        starts=datetime.combine(row.start_date, time.min, ZONE),
        ends=datetime.combine(row.end_date + timedelta(days=1), time.min, ZONE),
        least=row.min_order_value or row.value * 0,
        first_only=row.is_first_time_only,
        per_person=row.usage_limit_per_user or 99,
    )

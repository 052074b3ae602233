"""Approved reviews of a product: the summary with its histogram and one page of the list, in one statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.core import db
from app.core.i18n import lang, locale_to_db

SIZE = 3
PAGE = text(
    """
    WITH approved AS (SELECT * FROM reviews WHERE product_id = :product_id AND status = 'approved'),
    chosen AS (
        SELECT * FROM approved
        WHERE (CAST(:stars AS int) IS NULL OR rating = :stars)
          AND (CAST(:skin AS text) IS NULL OR skin_type::text = :skin)
    )
    SELECT (SELECT json_object_agg(rating, n) FROM (SELECT rating, count(*) AS n FROM approved GROUP BY rating) h)
               AS histogram,
           (SELECT count(*) FROM chosen) AS chosen,
           (SELECT coalesce(json_agg(one), '[]') FROM (
               SELECT id, rating, title, comment, customer_name, language, skin_type, is_verified_purchase,
                      helpful_count, staff_reply, coalesce(published_at, created_at) AS at
               FROM chosen
               ORDER BY language::text = :language DESC, helpful_count DESC,
                   coalesce(published_at, created_at) DESC, id DESC
               LIMIT :size OFFSET :first) one) AS listed
    """
)
QUOTES = text(
    """
    SELECT r.comment, r.customer_name, r.skin_type, r.is_verified_purchase, r.language
    FROM reviews r WHERE r.status = 'approved' AND r.rating = 5 AND r.is_verified_purchase
      AND r.language = CAST(:language AS user_language) AND r.skin_type IS NOT NULL
      AND length(r.comment) BETWEEN 40 AND 150
    ORDER BY r.helpful_count DESC, r.id LIMIT 40
    """
)


@dataclass(frozen=True)
class Reviews:
    """One page of a product's reviews; `histogram` maps stars to counts, `number` counts pages from 1."""

    histogram: dict[int, int]
    chosen: int
    listed: list[dict[str, Any]]
    number: int
    stars: int | None
    skin: str | None

    @property
    def count(self) -> int:
        return sum(self.histogram.values())

    @property
    def average(self) -> float:
        return sum(stars * n for stars, n in self.histogram.items()) / self.count if self.count else 0.0

    @property
    def happy(self) -> int:
        """Per cent of four and five stars."""
        good = self.histogram.get(4, 0) + self.histogram.get(5, 0)
        return round(100 * good / self.count) if self.count else 0

    @property
    def has_next(self) -> bool:
        return self.number * SIZE < self.chosen


def page(product_id: int, stars: int | None = None, skin: str | None = None, number: int = 1) -> Reviews:
    """Page `number` of the approved reviews, the reader's language first, then the most helpful; one statement."""
    wanted = {
        "product_id": product_id,
        "stars": stars,
        "skin": skin,
        "size": SIZE,
        "first": (number - 1) * SIZE,
        "language": locale_to_db(lang()),
    }
    row = db.row(PAGE, wanted)
    if row is None:
        return Reviews({}, 0, [], number, stars, skin)
    histogram = {int(rating): n for rating, n in (row.histogram or {}).items()}
    listed = [one | {"at": datetime.fromisoformat(one["at"])} for one in row.listed]
    return Reviews(histogram, row.chosen, listed, number, stars, skin)


def quotes(language: str, most: int = 3) -> list[Any]:
    """Words of verified buyers for the home page, each from another skin type where possible."""
    picked: dict[str, Any] = {}
    for row in db.rows(QUOTES, {"language": language}):
        picked.setdefault(row.skin_type, row)
    return list(picked.values())[:most]

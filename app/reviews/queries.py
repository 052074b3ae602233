"""Reviews as pages show them: a product's summary and list in one statement, one's own, words for the home page."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Row, text

from app.catalog import grades
from app.core import db, fragments, memory
from app.core.i18n import lang, locale_to_db
from app.core.prepared import prepared

SIZE = 6
DIGEST = 2
MOST_KEPT = 500
ORDERS = ("helpful", "newest", "rating", "-rating")
PAGE = prepared(
    """
    WITH approved AS (SELECT * FROM reviews WHERE product_id = :product_id AND status = 'approved'),
    chosen AS (
        SELECT * FROM approved a
        WHERE (CAST(:stars AS int) IS NULL OR rating = :stars)
          AND (CAST(:skin AS text) IS NULL OR skin_type::text = :skin)
          AND (NOT :verified OR is_verified_purchase)
          AND (NOT :photos OR EXISTS (SELECT 1 FROM review_photos h WHERE h.review_id = a.id))
    )
    SELECT (SELECT json_object_agg(rating, n) FROM (SELECT rating, count(*) AS n FROM approved GROUP BY rating) h)
               AS histogram,
           (SELECT count(*) FROM chosen) AS chosen,
           (SELECT r.status::text FROM reviews r WHERE r.product_id = :product_id AND r.user_id = :reader) AS own,
           (SELECT coalesce(json_agg(one), '[]') FROM (
               SELECT id, rating, title, comment, customer_name, language, skin_type, is_verified_purchase,
                      helpful_count, staff_reply, coalesce(published_at, created_at) AS at,
                      coalesce(user_id = :reader, false) AS own,
                      EXISTS (SELECT 1 FROM review_votes v WHERE v.review_id = c.id AND v.user_id = :reader) AS voted,
                      (SELECT json_agg(h.image_url ORDER BY h.sort_order, h.id) FROM review_photos h
                       WHERE h.review_id = c.id) AS photos
               FROM chosen c
               ORDER BY CASE :order WHEN 'rating' THEN -rating WHEN '-rating' THEN rating END,
                   :order <> 'newest' AND language::text = :language DESC,
                   CASE WHEN :order <> 'newest' THEN helpful_count END DESC,
                   coalesce(published_at, created_at) DESC, id DESC
               LIMIT :size OFFSET :first) one) AS listed
    """
)
OWN = text(
    """
    SELECT r.*, (SELECT coalesce(json_agg(json_build_object('id', h.id, 'image_url', h.image_url)
        ORDER BY h.sort_order, h.id), '[]') FROM review_photos h WHERE h.review_id = r.id) AS photos
    FROM reviews r WHERE r.user_id = :user_id AND r.product_id = :product_id
    """
)
WRITTEN = text(
    """
    SELECT r.id, r.rating, r.title, r.comment, r.language, r.status, r.helpful_count, r.is_verified_purchase,
        r.created_at, p.slug, p.name_en, p.name_kh, p.image_url, p.tint, p.status AS product_status
    FROM reviews r JOIN products p ON p.id = r.product_id WHERE r.user_id = :user_id
    ORDER BY r.updated_at DESC, r.id DESC LIMIT 200
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
class Reader:
    """Who reads: nobody known, or a person with the skin type they told ('' for none)."""

    id: int | None = None
    skin: str = ""


@dataclass(frozen=True)
class Asked:
    """What a reader wants to see; `number` counts pages from 1, 0 is the digest that a product's page begins with.

    `told` is the skin type that the page was asked for, so that links keep it.
    """

    stars: int | None = None
    skin: str | None = None
    photos: bool = False
    verified: bool = False
    order: str = ORDERS[0]
    number: int = 0
    told: str = ""

    @property
    def size(self) -> int:
        return SIZE if self.number else DIGEST

    @property
    def first(self) -> int:
        return (self.number - 1) * SIZE if self.number else 0

    def query(self) -> str:
        """As the query of an address; page 1 is left out wherever something else tells that this is no digest."""
        facts = {
            "stars": self.stars,
            "reviewer": self.skin,
            "photos": int(self.photos),
            "verified": int(self.verified),
            "order": self.order if self.order != ORDERS[0] else None,
            "reviews": self.number if self.number > 1 else None,
        }
        told = {name: value for name, value in facts.items() if value} or {"reviews": 1}
        return urlencode(told | ({"skin": self.told} if self.told else {}))


@dataclass(frozen=True)
class Reviews:
    """One page of a product's reviews; `histogram` maps stars to counts, `own` is the status of the reader's own."""

    histogram: dict[int, int]
    chosen: int
    listed: list[dict[str, Any]]
    asked: Asked
    reader: Reader = field(default_factory=Reader)
    own: str | None = None

    @cached_property
    def mark(self) -> bytes:
        """Another one for everything else that may be shown."""
        return fragments.mark(self)

    @property
    def count(self) -> int:
        return sum(self.histogram.values())

    @property
    def average(self) -> Decimal:
        return grades.average(sum(stars * n for stars, n in self.histogram.items()), self.count)

    @property
    def happy(self) -> int:
        """Per cent of four and five stars."""
        good = self.histogram.get(4, 0) + self.histogram.get(5, 0)
        return round(100 * good / self.count) if self.count else 0

    @property
    def has_next(self) -> bool:
        return self.asked.first + self.asked.size < self.chosen

    @property
    def skin_like_mine(self) -> str:
        """The reader's skin type, '' when nobody told it."""
        return self.reader.skin or self.asked.told

    def link(self, **changes: Any) -> str:
        """The address, relative to the product's page, of the first page of a changed choice."""
        return f"?{replace(self.asked, **({'number': 1} | changes)).query()}#reviews"


def page(
    product_id: int, asked: Asked | None = None, reader: Reader | None = None, version: Hashable = None
) -> Reviews:
    """The approved reviews that were asked for, the reader's language first; one statement.

    Strangers share a digest that is remembered for a while, for one version of the product's row.
    """
    asked, reader = asked or Asked(), reader or Reader()
    if version is None or (asked, reader) != (Asked(), Reader()):
        return _page(product_id, asked, reader)
    kept, key = memory.brief("shop.digests", MOST_KEPT), (product_id, lang(), version)
    found: Reviews | None = kept.find(key)
    if found is None:
        found = _page(product_id, asked, reader)
        kept.keep(key, found)
    return found


def _page(product_id: int, asked: Asked, reader: Reader) -> Reviews:
    wanted = {
        "product_id": product_id,
        "stars": asked.stars,
        "skin": asked.skin,
        "photos": asked.photos,
        "verified": asked.verified,
        "order": asked.order,
        "size": asked.size,
        "first": asked.first,
        "language": locale_to_db(lang()),
        "reader": reader.id,
    }
    row = db.row(PAGE, wanted)
    if row is None:
        return Reviews({}, 0, [], asked, reader)
    histogram = {int(rating): n for rating, n in (row.histogram or {}).items()}
    listed = [one | {"at": datetime.fromisoformat(one["at"])} for one in row.listed]
    return Reviews(histogram, row.chosen, listed, asked, reader, row.own)


def own(user_id: int, product_id: int) -> Row[Any] | None:
    """A person's own review of a product with its photos, whatever its status."""
    return db.row(OWN, {"user_id": user_id, "product_id": product_id})


def written(user_id: int) -> Sequence[Row[Any]]:
    """Everything that a person wrote, the latest first, with its product."""
    return db.rows(WRITTEN, {"user_id": user_id})


def quotes(language: str, most: int = 3) -> list[Any]:
    """Words of verified buyers for the home page, each from another skin type where possible."""
    picked: dict[str, Any] = {}
    for row in db.rows(QUOTES, {"language": language}):
        picked.setdefault(row.skin_type, row)
    return list(picked.values())[:most]

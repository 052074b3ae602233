"""Writing a review: one a person and product, read by staff before it appears, and again after every change."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import text

from app.core.db import db, row, rows, scalar
from app.core.errors import Invalid, NotFound
from app.reviews import ratings

AREA = "reviews"
WIDTHS = (200, 960)
MOST_PHOTOS = 4
KHMER = re.compile("[\u1780-\u17b3]")
SAVE = text(
    """
    INSERT INTO reviews (product_id, user_id, rating, title, comment, customer_name, language, skin_type,
        is_verified_purchase, status)
    VALUES (:product_id, :user_id, :rating, :title, :comment, :name, CAST(:language AS user_language),
        CAST(:skin AS skin_type), :verified, 'pending')
    ON CONFLICT (user_id, product_id) DO UPDATE SET rating = excluded.rating, title = excluded.title,
        comment = excluded.comment, customer_name = excluded.customer_name, language = excluded.language,
        skin_type = excluded.skin_type, status = 'pending', published_at = NULL, updated_at = clock_timestamp(),
        is_verified_purchase = reviews.is_verified_purchase OR excluded.is_verified_purchase
    RETURNING id, old.status AS before
    """
)
DROP_PHOTOS = text(
    "DELETE FROM review_photos WHERE review_id = :id AND (CAST(:photos AS int[]) IS NULL OR id = ANY(:photos))"
    " RETURNING image_url"
)
COUNT_PHOTOS = text("SELECT count(*) FROM review_photos WHERE review_id = :id")
ADD_PHOTOS = text(
    """
    INSERT INTO review_photos (review_id, image_url, sort_order)
    SELECT :id, address, (SELECT coalesce(max(sort_order), 0) FROM review_photos WHERE review_id = :id) + place
    FROM unnest(CAST(:addresses AS text[])) WITH ORDINALITY AS added (address, place)
    """
)
OWN = text("SELECT id, status FROM reviews WHERE user_id = :user_id AND product_id = :product_id FOR UPDATE")
DELETE = text("DELETE FROM reviews WHERE id = :id")
VERIFY = text(
    "UPDATE reviews SET is_verified_purchase = true WHERE user_id = :user_id AND product_id = ANY(:products)"
    " AND NOT is_verified_purchase"
)


@dataclass(frozen=True)
class Author:
    """Who writes; `skin_type` is None when unknown."""

    id: int
    first_name: str | None
    last_name: str | None
    skin_type: str | None


@dataclass(frozen=True)
class Words:
    """What is said: 1 to 5 stars, cleaned texts ('' for none), the database's code of the page's language."""

    rating: int
    title: str
    comment: str
    language: str


@dataclass(frozen=True)
class Saved:
    """A review as saved: whether it was to be read by all before, and addresses of photos to delete after commit."""

    id: int
    was_shown: bool
    gone: Sequence[str]


def byline(first: str | None, last: str | None) -> str | None:
    """First name and initial, in the order of the name's script: `Sokha C.`; None without a first name."""
    first, last = (first or "").strip(), (last or "").strip()
    if not first or not last:
        return first or None
    khmer = KHMER.search(last)
    return f"{khmer[0]}. {first}" if khmer else f"{first} {last[0].upper()}."


def save(
    author: Author,
    product_id: int,
    words: Words,
    verified: bool,
    photos: Sequence[str] = (),
    dropped: Collection[int] = (),
) -> Saved:
    """Write the author's review of a product, or write it anew; either way it waits to be read.

    `verified`: a line with this product was delivered to the author. `photos` are addresses of kept pictures,
    `dropped` ids of the review's photos to leave out. Raises NotFound (no such product on sale), Invalid.
    """
    product = ratings.lock(product_id, author.id)
    if product is None or product.status != "active":
        raise NotFound
    saved = row(SAVE, _values(author, product_id, words, verified))
    if saved is None:
        raise NotFound
    gone = [found.image_url for found in rows(DROP_PHOTOS, {"id": saved.id, "photos": list(dropped)})]
    if photos:
        _add(saved.id, photos)
    if saved.before == "approved":
        ratings.rate(product_id, author.id)
    return Saved(saved.id, saved.before == "approved", gone)


def remove(author_id: int, product_id: int) -> Saved:
    """Delete the author's review of a product with its votes and photos. Raises NotFound."""
    ratings.lock(product_id, author_id)
    found = row(OWN, {"user_id": author_id, "product_id": product_id})
    if found is None:
        raise NotFound
    gone = [photo.image_url for photo in rows(DROP_PHOTOS, {"id": found.id, "photos": None})]
    db.session.execute(DELETE, {"id": found.id})
    if found.status == "approved":
        ratings.rate(product_id, author_id)
    return Saved(found.id, found.status == "approved", gone)


def verify(user_id: int, products: Collection[int]) -> None:
    """These products were delivered to this person: what they wrote about them is a verified purchase."""
    db.session.execute(VERIFY, {"user_id": user_id, "products": list(products)})


def _values(author: Author, product_id: int, words: Words, verified: bool) -> dict[str, object]:
    said = words.title + words.comment
    return {
        "product_id": product_id,
        "user_id": author.id,
        "rating": words.rating,
        "title": words.title or None,
        "comment": words.comment or None,
        "name": byline(author.first_name, author.last_name),
        "language": ("kh" if KHMER.search(said) else "en") if said else words.language,
        "skin": author.skin_type,
        "verified": verified,
    }


def _add(review_id: int, photos: Sequence[str]) -> None:
    if int(scalar(COUNT_PHOTOS, {"id": review_id})) + len(photos) > MOST_PHOTOS:
        raise Invalid(_("A review holds %(most)s photos at most.", most=MOST_PHOTOS))
    db.session.execute(ADD_PHOTOS, {"id": review_id, "addresses": list(photos)})

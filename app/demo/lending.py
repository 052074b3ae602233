"""Photos of the invented reviews: copies of the product's last picture in its finished sizes, nothing is encoded."""

import hashlib
import shutil
from pathlib import Path

from sqlalchemy import text

from app.core.db import db, rows
from app.reviews.writing import AREA, WIDTHS

MOST = 25
BEST = text(
    """
    SELECT r.id, i.image_url AS picture, r.published_at FROM (
        SELECT DISTINCT ON (product_id) id, product_id, published_at FROM reviews
        WHERE status = 'approved' AND is_verified_purchase AND rating >= 4 AND comment IS NOT NULL
        ORDER BY product_id, helpful_count DESC, id
    ) r JOIN products p ON p.id = r.product_id CROSS JOIN LATERAL (
        SELECT image_url FROM product_images m WHERE m.product_id = p.id ORDER BY sort_order DESC, id LIMIT 1
    ) i ORDER BY p.rating_count DESC, p.id LIMIT :most
    """
)
SHOW = text("INSERT INTO review_photos (review_id, image_url, created_at) VALUES (:id, :photo, :at)")
SHOWN = text(
    """
    SELECT h.review_id AS id, h.image_url AS photo, i.image_url AS picture FROM review_photos h
    JOIN reviews r ON r.id = h.review_id JOIN product_images i ON i.product_id = r.product_id ORDER BY h.id
    """
)


def choose() -> int:
    """Give the most helpful good review of each of the best-known products a photo; how many."""
    best = rows(BEST, {"most": MOST})
    for one in best:
        db.session.execute(
            SHOW, {"id": one.id, "photo": address(one.id, one.picture), "at": one.published_at}
        )
    return len(best)


def write(uploads: Path) -> int:
    """Copy the files of lent photos that are missing, as far as the products' pictures are there; how many photos."""
    made = 0
    for one in rows(SHOWN):
        photo, picture = file(uploads, one.photo), file(uploads, one.picture)
        if one.photo != address(one.id, one.picture) or photo.exists() or not picture.exists():
            continue
        photo.parent.mkdir(parents=True, exist_ok=True)
        sizes = [f"-{width}.{kind}" for width in WIDTHS for kind in ("avif", "webp")]
        for ending in (*sizes, ".webp"):
            shutil.copyfile(picture.with_name(picture.stem + ending), photo.with_name(photo.stem + ending))
        made += 1
    db.session.rollback()
    return made


def address(review_id: int, picture: str) -> str:
    """Where a review's copy of a picture lies: always the same, whatever machine makes it."""
    name = hashlib.sha256(f"{review_id}{picture}".encode()).hexdigest()[:32]
    return f"/uploads/{AREA}/{name}.webp"


def file(uploads: Path, kept: str) -> Path:
    return uploads / kept.removeprefix("/uploads/")

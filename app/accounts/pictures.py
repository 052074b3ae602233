"""Profile pictures: a square of the photo without its metadata; a removed one can come back for an hour."""

import time
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.core import db, images, security, uploads
from app.core.errors import NotFound

AREA = "profiles"
SIDE, WIDTHS = 400, (96, 200)
PURPOSE = "picture"
UNDO_SECONDS = 3600
SET = text(
    """
    UPDATE users SET profile_picture = :picture, updated_at = now()
    FROM (SELECT id, profile_picture AS before FROM users WHERE id = :user_id FOR NO KEY UPDATE) old
    WHERE users.id = old.id RETURNING before
    """
)
IN_USE = text("SELECT profile_picture FROM users WHERE profile_picture IS NOT NULL")


def put(user_id: int, upload: Any) -> None:
    """Make an uploaded photo the person's picture (the caller commits); the sweep drops the one before.

    Raises BadPicture or Busy.
    """
    picture = images.square(images.accept(upload, 2 * SIDE), SIDE)
    address = images.keep(picture, uploads.root(), AREA, WIDTHS)
    db.scalar(SET, {"user_id": user_id, "picture": address})


def remove(user_id: int) -> str | None:
    """Take the picture away; what `restore` needs to bring it back, None when there was none (the caller commits)."""
    before = db.scalar(SET, {"user_id": user_id, "picture": None})
    if not before:
        return None
    stem = Path(before).stem
    return f"{stem}.{security.sign(PURPOSE, user_id, stem)}"


def restore(user_id: int, undo: str) -> None:
    """Bring a removed picture back while its files are there (the caller commits). Raises NotFound."""
    stem, _, signature = undo.partition(".")
    address = f"/uploads/{AREA}/{stem}.webp"
    there = stem.isalnum() and (uploads.root() / AREA / f"{stem}.webp").exists()
    if not there or not security.verify(signature, PURPOSE, user_id, stem):
        raise NotFound(_l("This picture is gone. Please upload it again."))
    db.scalar(SET, {"user_id": user_id, "picture": address})


def sweep(root: Path) -> int:
    """Delete the files of pictures that nobody shows and that are over an hour old; how many files."""
    wanted = {Path(row.profile_picture).stem for row in db.rows(IN_USE)}
    dead_line = time.time() - UNDO_SECONDS
    swept = 0
    for path in (root / AREA).glob("*.*"):
        if path.stem.partition("-")[0] not in wanted and path.stat().st_mtime < dead_line:
            path.unlink(missing_ok=True)
            swept += 1
    return swept

"""Links that show a wishlist to others: opened and closed by the owner, found by a random token alone."""

from typing import cast

from sqlalchemy import text

from app.accounts.owners import Owner
from app.core import db, security

OPEN = text(
    "INSERT INTO wishlist_links (user_id, guest_token_hash, token) VALUES (:user_id, :guest, :token)"
    " ON CONFLICT DO NOTHING"
)
TOKEN = text("SELECT token FROM wishlist_links WHERE user_id = :user_id OR guest_token_hash = :guest")
CLOSE = text("DELETE FROM wishlist_links WHERE user_id = :user_id OR guest_token_hash = :guest")
OWNER = text("SELECT user_id, guest_token_hash AS guest FROM wishlist_links WHERE token = :token")


def open_link(owner: Owner) -> None:
    """Let the list be seen under a new link; a link that is open already stays."""
    db.db.session.execute(OPEN, {"token": security.new_token(), **owner.params})


def close_link(owner: Owner) -> None:
    """Let nobody see the list any more."""
    db.db.session.execute(CLOSE, owner.params)


def token(owner: Owner) -> str | None:
    """The token of the owner's link, None while the list is not shown."""
    return cast(str | None, db.scalar(TOKEN, owner.params)) if owner else None


def owner_of(given: str) -> Owner | None:
    """Whose list a link shows, None for an unknown or closed one."""
    found = db.row(OWNER, {"token": given[:32]})
    return Owner(found.user_id, found.guest) if found else None

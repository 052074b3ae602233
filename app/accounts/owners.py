"""Whose things they are: the signed-in user's, else the guest's by the cookie that names bag and wishlist."""

from dataclasses import dataclass
from typing import Any

from flask_login import current_user

from app.core import security


@dataclass(frozen=True)
class Owner:
    """A user, or a guest by the digest of the cookie; both None for a visitor who has kept nothing yet."""

    user_id: int | None = None
    guest: str | None = None

    def __bool__(self) -> bool:
        return self.user_id is not None or self.guest is not None

    @property
    def params(self) -> dict[str, Any]:
        return {"user_id": self.user_id, "guest": self.guest}

    @property
    def key(self) -> str:
        """A text that names the owner in caches."""
        return f"user:{self.user_id}" if self.user_id else str(self.guest)


def current() -> Owner:
    """The owner behind this request."""
    if current_user.is_authenticated:
        return Owner(user_id=int(current_user.id))
    token = security.cookie("cart")
    return Owner(guest=security.digest(token)) if token else Owner()

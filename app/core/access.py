"""Who may call which route: every view names its audience, and the shop does not start while one does not."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])
AUDIENCES = ("public", "customer", "moderator", "admin")
FRAMEWORK = {"static"}


def access(audience: str) -> Callable[[View], View]:
    """Name the least audience of a view: public, customer, moderator or admin."""
    if audience not in AUDIENCES:
        raise ValueError(f"unknown audience {audience!r}")

    def mark(view: View) -> View:
        view.__dict__["audience"] = audience
        return view

    return mark


def table(app: Flask) -> dict[str, str | None]:
    """Endpoint -> audience, None where a view names none."""
    return {
        endpoint: getattr(view, "audience", None)
        for endpoint, view in app.view_functions.items()
        if endpoint not in FRAMEWORK
    }


def require_complete(app: Flask) -> None:
    """Raise RuntimeError when a route has no audience."""
    missing = [endpoint for endpoint, audience in table(app).items() if audience is None]
    if missing:
        raise RuntimeError(f"routes without an audience: {', '.join(sorted(missing))}")

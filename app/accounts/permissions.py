"""Who may call what: the ranks of the roles, and the gate that every request passes before its view."""

from flask import Response, abort, current_app, request, url_for
from flask_login import current_user

from app.core import htmx, security

RANKS = {"public": 0, "customer": 1, "moderator": 2, "admin": 3}


def may(role: str | None, audience: str) -> bool:
    """Whether somebody of this role (None: not signed in) is in the audience."""
    return RANKS[role or "public"] >= RANKS[audience]


def audience_of(endpoint: str | None) -> str:
    """The least audience of an endpoint; public where there is none (an unknown address)."""
    view = current_app.view_functions.get(endpoint or "")
    return str(getattr(view, "audience", "public"))


def refuse_strangers() -> Response | None:
    """Send visitors to the sign-in page and refuse (403) roles that are too low; None lets the request through."""
    audience = audience_of(request.endpoint)
    if audience == "public" or may(current_user.role, audience):
        return None
    if current_user.is_authenticated:
        abort(403)
    return htmx.go(url_for("accounts.signin", next=wanted_page()))


def wanted_page() -> str:
    """Where to go on after signing in: this page, or the one whose form was sent."""
    if request.method == "GET" and not htmx.is_partial():
        query = request.query_string.decode("ascii", "ignore")
        return f"{request.path}?{query}" if query else request.path
    source = htmx.source_url() or request.referrer or ""
    path = source.partition("://")[2].partition("/")[2]
    ours = source.startswith(request.host_url)
    return security.safe_next(f"/{path}" if ours else None, url_for("pages.home"))

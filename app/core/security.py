"""Headers, CSRF, signed texts, safe redirects and the shop's cookies."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms import ValidationError

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
PRIVATE_COOKIES = ("session", "remember", "cart")
SAFE = {"GET", "HEAD", "OPTIONS"}


def cookie_name(name: str) -> str:
    """The cookie's name in this environment (`__Host-` in production)."""
    return f"{current_app.config['COOKIE_PREFIX']}{name}"


def cookie(name: str) -> str | None:
    """The value of the shop's cookie `name`, None when absent or over 200 characters."""
    given = request.cookies
    value = given.get(cookie_name(name)) if given else None
    return value if value and len(value) <= 200 else None


def set_cookie(
    response: Response, name: str, value: str, days: int | None = None, scripts: bool = False
) -> None:
    """Set a shop cookie for so many days (None: until the browser closes): SameSite=Lax, Secure in production.

    Scripts cannot read it unless `scripts` is set.
    """
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=days * 86400 if days else None,
        httponly=not scripts,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        path="/",
    )


def drop_cookie(response: Response, name: str) -> None:
    """Make the browser forget a shop cookie."""
    response.delete_cookie(
        cookie_name(name), secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax"
    )


def has_authority() -> bool:
    """Whether the request carries a cookie worth stealing (session, remember or cart)."""
    if "authority" not in g:
        g.authority = any(cookie(name) for name in PRIVATE_COOKIES)
    return bool(g.authority)


def csrf_token_if_needed() -> str:
    """The form token, or '' for visitors without authority (their pages are cached for all)."""
    return str(generate_csrf()) if has_authority() or g.get("gains_authority") else ""


def check_csrf() -> None:
    """Refuse a forged unsafe request with 400 (rules: `docs/decisions.md`)."""
    if request.method in SAFE or request.path.startswith(("/api/", "/ml/")):
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site not in (None, "same-origin", "none") or (site is None and origin and not is_ours(origin)):
        abort(400)
    if has_authority():
        token = request.headers.get("X-CSRFToken") or request.form.get("csrf_token")
        try:
            validate_csrf(token)
        except ValidationError:
            g.renew_csrf = True
            abort(400)


def is_ours(origin: str) -> bool:
    """Whether the Origin header names this host."""
    return urlsplit(origin).netloc == request.host


def safe_next(target: str | None, otherwise: str) -> str:
    """`target` when it is a path of this shop, else `otherwise`."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return otherwise
    if any(ord(character) < 33 or ord(character) == 127 for character in target):
        return otherwise
    parts = urlsplit(target)
    return otherwise if parts.scheme or parts.netloc else target


def digest(token: str) -> str:
    """SHA-256 of a token in hex: what the database keeps in its place."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """128 random bits, URL safe."""
    return secrets.token_urlsafe(16)


def sign(purpose: str, *facts: object) -> str:
    """A 128-bit HMAC (hex) over the facts, bound to its purpose."""
    return _signature(current_app.config["SECRET_KEY"], purpose, facts)


def verify(signature: str | None, purpose: str, *facts: object) -> bool:
    """Whether `signature` was made by `sign` with the current key or one of its fallbacks."""
    keys = [current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"]]
    given = (signature or "").encode()
    return any(hmac.compare_digest(_signature(key, purpose, facts).encode(), given) for key in keys)


def _signature(key: str, purpose: str, facts: tuple[object, ...]) -> str:
    text = "\x1f".join([purpose, *map(str, facts)])
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]


def finish(response: Response) -> Response:
    """Security headers on every response; private pages are never stored by others."""
    given = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - iterating gives pairs
    response.headers.extend([(name, value) for name, value in HEADERS.items() if name.lower() not in given])
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.vary.update(["HX-Request", "Cookie"])
        response.headers["Content-Language"] = str(g.get("lang", "en"))
    gains = has_authority() or g.get("gains_authority")
    if g.get("renew_csrf") or (gains and not cookie("csrf")):
        set_cookie(response, "csrf", str(generate_csrf()), scripts=True)
    if "request_id" in g:
        response.headers["X-Request-Id"] = g.request_id
    return response


def no_store(response: Response) -> Response:
    """Mark a page that holds someone's own data."""
    response.headers["Cache-Control"] = "private, no-store"
    return response


def init_app(app: Flask) -> None:
    """Register the CSRF check and the headers."""
    app.before_request(check_csrf)
    app.after_request(finish)

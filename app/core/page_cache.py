"""Whole pages for visitors without session and cart cookies: kept in Redis, served before Flask wakes."""

import json
from collections.abc import Callable, Iterable
from typing import Any, cast

import brotli
from flask import Flask, Response, current_app, g, request
from werkzeug.http import parse_cookie

from app.core import redis
from app.core.security import PRIVATE_COOKIES
from app.core.shop import Shop

Start = Callable[..., Any]
STREAM = "shop:events"
STREAM_LENGTH = 500_000
MAX_QUERY = 300
KEEP = ("Content-Type", "Content-Language", "Cache-Control", "Vary")


def cacheable(event: dict[str, Any] | None = None) -> None:
    """Allow the page being rendered to be kept for all; `event` is recorded each time it is served."""
    g.page_cache = {"event": event}


def _key(environ: dict[str, Any], version: int) -> str | None:
    if environ["REQUEST_METHOD"] != "GET" or len(environ.get("QUERY_STRING", "")) > MAX_QUERY:
        return None
    if "HTTP_X_COUNT_SQL" in environ or not environ["PATH_INFO"].startswith(("/en/", "/km/")):
        return None
    cookies = environ.get("HTTP_COOKIE", "")
    if any(f"{name}=" in cookies for name in PRIVATE_COOKIES):
        return None
    shape = _region(environ) if "HTTP_HX_REQUEST" in environ else "page"
    packed = "br" if "br" in environ.get("HTTP_ACCEPT_ENCODING", "") else "raw"
    theme = "dark" if "theme=dark" in cookies else "light" if "theme=light" in cookies else ""
    host = environ.get("HTTP_HOST", "")
    place = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
    return f"shop:page:{version}:{host}:{packed}:{shape}:{theme}:{place}"


def _region(environ: dict[str, Any]) -> str:
    """Which part of the page htmx asks for: one address may answer with several."""
    return f"{environ.get('HTTP_HX_REQUEST_TYPE', '')}:{environ.get('HTTP_HX_TARGET', '')[:40]}"


def _seen(event: dict[str, Any], environ: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The event, as that of the visitor if the browser carries the cookie of one who agreed to be known."""
    if "visitor=" not in environ.get("HTTP_COOKIE", ""):
        return event
    return event | {"session": parse_cookie(environ).get(f"{prefix}visitor", "")[:200]}


class PageCache:
    """WSGI: answer from Redis where allowed, else let Flask answer and keep what it allowed."""

    def __init__(self, app: Flask, inner: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        snapshot = cast(Shop | None, self.app.extensions.get("shop.snapshot"))
        key = _key(environ, snapshot.catalogue_version) if snapshot and self._on() else None
        if key is None:
            return self.inner(environ, start)
        cache = cast(redis.Cache, self.app.extensions["shop.redis"])
        kept = redis.ask(lambda r: cast(bytes | None, r.get(key)), None, cache)
        if kept is None:
            environ["shop.page_key"] = key
            return self.inner(environ, start)
        head, _, body = kept.partition(b"\n")
        facts = json.loads(head)
        if facts["event"]:
            event: Any = _seen(facts["event"], environ, self.app.config["COOKIE_PREFIX"])
            redis.ask(lambda r: r.xadd(STREAM, event, maxlen=STREAM_LENGTH), None, cache)
        start("200 OK", [*map(tuple, facts["headers"]), ("Content-Length", str(len(body)))])
        return [body]

    def _on(self) -> bool:
        return bool(self.app.config["PAGE_CACHE_SECONDS"])


def keep(response: Response) -> Response:
    """Compress HTML once and, where the view allowed it, keep it in Redis."""
    allowed = g.get("page_cache")
    key = request.environ.get("shop.page_key")
    fit = response.status_code == 200 and "Set-Cookie" not in response.headers and not response.is_streamed
    compress(response)
    if allowed and key and fit:
        headers = [
            pair for pair in response.headers.items() if pair[0] not in ("Content-Length", "X-Request-Id")
        ]
        head = json.dumps({"headers": headers, "event": allowed["event"]}).encode()
        value = head + b"\n" + response.get_data()
        seconds = current_app.config["PAGE_CACHE_SECONDS"]
        redis.ask(lambda r: r.set(key, value, ex=seconds), None)
    return response


def compress(response: Response) -> None:
    """Brotli (quality 7, a window of 64 KB) for texts over 500 bytes when the browser takes it."""
    if response.direct_passthrough or response.is_streamed or "Content-Encoding" in response.headers:
        return
    kind = response.mimetype or ""
    text = kind.startswith("text/") or kind in ("application/json", "image/svg+xml")
    if not text or "br" not in request.headers.get("Accept-Encoding", ""):
        return
    body = response.get_data()
    if len(body) > 500:
        response.set_data(brotli.compress(body, quality=7, lgwin=16))
        response.headers["Content-Encoding"] = "br"
    response.vary.add("Accept-Encoding")


def init_app(app: Flask) -> None:
    """Wrap the WSGI application and register the keeper (last after_request = first registered)."""
    app.after_request(keep)
    app.wsgi_app = PageCache(app, app.wsgi_app)  # type: ignore[method-assign,assignment]

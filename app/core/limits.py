"""Rate limits by address: Redis, and each process's own memory while Redis is away."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from redis.backoff import NoBackoff
from redis.retry import Retry

limiter = Limiter(
    get_remote_address, strategy="moving-window", in_memory_fallback_enabled=True, headers_enabled=False
)


def init_app(app: Flask) -> None:
    """Configure Flask-Limiter with the short timeouts that keep a hung Redis harmless."""
    app.config.setdefault("RATELIMIT_STORAGE_URI", app.config["REDIS_URL"])
    app.config.setdefault(
        "RATELIMIT_STORAGE_OPTIONS",
        {"socket_connect_timeout": 0.25, "socket_timeout": 0.25, "retry": Retry(NoBackoff(), 0)},
    )
    app.config.setdefault("RATELIMIT_KEY_PREFIX", "shop:limit")
    limiter.init_app(app)

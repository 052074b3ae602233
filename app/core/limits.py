"""Rate limits by address: Redis, and each process's own memory while Redis is away."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import RedisStorage
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry


class RedisAlone(RedisStorage):
    """Redis by its own client; the parent loads Valkey's as well wherever that is installed (0.2 s, 2.5 MB)."""

    STORAGE_SCHEME = ["redis", "rediss", "redis+unix"]  # noqa: RUF012 - as limits declares it
    DEPENDENCIES = {"redis": None}  # noqa: RUF012


class SteadyLimiter(Limiter):
    """Flask-Limiter whose requests under way also fall back to memory when another one has found Redis away."""

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        try:
            super()._check_request_limit(callable_name, in_middleware)
        except (RedisError, OSError):
            self.context.seen_limits.clear()
            super()._check_request_limit(callable_name, in_middleware)


limiter = SteadyLimiter(
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

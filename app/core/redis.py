"""Redis for web processes (short timeouts, breaker, never raises) and for the worker (patient)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar, cast

from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from app.core.breaker import Breaker

T = TypeVar("T")
WAIT = 0.25


@dataclass
class Cache:
    """A process's short-tempered client and its breaker."""

    client: Redis
    breaker: Breaker


def init_app(app: Flask) -> None:
    """Attach the client; nothing connects before the first use."""
    url = app.config["REDIS_URL"]
    client = Redis.from_url(
        url,
        socket_connect_timeout=WAIT,
        socket_timeout=WAIT,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )
    app.extensions["shop.redis"] = Cache(client, Breaker("redis", client.ping))


def _cache() -> Cache:
    return cast(Cache, current_app.extensions["shop.redis"])


def ask(action: Callable[[Redis], T], otherwise: T, cache: Cache | None = None) -> T:
    """The action's answer, or `otherwise` at once while Redis is away. Waits 0.25 s at most, never raises."""
    cache = cache or _cache()
    if cache.breaker.is_open:
        return otherwise
    try:
        return action(cache.client)
    except (RedisError, OSError) as error:
        cache.breaker.trip(error)
        return otherwise


def is_away() -> bool:
    """Whether the last use failed and no probe has succeeded since."""
    return _cache().breaker.is_open


def connection(url: str | None = None) -> Redis:
    """A patient client for the worker, the ticker and commands."""
    return Redis.from_url(
        url or current_app.config["REDIS_URL"], socket_timeout=None, socket_connect_timeout=5
    )

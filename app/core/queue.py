"""RQ queues with JSON payloads; work is enqueued after commit and losing Redis never fails a request."""

from typing import Any

from redis import Redis
from rq import Queue, Retry

from app.core import redis

QUEUES = ("high", "default", "ml")


def queue(name: str, connection: Redis) -> Queue:
    """The queue of that name: `high`, `default` or `ml`."""
    return Queue(name, connection=connection, serializer="json")


def enqueue(
    function: str, *args: Any, on: str = "default", job_id: str | None = None, timeout: int = 120
) -> bool:
    """Hand `function` (dotted path) with JSON arguments to the worker. False when Redis is away."""

    def put(client: Redis) -> bool:
        queue(on, client).enqueue(
            function,
            args=args,
            job_id=job_id,
            unique=job_id is not None,
            job_timeout=timeout,
            retry=Retry(max=3, interval=[5, 30, 120]),
            result_ttl=3600,
        )
        return True

    return redis.ask(put, otherwise=False)

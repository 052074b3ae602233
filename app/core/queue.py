"""RQ queues with JSON payloads; work is enqueued after commit and losing Redis never fails a request."""

import re
from datetime import timedelta
from functools import partial
from typing import Any

from redis import Redis
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError

from app.core import redis

QUEUES = ("high", "default", "ml")
RETRIES = (5, 30, 120)
NOT_IN_ID = re.compile(r"[^A-Za-z0-9_-]")


def queue(name: str, connection: Redis) -> Queue:
    """The queue of that name: `high`, `default` or `ml`."""
    return Queue(name, connection=connection, serializer="json")


def enqueue(
    function: str,
    *args: Any,
    on: str = "default",
    job_id: str | None = None,
    timeout: int = 120,
    delay: int = 0,
) -> bool:
    """Hand `function` (dotted path) with JSON arguments to the worker, to be done after `delay` seconds.

    False when Redis is away or when a job with this `job_id` is known already (an hour after it ended, too).
    """
    return redis.ask(
        lambda client: put(client, function, *args, on=on, job_id=job_id, timeout=timeout, delay=delay),
        otherwise=False,
    )


def put(
    client: Redis,
    function: str,
    *args: Any,
    on: str = "default",
    job_id: str | None = None,
    timeout: int = 120,
    delay: int = 0,
) -> bool:
    """`enqueue` through a given client: False when the job is known already. Raises RedisError."""
    try:
        target = queue(on, client)
        begin = partial(target.enqueue_in, timedelta(seconds=delay)) if delay else target.enqueue
        begin(
            function,
            args=args,
            job_id=NOT_IN_ID.sub("-", job_id) if job_id else None,
            unique=job_id is not None,
            job_timeout=timeout,
            retry=Retry(max=len(RETRIES), interval=list(RETRIES)),
            result_ttl=3600,
            failure_ttl=86400,
        )
    except DuplicateJobError:
        return False
    return True

"""The worker: RQ on the queues that it is given (all without words), with the clock beside it, inside the app context.

Learning (`worker.py ml`) has a process of its own, so that mails and payments never wait for it.

SIGTERM lets the job in flight finish; while Redis is away it waits. Jobs run in a process of their own each
and open their database clients there; this process opens none.
"""

import logging
import sys
import time
from collections.abc import Sequence

from redis.exceptions import RedisError
from rq import Worker
from rq.exceptions import StopRequested

from app import create_app
from app.core import redis
from app.core.queue import QUEUES
from app.core.ticker import Ticker

TTL = 60
MAINTENANCE = 30
PAUSE = 1.0
Worker.max_connection_wait_time = 5.0
log = logging.getLogger("worker")


def work(queues: Sequence[str]) -> bool:
    """Serve jobs until told to stop (True) or until Redis goes away (False)."""
    worker = None
    try:
        worker = Worker(
            queues,
            connection=redis.connection(),
            serializer="json",
            worker_ttl=TTL,
            maintenance_interval=MAINTENANCE,
        )
        worker.work(logging_level="WARNING")
    except (RedisError, OSError) as error:
        log.warning("Redis is away: %s", type(error).__name__)
    return worker is not None and worker._shutdown_requested_date is not None


def main() -> int:
    """The exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stdout)
    queues = sys.argv[1:] or QUEUES
    app = create_app()
    with app.app_context():
        Ticker(app.config["REDIS_URL"]).start()
        log.info("listening on %s", ", ".join(queues))
        try:
            while not work(queues):
                time.sleep(PAUSE)
        except StopRequested:
            pass
    log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())

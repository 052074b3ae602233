"""The web server: two processes of four threads on one address, drained within ten seconds at the end."""

import os

from gunicorn.workers.base import Worker

HOST = "0.0.0.0" if os.environ.get("SHOP_ENV") == "production" else "127.0.0.1"  # noqa: S104

bind = f"{HOST}:{os.environ.get('PORT', '5000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = True
graceful_timeout = 10
timeout = 30
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
control_socket_disable = True
forwarded_allow_ips = ""
accesslog = None
errorlog = "-"
loglevel = "warning"


def post_worker_init(worker: Worker) -> None:
    """Know MongoDB before the first page asks for it."""
    from app.core import mongo

    with worker.wsgi.app_context():
        mongo.warm()

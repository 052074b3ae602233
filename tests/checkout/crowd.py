"""Many shoppers at once: real threads, each with its own application context and connection."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import create_engine

from app.core.db import db

T = TypeVar("T")
FULL = os.environ.get("TEST_SIZE") == "full"
THREADS = 64 if FULL else 16
ROUNDS = 200 if FULL else 10


def widen(app: Flask, connections: int) -> None:
    """Give the app (inside its context) an engine with a connection for every thread."""
    options: dict[str, Any] = {
        **app.config["SQLALCHEMY_ENGINE_OPTIONS"],
        "pool_size": connections,
        "pool_timeout": 60,
    }
    db.engine.dispose()
    db.engines[None] = create_engine(app.config["SQLALCHEMY_DATABASE_URI"], **options)


def at_once(app: Flask, works: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run all works together, each in a thread; their answers or what they raised, in order."""
    start = Barrier(len(works))

    def run(work: Callable[[], T]) -> T | Exception:
        with app.app_context():
            start.wait()
            try:
                return work()
            except Exception as error:  # noqa: BLE001 - the test looks at it
                return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))

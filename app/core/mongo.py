"""MongoDB for web processes (50 ms, only when a server is known, breaker) and for the worker (patient)."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, TypeVar, cast

import pymongo
from flask import Flask, current_app
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from app.core.breaker import Breaker

T = TypeVar("T")
Document = dict[str, Any]
BUDGET = 0.05
PATIENCE = 2.0
DEFAULT_NAME = "shop"


class Away(RuntimeError):
    """MongoDB did not answer."""


@dataclass
class Store:
    """One client a process, opened at its first use (a client must not be carried over a fork)."""

    uri: str
    lock: Lock = field(default_factory=Lock)
    client: MongoClient[Document] | None = None
    patient: tuple[int, MongoClient[Document]] | None = None
    breaker: Breaker | None = None

    def open(self) -> MongoClient[Document]:
        with self.lock:
            if self.client is None:
                self.client = MongoClient(
                    self.uri, serverSelectionTimeoutMS=300, connectTimeoutMS=300, tz_aware=True, maxPoolSize=8
                )
                self.breaker = Breaker("mongodb", partial(_ping, self.client))
            return self.client

    def database(self) -> Database[Document]:
        return self.open().get_default_database(DEFAULT_NAME)

    def wait(self) -> MongoClient[Document]:
        """The patient client of this process, opened anew after a fork."""
        with self.lock:
            if self.patient is None or self.patient[0] != os.getpid():
                self.patient = (
                    os.getpid(),
                    MongoClient(self.uri, serverSelectionTimeoutMS=5000, tz_aware=True),
                )
            return self.patient[1]

    def close(self) -> None:
        """Let go of every connection; the probe opens none again."""
        if self.breaker:
            self.breaker.give_up()
        for client in (self.client, self.patient[1] if self.patient else None):
            if client is not None:
                client.close()
        self.client, self.patient = None, None

    def knows_server(self) -> bool:
        return bool(self.open().topology_description.has_readable_server())


def _ping(client: MongoClient[Document]) -> None:
    with pymongo.timeout(1):
        client.admin.command("ping")


def init_app(app: Flask) -> None:
    """Attach the store; nothing connects before the first use."""
    app.extensions["shop.mongo"] = Store(app.config["MONGODB_URI"])


def _store() -> Store:
    return cast(Store, current_app.extensions["shop.mongo"])


def warm(seconds: float = 1.0) -> bool:
    """Wait until the client knows a server, so that a process's first page can read. True when it does."""
    store = _store()
    until = time.monotonic() + seconds
    while not store.knows_server() and time.monotonic() < until:
        time.sleep(0.01)
    return store.knows_server()


def ask(action: Callable[[Database[Document]], T], otherwise: T) -> T:
    """The action's answer within 50 ms, else `otherwise`. Does not wait while MongoDB is away, never raises."""
    store = _store()
    try:
        if not store.knows_server() or (store.breaker and store.breaker.is_open):
            return otherwise
        with pymongo.timeout(BUDGET):
            return action(store.database())
    except (PyMongoError, OSError) as error:
        if store.breaker:
            store.breaker.trip(error)
        return otherwise


def each(find: Callable[[Database[Document]], Iterable[Document]]) -> Iterator[Document]:
    """The documents of a cursor one by one, so that any number may pass through a web process; 2 s for each step.

    They may be read after the request. Raises Away, without waiting while MongoDB is known to be away.
    """
    return _each(_store(), find)


def _each(store: Store, find: Callable[[Database[Document]], Iterable[Document]]) -> Iterator[Document]:
    database = store.database()
    if store.breaker and store.breaker.is_open:
        raise Away
    try:
        found = iter(find(database))
        while (one := _next(found)) is not None:
            yield one
    except (PyMongoError, OSError) as error:
        if store.breaker:
            store.breaker.trip(error)
        raise Away from error


def _next(found: Iterator[Document]) -> Document | None:
    with pymongo.timeout(PATIENCE):
        return next(found, None)


@contextmanager
def opened() -> Iterator[Database[Document]]:
    """The database by a patient client of its own, closed afterwards."""
    with MongoClient[Document](_store().uri, serverSelectionTimeoutMS=5000, tz_aware=True) as client:
        yield client.get_default_database(DEFAULT_NAME)


def database() -> Database[Document]:
    """The database for the worker and commands: waits for a server for 5 s, raises PyMongoError."""
    return _store().wait().get_default_database(DEFAULT_NAME)


def close(app: Flask) -> None:
    """Let go of the app's connections."""
    cast(Store, app.extensions["shop.mongo"]).close()

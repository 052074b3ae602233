"""A shop whose stream and MongoDB are its own and empty."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.analytics import store
from app.core import mongo, redis


@pytest.fixture
def quiet(shop_app: Flask) -> Iterator[Flask]:
    """The shop in an app context, with nothing in Redis and MongoDB."""
    with shop_app.app_context(), redis.connection() as client, mongo.opened() as database:
        client.flushdb()
        database.client.drop_database(database.name)
        yield shop_app
        client.flushdb()
        database.client.drop_database(database.name)


@pytest.fixture
def database(quiet: Flask) -> Iterator[Any]:
    """The shop's MongoDB database, with its collections."""
    with mongo.opened() as found:
        store.prepare(found)
        yield found

"""A shop whose stream and MongoDB are its own and empty."""

import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pymongo import MongoClient

from app.analytics import events, store
from app.core import mongo, redis


@pytest.fixture
def quiet(shop_app: Flask) -> Iterator[Flask]:
    """The shop in an app context, with nothing in Redis and MongoDB."""
    with shop_app.app_context(), redis.connection() as client, mongo.opened() as database:
        events._waiting.clear()
        client.flushdb()
        database.client.drop_database(database.name)
        yield shop_app
        client.flushdb()
        database.client.drop_database(database.name)


@pytest.fixture
def database() -> Iterator[Any]:
    """A MongoDB database of its own, with the shop's collections."""
    with MongoClient[dict[str, Any]](
        os.environ["TEST_MONGODB_SERVER"], directConnection=True, tz_aware=True
    ) as client:
        found = client[f"test_{secrets.token_hex(4)}"]
        store.prepare(found)
        yield found
        client.drop_database(found.name)

"""PostgreSQL lets go of every connection between two visits: no reader is told."""

from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from flask import Flask

from tests import databases
from tests.conftest import TEMPLATE, close_app, make_app

PAGES = ("/en/shop", "/km/products/niacinamide", "/en/search?q=serum", "/en/cart", "/en/", "/km/shop/serum")


@pytest.fixture
def reading(worker: int) -> Iterator[Flask]:
    """A shop whose reads run as in production, each for itself."""
    name = databases.new_name("readers")
    databases.clone(TEMPLATE, name)
    app = make_app(databases.url(name), worker + 8, READ_AUTOCOMMIT=True)
    yield app
    close_app(app)
    for engine in app.extensions["shop.readers"].values():
        engine.dispose()
    databases.drop(name)


def end_connections(app: Flask) -> int:
    """Ends all connections to the app's database; how many there were."""
    name = app.config["DATABASE_URL"].rpartition("/")[2]
    connection = psycopg2.connect(databases.url("postgres"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        found = cursor.fetchone()
    connection.close()
    return int(found[0]) if found else 0


def test_the_next_read_is_answered(reading: Flask) -> None:
    visitor: Any = reading.test_client()
    for path in PAGES:
        assert visitor.get(path).status_code == 200
        assert end_connections(reading) > 0
        assert visitor.get(path).status_code == 200

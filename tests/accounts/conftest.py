"""Each test of accounts comes from an address of its own, so that limits by address do not meet."""

from collections.abc import Callable
from random import randrange
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient


def own_address(client: FlaskClient) -> FlaskClient:
    """The client, seen as coming from an address that nobody else has."""
    client.environ_base["REMOTE_ADDR"] = ".".join(str(randrange(1, 250)) for _ in range(4))
    return client


@pytest.fixture
def client(app: Flask, db_session: Any) -> FlaskClient:
    return own_address(app.test_client())


@pytest.fixture
def stranger(app: Flask, db_session: Any) -> Callable[[], FlaskClient]:
    """Makes one more client, without cookies and with an address of its own."""
    return lambda: own_address(app.test_client())

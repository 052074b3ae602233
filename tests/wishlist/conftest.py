"""Browsers and products for tests of wishlists."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.core.db import db
from tests import trade
from tests.accounts.conftest import own_address


@pytest.fixture
def client(app: Flask, db_session: Any) -> FlaskClient:
    return own_address(app.test_client())


@pytest.fixture
def another(app: Flask, db_session: Any) -> Callable[[], FlaskClient]:
    """Makes one more browser without cookies."""
    return lambda: own_address(app.test_client())


@pytest.fixture
def shelf(db_session: Any) -> Callable[..., tuple[int, str]]:
    """Makes a product for sale; its id and slug."""

    def make(units: int = 10, **facts: Any) -> tuple[int, str]:
        made = trade.product(units, **{"status": "active", **facts})
        slug = db.session.execute(text("SELECT slug FROM products WHERE id = :id"), {"id": made}).scalar_one()
        db.session.commit()
        return made, str(slug)

    return make

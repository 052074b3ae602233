"""The bank that tests of payments ask."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.demo.fake_bakong import FakeBakong
from tests import trade


@pytest.fixture
def bank(app: Flask, db_session: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBakong]:
    trade.ground()
    with FakeBakong() as made:
        monkeypatch.setitem(app.config, "BAKONG_BASE_URL", made.url)
        monkeypatch.setitem(app.config, "BAKONG_TOKEN", made.token)
        yield made

"""PostgreSQL dies in the middle of checkouts: nobody's acknowledged order is lost, nobody orders twice."""

import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from app import create_app
from app.checkout import placing
from app.checkout.patience import patiently
from app.checkout.placing import Placed
from app.config import Settings
from app.core.db import db
from app.core.stack import Stack
from app.inventory import stock
from tests import trade
from tests.checkout.crowd import FULL, at_once, widen

BUYERS, ORDERS, CRASHES = (16, 40, 3) if FULL else (8, 15, 1)
ORDERED = text("SELECT idempotency_key, order_number FROM orders")


@pytest.fixture
def server() -> Iterator[Stack]:
    """A PostgreSQL of the test's own, as durable as in production."""
    folder = Path(tempfile.mkdtemp(prefix="kesor-restart-"))
    folder.chmod(0o755)
    stack = Stack(folder, wanted=["postgres"])
    stack.start()
    yield stack
    stack.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def shop(app: Flask, server: Stack) -> Iterator[Flask]:
    same = Settings(**{field.name: app.config[field.name] for field in fields(Settings)})
    settings = replace(same, DATABASE_URL=server.urls()["DATABASE_URL"])
    made = create_app(settings, READ_AUTOCOMMIT=False, PAGE_CACHE_SECONDS=0)
    with made.app_context():
        upgrade()
        trade.ground()
        db.session.commit()
        widen(made, BUYERS + 2)
        yield made
        db.session.remove()
        db.engine.dispose()


def crash(server: Stack, when: list[float]) -> None:
    """Kill and restart it after each wait; from the main thread: a server ends with the thread that began it."""
    for wait in when:
        time.sleep(wait)
        server.halt("postgres", signal.SIGQUIT)
        server.launch("postgres")
        server.wait("postgres")


def buys(product_id: int) -> list[tuple[Placed, placing.Details]]:
    """One shopper who orders again and again; what was acknowledged."""
    acknowledged = []
    for _ in range(ORDERS):
        token = patiently(partial(trade.cart, {product_id: 1}))
        details = trade.details("14.00")
        placed = patiently(partial(placing.place, trade.buyer(token), details))
        acknowledged.append((placed, details))
    return acknowledged


def test_no_acknowledged_order_is_lost(shop: Flask, server: Stack) -> None:
    cream = trade.product(BUYERS * ORDERS)
    db.session.commit()
    db.session.remove()
    works: list[Callable[[], list[tuple[Placed, placing.Details]]]] = [partial(buys, cream)] * BUYERS
    with ThreadPoolExecutor(1) as crowd:
        running = crowd.submit(at_once, shop, works)
        crash(server, [0.7] * CRASHES)
        outcomes = running.result()
    errors = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [(error, error.__cause__) for error in errors] == []
    promised = [pair for outcome in outcomes if not isinstance(outcome, Exception) for pair in outcome]
    kept = {row.idempotency_key: row.order_number for row in db.session.execute(ORDERED)}
    assert {details.idempotency_key: placed.number for placed, details in promised} == kept
    assert trade.figures(cream) == (BUYERS * ORDERS, len(kept))
    assert stock.prove() == []

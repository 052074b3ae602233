"""PostgreSQL dies in the middle of checkouts: nobody's acknowledged order is lost, nobody orders twice."""

import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import text

from app import create_app
from app.checkout import placing
from app.checkout.patience import patiently
from app.config import Settings
from app.core.db import db
from app.core.errors import Busy
from app.core.stack import Stack
from app.inventory import stock
from tests import trade
from tests.checkout.crowd import FULL, at_once, widen

BUYERS, ORDERS, CRASHES = (16, 40, 3) if FULL else (8, 15, 1)
ORDERED = text("SELECT idempotency_key, order_number FROM orders")


T = TypeVar("T")


@dataclass
class Bought:
    """What a shopper was promised, as (key, number), and how often the shop was busy."""

    orders: list[tuple[str, str]]
    refusals: int


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
    made.cli.load()  # type: ignore[attr-defined]
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


def buys(product_id: int) -> Bought:
    """One shopper who orders again and again, with the same form after a polite Busy."""
    bought = Bought([], 0)
    for _ in range(ORDERS):
        token = insists(partial(trade.cart, {product_id: 1}), bought)
        details = trade.details("14.00")
        placed = insists(partial(placing.place, trade.buyer(token), details), bought)
        bought.orders.append((details.idempotency_key, placed.number))
    return bought


def insists(work: Callable[[], T], bought: Bought) -> T:
    """Try until it is done, counting how often the shop asked for patience."""
    for _ in range(20):
        try:
            return patiently(work)
        except Busy:
            bought.refusals += 1
    raise AssertionError("PostgreSQL never came back")


def test_no_acknowledged_order_is_lost(shop: Flask, server: Stack) -> None:
    cream = trade.product(BUYERS * ORDERS)
    db.session.commit()
    db.session.remove()
    works: list[Callable[[], Bought]] = [partial(buys, cream)] * BUYERS
    with ThreadPoolExecutor(1) as crowd:
        running = crowd.submit(at_once, shop, works)
        crash(server, [0.7] * CRASHES)
        outcomes = running.result()
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    everybody = [outcome for outcome in outcomes if isinstance(outcome, Bought)]
    promised = {key: number for bought in everybody for key, number in bought.orders}
    kept = {row.idempotency_key: row.order_number for row in db.session.execute(ORDERED)}
    assert len(promised) == BUYERS * ORDERS
    assert promised == kept
    assert trade.figures(cream) == (BUYERS * ORDERS, len(kept))
    assert stock.prove() == []
    refusals = sum(bought.refusals for bought in everybody)
    print(f"{len(promised)} orders through {CRASHES} crashes, {refusals} shoppers asked for patience")
    assert not FULL or refusals <= len(promised) * 0.005

"""Redis or MongoDB stopped, hung or wiped: browsing, the bag and checkout go on (spec: security 2d)."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from app.core import db, mongo, redis
from app.core.stack import Stack
from tests import databases
from tests.conftest import TEMPLATE, close_app, make_app
from tests.journeys import Shopper

FAULTS = ["redis stopped", "redis hung", "redis wiped", "mongodb stopped", "mongodb hung", "both stopped"]


@pytest.fixture(scope="module")
def own_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A Redis and a MongoDB that this module may hurt."""
    stack = Stack(tmp_path_factory.mktemp("stores"), wanted={"redis", "mongodb"})
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def app_on_own_stores(own_stores: Stack) -> Iterator[Flask]:
    name = databases.new_name("faults")
    databases.clone(TEMPLATE, name)
    urls = own_stores.urls()
    app = make_app(databases.url(name), 0, REDIS_URL=urls["REDIS_URL"], MONGODB_URI=urls["MONGODB_URI"])
    yield app
    close_app(app)
    databases.drop(name)


@pytest.fixture
def fault(request: pytest.FixtureRequest, own_stores: Stack, app_on_own_stores: Flask) -> Iterator[str]:
    """Hurts the stores once the shop is warm, and mends them afterwards."""
    Shopper(app_on_own_stores).buys()
    names = ["redis", "mongodb"] if request.param.startswith("both") else [request.param.split()[0]]
    for name in names:
        hurt(own_stores, name, request.param.split()[1])
    yield str(request.param)
    for name in names:
        mend(own_stores, name)


def hurt(stack: Stack, name: str, how: str) -> None:
    if how == "hung":
        os.kill(stack.processes[name].pid, signal.SIGSTOP)
    elif how == "wiped":
        redis.connection(stack.urls()["REDIS_URL"]).flushall()
    else:
        stack.halt(name, signal.SIGKILL)


def mend(stack: Stack, name: str) -> None:
    if name in stack.processes:
        os.kill(stack.processes[name].pid, signal.SIGCONT)
    else:
        stack.launch(name)
        stack.wait(name)


@pytest.mark.parametrize("fault", FAULTS, indirect=True)
def test_the_shop_goes_on_selling(fault: str, app_on_own_stores: Flask) -> None:
    began = time.monotonic()
    shopper = Shopper(app_on_own_stores)
    shopper.browses()
    number = shopper.buys()
    assert time.monotonic() - began < 10, "pages waited for a store that is away"
    with app_on_own_stores.app_context():
        assert db.scalar(text("SELECT count(*) FROM orders WHERE order_number = :n"), {"n": number}) == 1


def test_nobody_waits_behind_an_open_breaker(own_stores: Stack, app_on_own_stores: Flask) -> None:
    hurt(own_stores, "redis", "hung")
    try:
        with app_on_own_stores.app_context():
            assert redis.ask(lambda r: r.ping(), "away") == "away"
            asked: list[int] = []
            began = time.monotonic()
            for _ in range(200):
                redis.ask(lambda _: asked.append(1), None)
            assert not asked
            assert time.monotonic() - began < 1
    finally:
        mend(own_stores, "redis")
    with app_on_own_stores.app_context():
        until = time.monotonic() + 15
        while redis.is_away() and time.monotonic() < until:
            time.sleep(0.1)
        assert redis.ask(lambda r: bool(r.ping()), False) is True


def test_readyz_tells_what_is_down(own_stores: Stack, app_on_own_stores: Flask) -> None:
    hurt(own_stores, "redis", "stopped")
    try:
        answer = app_on_own_stores.test_client().get("/readyz")
        assert (answer.status_code, answer.json and answer.json["redis"]) == (200, "down")
    finally:
        mend(own_stores, "redis")


def test_a_closed_shop_asks_no_more(own_stores: Stack, app_on_own_stores: Flask) -> None:
    """What looks for a MongoDB that is away opens no client after the shop has closed its own."""
    store = app_on_own_stores.extensions["shop.mongo"]
    with app_on_own_stores.app_context():
        assert mongo.warm(5)
        hurt(own_stores, "mongodb", "hung")
        try:
            assert mongo.ask(lambda database: database.command("ping"), None) is None
            assert store.breaker.is_open
            mongo.close(app_on_own_stores)
            time.sleep(store.breaker.pause * 1.5)
        finally:
            mend(own_stores, "mongodb")
    assert store.client is None

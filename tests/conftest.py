"""One set of real servers a run, one database a worker, each test rolled back; no network but the loopback."""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.globals import _cv_app
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache

from app import create_app
from app.core import mongo, shop, sqlcount
from app.core.db import db
from app.core.stack import Stack
from tests import databases

FULL = os.environ.get("TEST_SIZE") == "full"
TEMPLATE = "shop_template"
LONGEST = ("e2e", "running", "analytics", "faults", "recommend", "accounts", "checkout")


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the servers and builds the template database; workers find them in the environment."""
    config.stash[STACK] = None
    if "TEST_DATABASE_SERVER" in os.environ or hasattr(config, "workerinput") or config.option.collectonly:
        return
    folder = Path(tempfile.mkdtemp(prefix="kesor-tests-"))
    folder.chmod(0o755)
    stack = Stack(folder, options={"max_connections": "200", "fsync": "off", "full_page_writes": "off"})
    config.stash[STACK] = (stack, folder)
    urls = stack.start()
    os.environ["TEST_DATABASE_SERVER"] = urls["DATABASE_URL"].rpartition("/")[0]
    os.environ["TEST_REDIS_SERVER"] = urls["REDIS_URL"].rpartition("/")[0]
    os.environ["TEST_MONGODB_SERVER"] = urls["MONGODB_URI"].partition("/shop")[0]
    os.environ["TEST_UPLOADS"] = str(folder / "uploads")
    databases.build_template(TEMPLATE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The folders of the longest files come first, so that no process is left alone with one at the end."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.parent.name, len(place)))


def pytest_unconfigure(config: pytest.Config) -> None:
    started = config.stash.get(STACK, None)
    if started:
        started[0].stop()
        shutil.rmtree(started[1], ignore_errors=True)


STACK = pytest.StashKey[tuple[Stack, Path] | None]()


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """Refuse every connection that leaves this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> int:
    """This worker's number, 0 when tests run in one process."""
    name = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    return int(name.removeprefix("gw"))


@pytest.fixture(scope="session")
def app(worker: int) -> Iterator[Flask]:
    """The shop on this worker's own clone of the seeded template."""
    name = f"shop_test_{worker}"
    databases.clone(TEMPLATE, name)
    app = make_app(databases.url(name), worker)
    with app.app_context():
        db.session.configure(join_transaction_mode="create_savepoint")
    yield app
    close_app(app)
    databases.drop(name)


class Visitor(FlaskClient):
    """A client whose every request starts from an empty context, as on a server."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        def request() -> Any:
            _cv_app.set(None)  # type: ignore[arg-type]
            return FlaskClient.open(self, *args, **kwargs)

        return copy_context().run(request)


def close_app(app: Flask) -> None:
    """Let go of the app's connections."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    mongo.close(app)


def compiled_templates() -> str:
    """Where the apps of a run share their compiled templates."""
    folder = Path(os.environ["TEST_UPLOADS"]).with_name("templates")
    folder.mkdir(exist_ok=True)
    return str(folder)


def make_app(database_url: str, number: int, **overrides: object) -> Flask:
    """An app on one database, with a Redis database and a MongoDB database of its own."""
    settings = databases.settings(database_url, number)
    usual = {
        "READ_AUTOCOMMIT": False,
        "PAGE_CACHE_SECONDS": 0,
        "REMEMBER_SECONDS": 0,
        "SNAPSHOT_SECONDS": 3600,
    }
    app = create_app(settings, **usual | overrides)

    app.test_client_class = Visitor
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(compiled_templates())

    @app.after_request
    def nothing_forgotten(response: Any) -> Any:
        forgotten = [*db.session.new, *db.session.dirty, *db.session.deleted]
        assert not forgotten, f"the request left the session dirty: {forgotten}"
        return response

    return app


@pytest.fixture
def db_session(app: Flask) -> Iterator[Any]:
    """The session inside one transaction that is rolled back after the test, whatever was committed.

    What the process remembered meanwhile (facets, shelves, rates) is forgotten with it.
    """
    remembered = dict(app.extensions)
    with app.app_context():
        engine = db.engine
        connection = engine.connect()
        outer = connection.begin()
        db.engines[None] = connection  # type: ignore[assignment]
        shop.forget()
        yield db.session
        db.session.remove()
        outer.rollback()
        connection.close()
        db.engines[None] = engine
        app.extensions.clear()
        app.extensions.update(remembered)
        shop.forget()


@pytest.fixture
def client(app: Flask, db_session: Any) -> FlaskClient:
    """A visitor without cookies."""
    return app.test_client()


@pytest.fixture
def counted() -> Callable[[], Any]:
    """`with counted() as statements:` collects the SQL statements run inside."""

    @contextmanager
    def count() -> Iterator[list[str]]:
        seen: list[str] = []
        token = sqlcount.statements.set(seen)
        yield seen
        sqlcount.statements.reset(token)

    return count


@pytest.fixture
def fresh_database() -> Iterator[str]:
    """The URL of a new empty database, dropped afterwards."""
    name = databases.new_name("fresh")
    databases.create(name)
    yield databases.url(name)
    databases.drop(name)


@pytest.fixture
def shop_app(worker: int) -> Iterator[Flask]:
    """A shop on a database of its own (a seeded clone), for tests with threads or faults."""
    name = databases.new_name("clone")
    databases.clone(TEMPLATE, name)
    app = make_app(databases.url(name), worker + 8)
    yield app
    close_app(app)
    databases.drop(name)


@pytest.fixture
def shop_database(shop_app: Flask) -> str:
    """The URL of `shop_app`'s database."""
    return str(shop_app.config["DATABASE_URL"])


def server_port(url: str) -> int:
    """The port in a server's URL."""
    return urlsplit(url).port or 0

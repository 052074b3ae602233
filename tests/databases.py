"""Databases of a test run: the seeded template, clones of it, empty ones; and the settings that name them."""

import os
import secrets
from pathlib import Path

import psycopg2
from flask_migrate import upgrade
from psycopg2 import sql

from app import create_app
from app.config import Settings
from app.core import mongo
from app.core.db import db
from app.demo.seeding import seed

PINNED_TODAY = "2026-11-01"


def url(name: str) -> str:
    """The address of a database of this run."""
    return f"{os.environ['TEST_DATABASE_SERVER']}/{name}"


def run(statement: str, **names: str) -> None:
    """Run one statement with quoted identifiers on the maintenance database."""
    connection = psycopg2.connect(url("postgres"))
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(statement).format(**{key: sql.Identifier(value) for key, value in names.items()})
        )
    connection.close()


def new_name(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(4)}"


def create(name: str, ctype: str = "C.UTF-8") -> None:
    """An empty database from template0 with the given LC_CTYPE."""
    run("DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name)
    collate = f"ENCODING 'UTF8' LC_COLLATE '{ctype}' LC_CTYPE '{ctype}'"
    run("CREATE DATABASE {name} TEMPLATE template0 " + collate, name=name)


def clone(source: str, name: str) -> None:
    run("DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name)
    run("CREATE DATABASE {name} TEMPLATE {source}", name=name, source=source)


def drop(name: str) -> None:
    run("DROP DATABASE IF EXISTS {name} WITH (FORCE)", name=name)


def settings(database_url: str, number: int) -> Settings:
    """Settings of a test app: worker `number` has Redis database, MongoDB database and upload folder `number`."""
    uploads = Path(os.environ["TEST_UPLOADS"])
    return Settings(
        SHOP_ENV="test",
        SHOP_DATA=str(uploads.parent),
        UPLOAD_DIR=str(uploads / str(number)),
        SECRET_KEY="test-" + "0123456789abcdef" * 4,
        SECRET_KEY_FALLBACKS=[],
        TRUSTED_HOSTS=["localhost", "127.0.0.1"],
        PUBLIC_BASE_URL="",
        DATABASE_URL=database_url,
        REDIS_URL=f"{os.environ['TEST_REDIS_SERVER']}/{number}",
        MONGODB_URI=f"{os.environ['TEST_MONGODB_SERVER']}/test_{number}?directConnection=true",
        PROXY_HOPS=0,
        STATEMENT_TIMEOUT_MS=5000,
    )


def build_template(name: str) -> None:
    """Migrate and seed the small demo shop once; every worker clones it."""
    os.environ["SEED_TODAY"] = PINNED_TODAY
    create(name)
    app = create_app(settings(url(name), 15))
    app.cli.load()  # type: ignore[attr-defined]
    with app.app_context():
        upgrade()
        db.session.remove()
        seed(orders=300, customers=60, reviews=250, pictures=False, echo=lambda *_: None)
        db.session.remove()
        db.engine.dispose()
    mongo.close(app)

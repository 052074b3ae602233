"""Whether the shop is alive (healthz) and ready to sell (readyz); only PostgreSQL can make it unready."""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.core import mongo, redis
from app.core.db import db


def readiness() -> dict[str, str]:
    """`status`, `postgres`, `redis`, `mongodb`, each `up` or `down` (status: `ready` or `unready`)."""
    try:
        db.session.execute(text("SELECT 1"))
        postgres = "up"
    except SQLAlchemyError:
        db.session.rollback()
        postgres = "down"
    return {
        "status": "ready" if postgres == "up" else "unready",
        "postgres": postgres,
        "redis": "up" if redis.ask(lambda r: bool(r.ping()), False) else "down",
        "mongodb": "up" if mongo.ask(lambda d: bool(d.command("ping")), False) else "down",
    }

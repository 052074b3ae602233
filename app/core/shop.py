"""The shop's own facts: settings, exchange rate, catalogue version, read anew every few seconds."""

import time
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from flask import Flask, current_app, has_request_context
from sqlalchemy import text

from app.core.db import db
from app.core.prepared import prepared

SNAPSHOT = prepared(
    "SELECT (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM settings),"
    " (SELECT khr_per_usd FROM exchange_rates ORDER BY date DESC LIMIT 1),"
    " (SELECT last_value FROM catalogue_version_seq)"
)
DEFAULTS: dict[str, Any] = {
    "store_name": "KESOR",
    "free_delivery_over": "30",
    "tax_rate": "10",
    "tax_inclusive": True,
    "claims": [],
    "payment_methods": ["cod"],
    "same_day_cut_off": "15:00",
    "return_days": 30,
    "phone": "",
    "telegram": "",
    "address": {},
    "licence": "",
}
DEFAULT_RATE = Decimal(4100)
_current: ContextVar["Shop | None"] = ContextVar("shop", default=None)


@dataclass(frozen=True)
class Shop:
    """`rate` is riel a dollar, `tax_rate` per cent, money in dollars; `edition` is the same for the same facts."""

    settings: dict[str, Any]
    rate: Decimal
    catalogue_version: int
    good_until: float
    edition: int

    def __getattr__(self, name: str) -> Any:
        if name in self.settings:
            return self.settings[name]
        raise AttributeError(name)

    @property
    def name(self) -> str:
        return str(self.settings["store_name"])

    @property
    def free_delivery_over(self) -> Decimal:
        return Decimal(str(self.settings["free_delivery_over"]))

    @property
    def tax_rate(self) -> Decimal:
        return Decimal(str(self.settings["tax_rate"]))


def shop() -> Shop:
    """This process's snapshot, at most SNAPSHOT_SECONDS old when the request began; one statement to read it anew."""
    return _current.get() or _snapshot()


def _snapshot() -> Shop:
    kept = cast(Shop | None, current_app.extensions.get("shop.snapshot"))
    if kept is None or time.monotonic() > kept.good_until:
        kept = read()
        current_app.extensions["shop.snapshot"] = kept
    if has_request_context():
        _current.set(kept)
    return kept


def read() -> Shop:
    """A fresh snapshot from PostgreSQL."""
    settings, rate, version = db.session.execute(SNAPSHOT).one()
    facts = DEFAULTS | dict(settings)
    until = time.monotonic() + current_app.config["SNAPSHOT_SECONDS"]
    return Shop(facts, rate or DEFAULT_RATE, version, until, edition=hash(repr((facts, rate))))


def forget() -> None:
    """Read the snapshot anew at its next use (this process)."""
    current_app.extensions.pop("shop.snapshot", None)
    _current.set(None)


def touch_catalogue() -> None:
    """Tell every process that listings, facets and cached pages are out of date; call it after the commit."""
    db.session.execute(text("SELECT nextval('catalogue_version_seq')"))
    db.session.commit()
    forget()


def init_app(app: Flask) -> None:
    """Offer the snapshot to templates, one for the whole of a request."""
    app.jinja_env.globals["shop"] = shop

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        _current.set(None)

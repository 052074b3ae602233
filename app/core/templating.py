"""What every template may use: money, languages, hashed static addresses, tokens."""

from collections import ChainMap
from collections.abc import MutableMapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any

from babel.dates import format_date
from flask import Flask, current_app, request
from flask.json.provider import DefaultJSONProvider
from flask_babel import get_locale
from jinja2 import Environment

from app.core import i18n, money, phrases, security
from app.core.assets import static
from app.core.khmer import norm
from app.core.schedule import PHNOM_PENH
from app.core.shop import shop


def khr(amount: Decimal, rate: Decimal | None = None) -> str:
    """The amount in riel at an order's own rate, else the shop's."""
    return money.khr(amount, rate or shop().rate)


def day(moment: datetime) -> str:
    """The Phnom Penh day, as `14 November 2026` in the reader's language."""
    return _written(moment.astimezone(PHNOM_PENH).date(), "d MMMM y", i18n.lang())


def day_short(value: date) -> str:
    """A day without its year, as `14 Nov` in the reader's language."""
    return _written(value, "d MMM", i18n.lang())


@lru_cache(maxsize=4096)
def _written(value: date, form: str, language: str) -> str:
    return format_date(value, form, locale=language)


def country(name: str) -> str:
    """A country's name in the reader's language for its two letters; any other text as it is."""
    territories = get_locale().territories
    return norm(str(territories.get(name.upper(), name)))


def base_url() -> str:
    """The shop's public address: the configured one, else (never in production) this request's."""
    return str(current_app.config["PUBLIC_BASE_URL"] or request.host_url.rstrip("/"))


def shared_globals(env: Environment, own: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
    """One dict for all templates that bring no globals of their own: Jinja's chain of maps costs each include dear."""
    return ChainMap(own, env.globals) if own else env.globals


def init_app(app: Flask) -> None:
    """Register the globals and filters."""
    env = app.jinja_env
    if isinstance(app.json, DefaultJSONProvider):
        app.json.ensure_ascii = False
    env.trim_blocks = env.lstrip_blocks = True
    env.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    env.add_extension("jinja2.ext.i18n")
    phrases.init_app(app)
    env.make_globals = partial(shared_globals, env)  # type: ignore[method-assign]
    env.globals.update(
        lang=i18n.lang,
        pick=i18n.pick,
        fallback_lang=i18n.fallback_lang,
        speaks=i18n.speaks,
        path_in=i18n.path_in,
        switch_url=i18n.switch_url,
        static=static,
        base_url=base_url,
        csrf_token_if_needed=security.csrf_token_if_needed,
        has_authority=security.has_authority,
    )
    env.filters.update(usd=money.usd, riel=khr, day=day, day_short=day_short, country=country)

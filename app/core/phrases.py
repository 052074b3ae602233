"""Texts and addresses as templates ask for them, each looked up once a language: pages hold a hundred of them."""

from typing import Any

from flask import Flask, url_for
from flask_babel import get_translations
from markupsafe import Markup

from app.core.i18n import lang

MOST_KEPT = 20_000
_said: dict[tuple[str, str], Markup] = {}
_addresses: dict[tuple[Any, ...], str] = {}


def say(text: str, /, **values: Any) -> Markup:
    """The text in the reader's language; values are escaped, `%%` is a per cent sign."""
    key = (lang(), text)
    found = _said.get(key)
    if found is None:
        found = _keep(_said, key, Markup(get_translations().ugettext(text)))  # noqa: S704 - our own catalogue
    return found % values if values or "%" in found else found


def say_many(singular: str, plural: str, n: int, /, **values: Any) -> Markup:
    """The form of a text for a number, which it may name `num`."""
    found = Markup(get_translations().ungettext(singular, plural, n))  # noqa: S704 - our own catalogue
    return found % {"num": n, **values}


def address(endpoint: str, **values: Any) -> str:
    """`url_for`, remembered where host and order of the query do not matter."""
    if "_external" in values or endpoint[0] == ".":
        return url_for(endpoint, **values)
    key = (lang(), endpoint, *values.items())
    try:
        found = _addresses.get(key)
    except TypeError:
        return url_for(endpoint, **values)
    return found if found is not None else _keep(_addresses, key, url_for(endpoint, **values))


def _keep(memory: dict[Any, Any], key: Any, value: Any) -> Any:
    if len(memory) >= MOST_KEPT:
        memory.clear()
    memory[key] = value
    return value


def forget() -> None:
    """Look everything up anew: another application, or new translations."""
    _said.clear()
    _addresses.clear()


def init_app(app: Flask) -> None:
    """Give templates `_`, `ngettext` and `url_for`."""
    forget()
    env = app.jinja_env
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    env.globals |= {"_": say, "gettext": say, "ngettext": say_many, "url_for": address}

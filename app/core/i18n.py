"""Languages: `en` and `km` in URLs and pages, `kh` in the database; the mapping and the fallback."""

from contextvars import ContextVar
from typing import Any
from urllib.parse import quote

from babel import negotiate_locale
from flask import Flask, current_app, g, has_request_context, request, url_for
from flask_babel import Babel

LANGUAGES = ("en", "km")
DEFAULT = "km"
SPELLINGS = {"kh": "km", "kh-kh": "km", "km-kh": "km", "km": "km", "en": "en", "en-us": "en", "en-gb": "en"}
babel = Babel()
_current: ContextVar[str | None] = ContextVar("language", default=None)


def db_to_locale(language: str) -> str:
    """`kh` -> `km`, `en` -> `en`."""
    return "km" if language == "kh" else "en"


def locale_to_db(language: str) -> str:
    """`km` -> `kh`, `en` -> `en`."""
    return "kh" if language == "km" else "en"


def lang() -> str:
    """The language of this request (or of `force_locale` in the worker)."""
    return _current.get() or _elsewhere()


def _elsewhere() -> str:
    if has_request_context():
        return str(g.get("lang", "en"))
    from flask_babel import get_locale

    return str(get_locale() or "en")


def _of_request() -> str:
    return str(g.get("lang", "en")) if has_request_context() else "en"


def choose() -> str:
    """The language for a visitor of `/`: own cookie, then Accept-Language, then Khmer."""
    cookie = request.cookies.get("lang", "")
    if cookie in LANGUAGES:
        return cookie
    wanted = [SPELLINGS.get(tag.lower(), tag) for tag in request.accept_languages.values()]
    return negotiate_locale(wanted, LANGUAGES, sep="-") or DEFAULT


def pick(row: Any, field: str) -> str:
    """The row's text in this language, English where Khmer is missing; '' when both are."""
    khmer = getattr(row, f"{field}_kh", None) if lang() == "km" else None
    return str(khmer or getattr(row, f"{field}_en", None) or "")


def fallback_lang(row: Any, field: str) -> str | None:
    """'en' when `pick` fell back to English on a Khmer page (for the element's lang attribute)."""
    missing = lang() == "km" and not getattr(row, f"{field}_kh", None)
    return "en" if missing and getattr(row, f"{field}_en", None) else None


def speaks() -> bool:
    """Whether this page's address begins with its language."""
    return bool(request.url_rule and "lang" in request.url_rule.arguments)


def path_in(language: str) -> str:
    """This page's path in that language, without its query."""
    return f"{request.script_root}/{language}{quote(request.path[3:])}"


def switch_url(language: str) -> str:
    """This page, with its query, in the other language."""
    if request.method != "GET" or not speaks():
        return url_for("pages.home", lang=language)
    query = request.query_string.decode("ascii", "ignore")
    return f"{path_in(language)}?{query}" if query else path_in(language)


def init_app(app: Flask) -> None:
    """Take the language out of the URL before views run, and put it back into every URL built."""
    babel.init_app(app, locale_selector=_of_request)

    @app.url_value_preprocessor
    def take(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.lang = (values or {}).pop("lang", None) or _lang_of_path()
        _current.set(g.lang)

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        _current.set(None)

    @app.url_defaults
    def put(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = lang()


def _lang_of_path() -> str:
    first = request.path[1:3]
    return first if first in LANGUAGES else choose()

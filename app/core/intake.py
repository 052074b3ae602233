"""What comes in: query and form texts pass the cleaner before any view sees them, odd paths are no pages."""

from functools import cached_property
from typing import Any

import flask
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import IntegerConverter, Map

from app.core import clean
from app.core.errors import NotFound

LONGEST = 10_000


def _clean(values: Any) -> ImmutableMultiDict[str, str]:
    pairs = values.items(multi=True)
    return ImmutableMultiDict([(clean.line(key, 100), clean.block(value, LONGEST)) for key, value in pairs])


class Request(flask.Request):
    """A request whose `args` and `form` hold stored-form text only (no NUL, surrogates, direction overrides)."""

    @cached_property
    def args(self) -> ImmutableMultiDict[str, str]:
        return _clean(super().args)

    def _load_form_data(self) -> None:
        loaded = "form" in self.__dict__
        super()._load_form_data()
        if not loaded:
            self.__dict__["form"] = _clean(self.__dict__["form"])


def init_app(app: Flask) -> None:
    """Texts in paths must be in stored form already: anything else is no page."""

    @app.url_value_preprocessor
    def check(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        for value in (values or {}).values():
            if isinstance(value, str) and clean.line(value, LONGEST) != value:
                raise NotFound


class RowNumber(IntegerConverter):
    """A row's number in an address; one that PostgreSQL's integer cannot hold is not found."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)

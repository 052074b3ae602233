"""The ShopError family and the one mapping from errors to a page, a toast or a JSON problem."""

import logging
import secrets
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from app.core import htmx
from app.core.db import db

log = logging.getLogger(__name__)


class ShopError(Exception):
    """A refusal that the reader is told about in their own words. `message` may be lazy."""

    status = 400
    default: Any = _l("Something went wrong. Please try again.")

    def __init__(self, message: Any = None, **facts: Any) -> None:
        super().__init__(str(type(self).__name__))
        self.message = message or self.default
        self.facts = facts


class NotFound(ShopError):
    status = 404
    default = _l("We could not find that page.")


class Gone(ShopError):
    """The product was archived; `facts['products']` are its nearest successors."""

    status = 410
    default = _l("This product is no longer made.")


class Refused(ShopError):
    """The rules of the trade forbid it (409)."""

    status = 409


class Invalid(ShopError):
    """The input is malformed (422); `fields` maps field names to messages."""

    status = 422
    default = _l("Please check the fields below.")

    def __init__(self, message: Any = None, fields: dict[str, Any] | None = None, **facts: Any) -> None:
        super().__init__(message, **facts)
        self.fields = fields or {}


class TooMany(ShopError):
    status = 429
    default = _l("That was a bit fast. Please wait a moment and try again.")


class Busy(ShopError):
    status = 503
    default = _l("The shop is busy right now. Nothing was lost, please try again.")


def messages() -> dict[int, str]:
    """What a reader is told for each HTTP status."""
    return {
        400: _("We could not read that request. Please go back and try again."),
        403: _("This page is not open to you."),
        404: _("We could not find that page."),
        405: _("We could not read that request. Please go back and try again."),
        410: _("This product is no longer made."),
        413: _("That was too large for us to take. Please send something smaller."),
        429: _("That was a bit fast. Please wait a moment and try again."),
        503: _("The shop is busy right now. Nothing was lost, please try again."),
    }


def answer(status: int, message: str, **facts: Any) -> Response:
    """The error as the caller's shape: JSON problem, toast for htmx, or page."""
    request_id = g.get("request_id", "")
    if request.path.startswith(("/api/", "/ml/")):
        response = jsonify(status=status, title=message, request_id=request_id)
        response.content_type = "application/problem+json"
    elif htmx.is_partial():
        response = htmx.toast(message)
    else:
        template = {404: "errors/404.html", 410: "errors/410.html"}.get(status, "errors/problem.html")
        response = make_response(
            render_template(template, status=status, message=message, request_id=request_id, **facts)
        )
    response.status_code = status
    if status in (429, 503):
        response.headers["Retry-After"] = str(facts.get("retry_after", 5))
    return response


def on_shop_error(error: ShopError) -> Response:
    db.session.rollback()
    return answer(error.status, str(error.message), **error.facts)


def on_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, SecurityError):
        return Response("Bad host\n", 400, mimetype="text/plain")
    if status < 400:
        return make_response(error.get_response())
    return answer(status, messages().get(status) or _("Something went wrong. Please try again."))


def on_database_away(error: OperationalError) -> Response:
    log.error("database away: %s", type(error.orig).__name__)
    db.session.rollback()
    return plain("errors/503.html", 503)


def on_crash(error: Exception) -> Response:
    log.exception("request %s failed", g.get("request_id", "-"), exc_info=error)
    db.session.rollback()
    if htmx.is_partial():
        response = htmx.toast(_("Something went wrong. Please try again."))
        response.status_code = 500
        return response
    return plain("errors/500.html", 500)


def plain(template: str, status: int) -> Response:
    """A bilingual page that needs neither database nor translations."""
    response = make_response(render_template(template, request_id=g.get("request_id", "")), status)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def init_app(app: Flask) -> None:
    """Register the mapping and give each request its id."""

    @app.before_request
    def number() -> None:
        g.request_id = secrets.token_hex(8)

    app.register_error_handler(ShopError, on_shop_error)
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(OperationalError, on_database_away)
    app.register_error_handler(Exception, on_crash)

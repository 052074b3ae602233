"""Development's look into the outbox: mails that were not sent because no SMTP server is set. Nowhere else."""

from flask import Blueprint, Response, current_app, make_response, render_template

from app.core import security
from app.core.access import access
from app.core.errors import NotFound
from app.messaging import filed

bp = Blueprint("messaging", __name__)
PREFIX = "/dev/outbox"
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-popups allow-top-navigation-by-user-activation"


@bp.before_request
def only_in_development() -> None:
    """The shop's visitors never get here."""
    if current_app.config["SHOP_ENV"] != "development":
        raise NotFound


@bp.get("/")
@access("public")
def outbox() -> Response:
    return security.no_store(make_response(render_template("messaging/outbox.html", mails=filed.newest())))


@bp.get("/<name>.html")
@access("public")
def mail(name: str) -> Response:
    response = make_response(filed.body(name, "html"))
    response.headers["Content-Security-Policy"] = POLICY
    return security.no_store(response)


@bp.get("/<name>.txt")
@access("public")
def mail_text(name: str) -> Response:
    response = make_response(filed.body(name, "plain"))
    response.mimetype = "text/plain"
    return security.no_store(response)

"""The gate before every view: who is remembered comes back, who may not pass is sent to the sign-in page."""

from flask import Blueprint, Response, g, request
from flask.blueprints import BlueprintSetupState
from flask_login import current_user

from app.accounts import permissions, sessions, signin
from app.core import security
from app.core.db import db

bp = Blueprint("gate", __name__)


@bp.record_once
def attach(state: BlueprintSetupState) -> None:
    """Make `current_user` work in views and templates."""
    signin.init_app(state.app)  # type: ignore[arg-type]
    state.app.jinja_env.globals["current_user"] = current_user


@bp.before_app_request
def gate() -> Response | None:
    """Bring back who is remembered, then let through whom the route is for."""
    is_page = request.url_rule is not None and "lang" in request.url_rule.arguments
    if is_page and not current_user.is_authenticated and security.cookie("remember"):
        sessions.renew()
        db.session.commit()
        g.pop("_login_user", None)
    return permissions.refuse_strangers()


@bp.after_app_request
def note_use(response: Response) -> Response:
    """A session that is read with is noted every ten minutes."""
    reading = request.method == "GET" and response.status_code < 500
    if reading and signin.is_known() and current_user.unseen:
        sessions.seen(current_user.session_id)
        db.session.commit()
    return response

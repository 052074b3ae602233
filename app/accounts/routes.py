"""Coming in and going out: the gate before every view, sign-in, sign-out."""

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import forms, permissions, sessions, signin
from app.accounts.forms import SignInForm
from app.accounts.signin import Guest
from app.core import htmx, security
from app.core.access import access
from app.core.db import db
from app.core.errors import TooMany
from app.core.forms import Form
from app.core.limits import limiter

bp = Blueprint("accounts", __name__)
PER_ADDRESS = "60/5 minutes"


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
    if request.method == "GET" and response.status_code < 500 and signin.known() and current_user.unseen:
        sessions.seen(current_user.session_id)
        db.session.commit()
    return response


def guest() -> Guest:
    """Where this request comes from."""
    return Guest(request.user_agent.string, request.remote_addr)


def asked(page: str, form: Form, status: int = 200, **facts: object) -> Response:
    """A page that asks, never stored."""
    html = render_template(page, form=form, next=request.values.get("next", "")[:500], **facts)
    return security.no_store(make_response(html, status))


def onward() -> str:
    """Where to go after signing in."""
    return security.safe_next(request.values.get("next"), url_for("pages.home"))


@bp.get("/account/signin")
@access("public")
def signin_page() -> Response:
    if current_user.is_authenticated:
        return htmx.go(onward())
    return asked("accounts/signin.html", SignInForm(formdata=None))


@bp.post("/account/signin")
@access("public")
@limiter.limit(PER_ADDRESS)
def signin_post() -> Response:
    form = SignInForm()
    if not form.validate():
        return asked("accounts/signin.html", form, 422)
    try:
        user_id = signin.check(form.name.data, form.password.data, guest())
    except TooMany as refusal:
        forms.blame(form.password, refusal.message)
        return asked("accounts/signin.html", form, 429)
    if user_id is None:
        db.session.commit()
        forms.blame(
            form.password, _("Name and password do not belong together. New here? Confirm your email first.")
        )
        return asked("accounts/signin.html", form, 422)
    signin.welcome(user_id, form.remember.data, guest())
    db.session.commit()
    return htmx.go(onward())


@bp.post("/account/signout")
@access("public")
def signout() -> Response:
    sessions.end()
    db.session.commit()
    return htmx.go(url_for("pages.home"))

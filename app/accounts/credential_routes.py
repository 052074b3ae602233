"""A signed-in person changes their password or their e-mail address."""

from flask import Blueprint, Response, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app.accounts import credentials, joining, sessions
from app.accounts.answers import asked, unproved
from app.accounts.forms import ChangeEmailForm, ChangePasswordForm
from app.core import htmx, security
from app.core.access import access
from app.core.db import db
from app.core.limits import limiter

bp = Blueprint("credentials", __name__)
PER_ADDRESS = "60/5 minutes"


@bp.get("/account/password")
@access("customer")
def password() -> Response:
    return asked("password", ChangePasswordForm(formdata=None))


@bp.post("/account/password")
@access("customer")
@limiter.limit(PER_ADDRESS)
def password_post() -> Response:
    form = ChangePasswordForm()
    refusal = unproved(form, "current", current_user.id, db.session.commit)
    if refusal:
        db.session.commit()
        return asked("password", form, refusal)
    user_id, remember = current_user.id, security.cookie("remember") is not None
    credentials.change(user_id, form.password.data)
    sessions.begin(user_id, remember)
    db.session.commit()
    flash(_("Your password is changed. All other devices are signed out."))
    return htmx.go(url_for("accounts.sessions"))


@bp.get("/account/email")
@access("customer")
def email() -> Response:
    return asked("email", ChangeEmailForm(formdata=None))


@bp.post("/account/email")
@access("customer")
@limiter.limit("30/hour")
def email_post() -> Response:
    form = ChangeEmailForm()
    refusal = unproved(form, "current", current_user.id, db.session.commit)
    if not refusal:
        joining.wish(current_user.id, form.email.data, request.remote_addr)
    db.session.commit()
    return (
        asked("email", form, refusal) if refusal else htmx.go(url_for("accounts.sent", what="change_email"))
    )

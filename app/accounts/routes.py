"""Coming in and going out: sign in, register, confirm, forgot and reset, sessions."""

from typing import Any

from flask import Blueprint, Response, flash, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.accounts import credentials, forms, joining, sessions, signin, tokens
from app.accounts.answers import asked, blame, unproved, visitor
from app.accounts.devices import device
from app.accounts.forms import ConfirmForm, EmailForm, NewPasswordForm, RegisterForm, SignInForm
from app.accounts.owners import Owner
from app.cart import badge, merging
from app.core import htmx, phones, security
from app.core.access import access
from app.core.db import db
from app.core.errors import NotFound, TooMany
from app.core.i18n import lang, locale_to_db, pick
from app.core.limits import limiter
from app.wishlist import saved, seen

bp = Blueprint("accounts", __name__)
bp.add_app_template_filter(device, "device")
PER_ADDRESS = "60/5 minutes"
MAILS_PER_ADDRESS = "30/hour"


def onward() -> str:
    """Where to go after signing in: where the visitor wanted to, else to their account."""
    wanted = request.values.get("next") or session.get("next")
    return security.safe_next(wanted, url_for("account.overview"))


def arrive(user_id: int, remember: bool) -> Response:
    """Begin the session, bring bag, wishlist and the products looked at along, commit, and go on."""
    token = security.cookie("cart")
    response = htmx.go(onward())
    signin.welcome(user_id, remember, visitor())
    if seen.bring(user_id):
        response.delete_cookie(seen.COOKIE)
    if token is None:
        db.session.commit()
        return response
    brought = merging.merge(security.digest(token), user_id)
    kept = saved.merge(security.digest(token), user_id)
    db.session.commit()
    security.drop_cookie(response, "cart")
    badge.forget(Owner(user_id=user_id))
    tell(brought, kept)
    return response


def tell(brought: merging.Merged, kept: int) -> None:
    """Say on the next page what came into the bag, what did not fit, and what the wishlist gained."""
    if brought.units:
        flash(
            ngettext(
                "%(num)s item from this visit is now in your bag.",
                "%(num)s items from this visit are now in your bag.",
                brought.units,
            )
        )
    if kept:
        flash(
            ngettext(
                "%(num)s saved product from this visit is now in your wishlist.",
                "%(num)s saved products from this visit are now in your wishlist.",
                kept,
            )
        )
    if brought.capped:
        names = ", ".join(pick(line, "name") for line in brought.capped)
        flash(_("Of these your bag holds as many as there are, 20 at most: %(names)s", names=names), "warn")


@bp.get("/account/signin", endpoint="signin")
@access("public")
def signin_page() -> Response:
    if current_user.is_authenticated:
        return htmx.go(onward())
    return asked("signin", SignInForm(formdata=None), done=request.args.get("done"))


@bp.post("/account/signin")
@access("public")
@limiter.limit(PER_ADDRESS)
def signin_post() -> Response:
    form = SignInForm()
    if not form.validate():
        return asked("signin", form, 422)
    try:
        knock = signin.knock(form.name.data, visitor())
    except TooMany as refusal:
        return asked("signin", blame(form, "password", refusal.message), 429)
    db.session.commit()
    user_id = signin.weigh(knock, form.password.data)
    if user_id is not None:
        return arrive(user_id, bool(form.remember.data))
    db.session.commit()
    return asked("signin", blame(form, "password", forms.NO_MATCH), 422)


@bp.post("/account/signout")
@access("public")
def signout() -> Response:
    sessions.end()
    db.session.commit()
    return htmx.go(url_for("pages.home"))


@bp.get("/account/register")
@access("public")
def register() -> Response:
    return (
        htmx.go(onward()) if current_user.is_authenticated else asked("register", RegisterForm(formdata=None))
    )


@bp.post("/account/register")
@access("public")
@limiter.limit(MAILS_PER_ADDRESS)
def register_post() -> Response:
    form = RegisterForm()
    if not form.validate():
        return asked("register", form, 422)
    phone = phones.parse(form.phone.data)
    facts: Any = (
        form.email.data,
        form.password.data,
        form.first_name.data or None,
        phone,
        locale_to_db(lang()),
    )
    joining.register(joining.Newcomer(*facts), request.remote_addr)
    db.session.commit()
    session["next"] = security.safe_next(request.form.get("next"), "")
    return htmx.go(url_for("accounts.sent", what="verify"))


@bp.get("/account/sent")
@access("public")
def sent() -> Response:
    return asked("sent", EmailForm(formdata=None), what=request.args.get("what"))


@bp.post("/account/verification")
@access("public")
@limiter.limit(MAILS_PER_ADDRESS)
def verification() -> Response:
    form = EmailForm()
    if not form.validate():
        return asked("sent", form, 422, what="verify")
    joining.remind(form.email.data, request.remote_addr)
    db.session.commit()
    return htmx.go(url_for("accounts.sent", what="verify"))


def clean_address(name: str, endpoint: str) -> Response | None:
    """Take the token of a mail's link out of the address, so that it stays in no log, history or Referer."""
    token = request.args.get("token")
    if token is None:
        return None
    session[name] = token[:200]
    return htmx.go(url_for(endpoint))


@bp.get("/account/verify")
@access("public")
def verify() -> Response:
    moved = clean_address("mailed", "accounts.verify")
    if moved:
        return moved
    found = joining.mailed(session.get("mailed"))
    if found is None:
        return asked("sent", EmailForm(formdata=None), 200, what="over")
    purpose, owner = found
    return asked("verify", ConfirmForm(formdata=None), purpose=purpose, owner=owner)


@bp.post("/account/verify")
@access("public")
@limiter.limit(PER_ADDRESS)
def verify_post() -> Response:
    form, token = ConfirmForm(), session.get("mailed", "")
    found = joining.mailed(token)
    if found is None:
        return asked("sent", EmailForm(formdata=None), 422, what="over")
    purpose, owner = found
    refusal = unproved(form, "password", owner.id, db.session.commit) if current_user.id != owner.id else 0
    if refusal:
        db.session.commit()
        return asked("verify", form, refusal, purpose=purpose, owner=owner)
    if not joining.confirm(token, owner, purpose):
        return asked("sent", EmailForm(formdata=None), 422, what="over")
    response = arrive(owner.id, security.cookie("remember") is not None)
    flash(
        _("Your email is changed.") if purpose == "change_email" else _("Your email is confirmed. Welcome.")
    )
    return response


@bp.get("/account/forgot")
@access("public")
def forgot() -> Response:
    return asked("forgot", EmailForm(formdata=None))


@bp.post("/account/forgot")
@access("public")
@limiter.limit(MAILS_PER_ADDRESS)
def forgot_post() -> Response:
    form = EmailForm()
    if not form.validate():
        return asked("forgot", form, 422)
    credentials.forgot(form.email.data, request.remote_addr)
    db.session.commit()
    return htmx.go(url_for("accounts.sent", what="reset"))


@bp.get("/account/reset")
@access("public")
def reset() -> Response:
    moved = clean_address("reset", "accounts.reset")
    if moved:
        return moved
    if tokens.owner(session.get("reset"), "reset") is None:
        return asked("forgot", EmailForm(formdata=None), over=True)
    return asked("reset", NewPasswordForm(formdata=None))


@bp.post("/account/reset")
@access("public")
@limiter.limit(PER_ADDRESS)
def reset_post() -> Response:
    form, token = NewPasswordForm(), session.get("reset", "")
    if not form.validate():
        return asked("reset", form, 422)
    if not credentials.reset(token, form.password.data):
        return asked("forgot", EmailForm(formdata=None), 422, over=True)
    sessions.end()
    db.session.commit()
    return htmx.go(url_for("accounts.signin", done="reset"))


@bp.get("/account/sessions", endpoint="sessions")
@access("customer")
def sessions_page() -> Response:
    return asked("sessions", open_ones=sessions.open_ones(current_user.id))


@bp.post("/account/sessions/<int:session_id>/end")
@access("customer")
def end_session(session_id: int) -> Response:
    if session_id == current_user.session_id:
        return signout()
    if not sessions.end_one(current_user.id, session_id):
        raise NotFound
    db.session.commit()
    flash(_("That device is signed out."))
    return htmx.go(url_for("accounts.sessions"))


@bp.post("/account/sessions/end")
@access("customer")
def end_sessions() -> Response:
    sessions.end_all(current_user.id)
    sessions.end()
    db.session.commit()
    return htmx.go(url_for("accounts.signin", done="everywhere"))

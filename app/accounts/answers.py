"""What the account's views share: pages that ask, the proof by password, where a request comes from."""

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from app.accounts import credentials
from app.accounts.signin import Guest
from app.core import security
from app.core.errors import TooMany
from app.core.forms import Form


def asked(page: str, form: Form | None = None, status: int = 200, **facts: Any) -> Response:
    """A page that asks, never stored; its form keeps where the visitor wanted to go."""
    wanted = request.values.get("next", "")[:500]
    html = render_template(f"accounts/{page}.html", form=form, next=wanted, **facts)
    return security.no_store(make_response(html, status))


def visitor() -> Guest:
    """Where this request comes from."""
    return Guest(request.user_agent.string, request.remote_addr)


def blame(form: Form, field: str, message: Any) -> Form:
    """Put a refusal beside a field."""
    form[field].errors = [message]
    return form


def unproved(form: Form, field: str, user_id: int, settle: Callable[[], object]) -> int:
    """The status to answer with when the form or the password in `field` is wrong; 0 when it is the user's.

    `settle` commits: the try counts before it is weighed.
    """
    if not form.validate():
        return 422
    try:
        knock = credentials.knock(user_id, request.remote_addr)
    except TooMany as refusal:
        blame(form, field, refusal.message)
        return 429
    settle()
    if credentials.is_own(user_id, form[field].data, knock):
        return 0
    blame(form, field, _("This is not the password of this account."))
    return 422

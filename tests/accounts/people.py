"""People for tests: users of any kind, and clients that are signed in as one of them."""

from functools import cache
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import insert, select

from app.accounts import passwords, sessions
from app.accounts.models import User
from app.core.db import db

PASSWORD = "a long walk to Kep"
_made = iter(range(1, 10**9))


@cache
def hashed() -> str:
    """The hash of PASSWORD, made once a run."""
    return passwords.make(PASSWORD)


def make_user(**facts: Any) -> Any:
    """A user row (confirmed customer with PASSWORD unless `facts` say otherwise), committed. Needs an app context."""
    number = next(_made)
    values = {
        "email": f"person{number}@kesor.example",
        "password_hash": hashed(),
        "first_name": "Sok",
        "last_name": "Chan",
        "email_verified": True,
    }
    user_id = db.session.execute(insert(User).values(values | facts).returning(User.id)).scalar_one()
    db.session.commit()
    return db.session.execute(select(*User.__table__.columns).where(User.id == user_id)).one()


def signed_in(client: FlaskClient, user: Any, remember: bool = False) -> FlaskClient:
    """The client with the cookies of a sign-in of this user, the form token's too."""
    app = client.application
    with app.test_request_context():
        opened = sessions.write(user.id, remember, "tests", "127.0.0.1")
        db.session.commit()
        client.set_cookie("session", sessions.signed("session", opened.sid))
        if opened.remember:
            client.set_cookie("remember", sessions.signed("remember", opened.remember))
    client.get("/healthz")
    return client


def send(client: FlaskClient, path: str, form: dict[str, Any] | None = None, **options: Any) -> Any:
    """POST a form with the token of the client's cookies."""
    cookie = client.get_cookie("csrf")
    fields = {"csrf_token": cookie.value if cookie else "", **(form or {})}
    return client.post(path, data=fields, **options)

"""Every mail: in the reader's language, readable as text, nothing fetched from outside, links to the shop alone."""

import re
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.accounts import mails as account_mails
from app.accounts import tokens
from app.catalog.models import Product
from app.checkout import placing
from app.core.db import db
from app.messaging import composers, jobs, letters, outbox
from app.orders import lifecycle, returns
from app.orders import mails as order_mails
from app.orders.returns import Wish
from app.wishlist import alerts
from app.wishlist.alerts import Reach
from tests import trade
from tests.accounts.people import make_user
from tests.messaging.servers import Chat, PostOffice, serving
from tests.pages.visible import stray

ADDRESS = re.compile(r"https?://[^\s\"'<>]+")
NAMES = {
    "kesor",
    "telegram",
    "demo",
    "example",
    "chrome",
    "android",
    "khqr",
    "sok",
    "dara",
    "street",
    "near",
    "the",
    "pagoda",
    "vet",
    "cream",
}
ORDER_MAILS = [kind for kind in order_mails.SAYINGS if kind.startswith("order_")]
LANGUAGES = {"en": "en", "kh": "km"}


@pytest.fixture(autouse=True)
def shop(session: Any) -> Any:
    trade.ground()
    return session


def placed(language: str = "en", **changes: Any) -> Any:
    """The row of a new order whose buyer gave an address."""
    token = trade.cart({trade.product(price="12.50"): 2})
    buying = trade.details("26.50", email="dara@example.com", **changes)
    number = placing.place(trade.buyer(token), buying).number
    db.session.execute(text("UPDATE orders SET language = CAST(:l AS user_language)"), {"l": language})
    db.session.execute(text("DELETE FROM outbox"))
    db.session.commit()
    return db.session.execute(text("SELECT * FROM orders WHERE order_number = :n"), {"n": number}).one()


def sent(office: PostOffice, kind: str, payload: Mapping[str, Any]) -> EmailMessage:
    """The mail that comes of a message."""
    before = len(office.mails)
    outbox.put(kind, dict(payload), f"{kind}:{before}:{len(payload)}")
    db.session.commit()
    assert jobs.deliver()["failed"] == 0
    assert len(office.mails) == before + 1
    return office.mails[-1]


def check(mail: EmailMessage, language: str) -> tuple[str, str]:
    """What holds of every mail; its HTML and its text."""
    html_part, text_part = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html_part is not None
    assert text_part is not None
    html, plain = str(html_part.get_content()), str(text_part.get_content())
    assert f'<html lang="{LANGUAGES[language]}">' in html
    assert not re.search(r"<(?:img|link|script|iframe|video|object)\b|\bsrc=|url\(|@import|@font-face", html)
    assert all(found.startswith("https://kesor.example/") for found in ADDRESS.findall(html + plain))
    assert len(html.encode()) < 20_000
    assert "None" not in plain
    assert "<" not in plain
    if language == "kh":
        assert stray(html, NAMES) == []
        assert stray(plain, NAMES) == []
        assert re.search("[\u1780-\u17b3]", mail["Subject"])
    return html, plain


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ORDER_MAILS)
def test_mails_about_orders(office: PostOffice, kind: str, language: str) -> None:
    order = placed(language)
    html, plain = check(sent(office, kind, {"order_id": order.id, "amount": "12.50"}), language)
    for part in (order.order_number, "$26.50", "106,500" if order.exchange_rate == 4020 else "\u17db"):
        assert part in html
        assert part in plain
    assert f"/{LANGUAGES[language]}/orders/{order.order_number}" in html
    assert "token=" in plain


def test_the_link_in_a_mail_opens_the_order(app: Flask, office: PostOffice) -> None:
    order = placed()
    _, plain = check(sent(office, "order_placed", {"order_id": order.id}), "en")
    link = next(found for found in ADDRESS.findall(plain) if "token=" in found)
    assert app.test_client().get(link.removeprefix("https://kesor.example")).status_code == 200


def test_the_road_of_an_order_is_told_step_by_step(session: Any, office: PostOffice) -> None:
    number = placed().order_number
    lifecycle.confirm(number)
    lifecycle.send(number, carrier="VET", tracking_number="VET-7")
    lifecycle.deliver(number)
    session.commit()
    jobs.deliver()
    subjects = [mail["Subject"] for mail in office.mails]
    assert [subject.partition(number)[2] for subject in subjects] == [
        " is confirmed",
        " is on its way",
        " has arrived",
    ]
    assert "VET-7" in check(office.mails[1], "en")[1]


def test_nobody_without_an_address_is_written_to(session: Any, office: PostOffice) -> None:
    token = trade.cart({trade.product(price="12.50"): 2})
    placing.place(trade.buyer(token), trade.details("26.50"))
    session.commit()
    assert jobs.deliver() == {"sent": 1, "failed": 0}
    assert office.mails == []


ACCOUNT_MAILS = [
    kind
    for kind, composer in composers.COMPOSERS.items()
    if getattr(composer, "func", None) is account_mails.write
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ACCOUNT_MAILS)
def test_mails_about_accounts(session: Any, office: PostOffice, kind: str, language: str) -> None:
    user = make_user(language=language, email_verified=False, pending_email="new@example.com")
    opened = session.execute(
        text(
            "INSERT INTO user_sessions (user_id, sid_hash, user_agent, ip, expires_at)"
            " VALUES (:u, 'x', :agent, '10.1.2.3', now()) RETURNING id"
        ),
        {"u": user.id, "agent": "Mozilla/5.0 (Linux; Android 14) Chrome/130 Mobile Safari/537.36"},
    ).scalar()
    mail = sent(office, kind, {"user_id": user.id, "session_id": opened, "email": "old@example.com"})
    _, plain = check(mail, language)
    assert ("Chrome, Android" in plain) == (kind == "account_new_sign_in")
    assert "Mozilla" not in plain
    to = {"account_change_email": "new@example.com", "account_email_changed": "old@example.com"}
    assert mail["To"] == to.get(kind, user.email)


@pytest.mark.parametrize(
    ("kind", "purpose"),
    [("account_reset", "reset"), ("account_verify", "verify"), ("account_change_email", "change_email")],
)
def test_tokens_are_made_as_the_mail_leaves(
    session: Any, office: PostOffice, kind: str, purpose: str
) -> None:
    user = make_user(email_verified=False, pending_email="new@example.com")
    _, plain = check(sent(office, kind, {"user_id": user.id}), "en")
    token = plain.partition("token=")[2].split()[0]
    found = tokens.owner(token, purpose)
    assert found is not None
    assert found.id == user.id
    kept = session.execute(text("SELECT payload::text || coalesce(last_error, '') FROM outbox")).scalar()
    assert token not in kept


def test_a_deleted_account_is_not_written_to(session: Any, office: PostOffice) -> None:
    user = make_user()
    outbox.put("account_reset", {"user_id": user.id}, "reset")
    session.execute(text("UPDATE users SET deleted_at = now() WHERE id = :id"), {"id": user.id})
    session.commit()
    assert jobs.deliver() == {"sent": 1, "failed": 0}
    assert office.mails == []


def test_an_order_whose_buyer_is_erased_is_not_written_about(session: Any, office: PostOffice) -> None:
    token = trade.cart({trade.product(price="12.50"): 2})
    placing.place(trade.buyer(token), trade.details("26.50", email="dara@example.com"))
    erased = "UPDATE orders SET customer_email = 'deleted-1@deleted.invalid', shipping_address = '{}'"
    session.execute(text(erased))
    session.commit()
    assert jobs.deliver() == {"sent": 1, "failed": 0}
    assert office.mails == []


def test_no_host_header_reaches_a_mail(app: Flask, session: Any) -> None:
    with app.test_request_context("/", base_url="https://evil.example"):
        assert letters.link("orders.track", "kh") == "https://kesor.example/km/orders/track"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_product_that_is_back_and_a_review_that_appears(
    session: Any, office: PostOffice, language: str
) -> None:
    product_id = trade.product()
    slug = session.get(Product, product_id).slug
    alerts.ask(product_id, Reach(email="dara@example.com", language=language))
    alerts.came_back([product_id])
    user = make_user(language=language)
    review = session.execute(
        text(
            "INSERT INTO reviews (product_id, user_id, rating, status) VALUES (:p, :u, 5, 'approved') RETURNING id"
        ),
        {"p": product_id, "u": user.id},
    ).scalar()
    outbox.put("review_approved", {"review_id": review}, "review")
    session.commit()
    assert jobs.deliver() == {"sent": 2, "failed": 0}
    for mail in office.mails:
        html, _ = check(mail, language)
        assert f"/products/{slug}" in html


def test_staff_learn_of_orders_without_names(
    app: Flask, session: Any, office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Chat()) as chat:
        settings = {"TOKEN": "1:abc", "CHAT": "7", "API": f"http://127.0.0.1:{chat.server_address[1]}"}
        for name, value in settings.items():
            monkeypatch.setitem(app.config, f"TELEGRAM_{name}", value)
        order = placed()
        lifecycle.confirm(order.order_number)
        lifecycle.send(order.order_number)
        lifecycle.deliver(order.order_number)
        line = session.execute(
            text("SELECT id FROM order_items WHERE order_id = :id"), {"id": order.id}
        ).scalar()
        returns.ask(order.id, Wish({line: 1}, "broken"), [])
        outbox.put("order_placed", {"order_id": order.id}, "placed")
        session.commit()
        jobs.deliver()
    said = [body["text"] for _, body in chat.said]
    assert sorted(line.partition(":")[0] for line in said) == ["New order", "Return requested"]
    assert not any("Dara" in line or "12345678" in line for line in said)

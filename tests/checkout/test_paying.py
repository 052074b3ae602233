"""The page that takes the money: codes, polling, slips, pretended payments, change for cash, and the end of time."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import text

from app.checkout import jobs
from app.core.db import db
from app.demo.fake_bakong import FakeBakong
from tests import trade
from tests.checkout.till_people import address, kinds, let_time_pass, ordered, paid, payment
from tests.checkout.visitor import Visitor

pytestmark = pytest.mark.usefixtures("bank")
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


def ways(text_: str) -> list[str]:
    return re.findall(r'name="payment_method" id="[^"]*" value="([^"]*)"', text_)


def test_checkout_leads_to_the_page_that_is_paid_on(client: FlaskClient) -> None:
    visitor = Visitor(client)
    visitor.fill_bag({trade.product(): 1})
    page = visitor.open()
    assert ways(page.text) == ["khqr", "cod", "bank_transfer"]
    answer = visitor.post("", visitor.filled(page, payment_method="khqr"))
    assert re.match(r"/en/orders/SK-[^/]+/payment\?token=", answer.location)
    opened = visitor.follow(answer)
    assert "no-store" in opened.headers["Cache-Control"]
    assert 'src="data:image/svg+xml' in opened.text
    assert "$14.00" in opened.text
    assert "57,400\u17db" in opened.text
    assert 'http-equiv="refresh"' in opened.text


def test_without_a_bank_there_is_no_khqr(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "BAKONG_BASE_URL", "")
    visitor = Visitor(client)
    visitor.fill_bag({trade.product(): 1})
    page = visitor.open()
    assert ways(page.text) == ["cod", "bank_transfer"]
    assert visitor.post("", visitor.filled(page, payment_method="khqr")).status == 422
    assert "KHQR" not in client.get("/en/offline").get_data(as_text=True)


def test_the_polled_region_comes_back_without_its_trigger_when_it_is_paid(
    client: FlaskClient, bank: FakeBakong, counted: Any
) -> None:
    owed, _ = ordered()
    where = address(owed.order_number)
    with counted() as statements:
        waiting = client.get(where, headers=PARTIAL).get_data(as_text=True)
    assert len(statements) == 1
    assert 'hx-trigger="every 3s"' in waiting
    paid(bank, owed)
    done = client.post(address(owed.order_number, "/check"), headers=PARTIAL).get_data(as_text=True)
    assert "hx-trigger" not in done
    assert "Payment received" in done
    again = client.get(where, headers=PARTIAL).get_data(as_text=True)
    assert "hx-trigger" not in again
    assert "Paid. Thank you." in client.get(where.replace("/payment", "")).get_data(as_text=True)


def test_the_code_can_be_kept_as_a_picture(client: FlaskClient) -> None:
    owed, _ = ordered()
    answer = client.get(address(owed.order_number, "/code.png"))
    assert answer.mimetype == "image/png"
    assert Image.open(io.BytesIO(answer.data)).width > 500


@pytest.mark.parametrize("act", ["", "/code.png", "/check", "/currency", "/slip", "/simulation"])
def test_without_the_link_there_is_no_payment(client: FlaskClient, act: str) -> None:
    owed, _ = ordered()
    ask = client.get if act in ("", "/code.png") else client.post
    assert ask(f"/en/orders/{owed.order_number}/payment{act}").status_code == 404
    assert ask(f"/en/orders/{owed.order_number}/payment{act}?token={'0' * 32}").status_code == 404


def test_payments_are_pretended_in_development_only(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    owed, _ = ordered()
    where = address(owed.order_number)
    assert "Simulate payment" not in client.get(where).get_data(as_text=True)
    assert client.post(address(owed.order_number, "/simulation")).status_code == 404
    monkeypatch.setitem(app.config, "SHOP_ENV", "development")
    page = client.get(where).get_data(as_text=True)
    assert "Simulate payment" in page
    assert "Demo only." in page
    assert client.post(address(owed.order_number, "/simulation")).status_code == 200
    assert payment(owed.order_number).order_status == "confirmed"
    monkeypatch.setitem(app.config, "BAKONG_BASE_URL", "https://api-bakong.nbc.gov.kh")
    other, _ = ordered()
    assert client.post(address(other.order_number, "/simulation")).status_code == 404


def photo() -> io.BytesIO:
    made = io.BytesIO()
    Image.new("RGB", (300, 400), "#d8d0c0").save(made, "PNG")
    made.seek(0)
    return made


def test_a_transfer_waits_for_staff_as_long_as_a_slip_does(client: FlaskClient, app: Flask) -> None:
    owed, cream = ordered("bank_transfer")
    assert "000 000 001" in client.get(address(owed.order_number)).get_data(as_text=True)
    sent = client.post(
        address(owed.order_number, "/slip"), data={"slip": (photo(), "../x.png"), "reference": "FT-1"}
    )
    assert sent.status_code == 303
    assert "We have your slip" in client.get(sent.location).get_data(as_text=True)
    kept = db.session.execute(
        text("SELECT image_url FROM bank_slips WHERE payment_id = :id"), {"id": owed.id}
    )
    assert client.get(kept.scalar_one()).status_code == 404
    let_time_pass(owed)
    jobs.sweep()
    assert payment(owed.order_number).order_status == "pending"
    run = app.test_cli_runner().invoke
    assert "FT-1" in run(args=["payments", "slips"]).output
    assert run(args=["payments", "approve", str(owed.id)]).output.strip() == f"{owed.order_number}: paid"
    now = payment(owed.order_number)
    assert (now.status, now.order_status, now.payment_status) == ("paid", "confirmed", "paid")
    assert trade.figures(cream) == (5, 1)


def test_a_rejected_slip_holds_nothing(client: FlaskClient, app: Flask) -> None:
    owed, cream = ordered("bank_transfer")
    client.post(address(owed.order_number, "/slip"), data={"slip": (photo(), "x.png")})
    run = app.test_cli_runner().invoke
    assert run(args=["payments", "reject", str(owed.id), "--reason", "not ours"]).exit_code == 0
    assert "could not find the money" in client.get(address(owed.order_number)).get_data(as_text=True)
    let_time_pass(owed)
    jobs.sweep()
    assert payment(owed.order_number).order_status == "cancelled"
    assert trade.figures(cream) == (5, 0)
    assert "paid in time" in client.get(address(owed.order_number).replace("/payment", "")).get_data(
        as_text=True
    )
    late = client.post(address(owed.order_number, "/slip"), data={"slip": (photo(), "x.png")})
    assert late.status_code == 409
    assert run(args=["payments", "approve", str(owed.id)]).exit_code == 1


@pytest.mark.parametrize("slip", [None, b"", b"GIF89a nonsense", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_photo_is_told(client: FlaskClient, slip: bytes | None) -> None:
    owed, _ = ordered("bank_transfer")
    data = {} if slip is None else {"slip": (io.BytesIO(slip), "slip.png")}
    answer = client.post(address(owed.order_number, "/slip"), data=data)
    assert answer.status_code == 422
    assert "slip-err" in answer.get_data(as_text=True)
    assert kinds(owed) == []


def test_held_money_stays_on_the_list_until_it_is_dealt_with(
    client: FlaskClient, app: Flask, bank: FakeBakong
) -> None:
    owed, _ = ordered()
    paid(bank, owed, amount=1.0)
    client.post(address(owed.order_number, "/check"))
    assert "does not fit" in client.get(address(owed.order_number)).get_data(as_text=True)
    page = address(owed.order_number).replace("/payment", "")
    told = client.get(page).get_data(as_text=True)
    assert "does not fit" in told
    assert "Pay now" not in told
    run = app.test_cli_runner().invoke
    assert (
        f"{owed.id}  {owed.order_number}  pending  amount  1.0 USD" in run(args=["payments", "held"]).output
    )
    assert run(args=["payments", "resolve", str(owed.id), "--note", "sent back"]).exit_code == 0
    assert run(args=["payments", "held"]).output == ""
    assert "does not fit" not in client.get(page).get_data(as_text=True)


def test_the_rider_is_told_what_change_to_bring(client: FlaskClient) -> None:
    visitor = Visitor(client)
    visitor.fill_bag({trade.product(): 1})
    page = visitor.open()
    assert page.options("cash") == ["", "USD20", "USD50", "USD100", "KHR100000"]
    answers = visitor.filled(page, payment_method="cod") | {"cash": "USD20"}
    assert visitor.post("", answers | {"cash": "USD5"}).status == 422
    order = visitor.follow(visitor.post("", answers))
    assert "You pay with $20, the rider brings $6.00 change." in order.text


def test_khmer_pages_speak_khmer(client: FlaskClient) -> None:
    owed, _ = ordered()
    page = client.get(address(owed.order_number, lang="km")).get_data(as_text=True)
    assert '<html lang="km"' in page

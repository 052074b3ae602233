"""People in the browser: a guest pays with KHQR, an account from first to last, a review, a forgotten password."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import text

from app.core import money
from app.core.db import db
from app.coupons.models import Coupon
from app.demo.fake_bakong import FakeBakong
from app.messaging import filed, jobs
from app.orders import lifecycle
from app.reviews import moderation
from tests.accounts.people import PASSWORD, make_user
from tests.e2e import shopping
from tests.e2e.conftest import DESK, PHONE, spoken, ways

Visit = Callable[..., Page]
Axe = Callable[[Page], list[str]]
TITLES = {"en": "Calm after a month", "km": "ស្បែកខ្ញុំស្ងប់ជាងមុន"}
REASONS = {"en": "The pump is broken", "km": "ក្បាលបូមខូច"}
NEW_PASSWORD = "rain on the tin roof"
ORDER = text(
    "SELECT o.*, p.md5, p.amount, p.raw FROM orders o JOIN payments p ON p.order_id = o.id WHERE order_number = :number"
)


@pytest.fixture
def shop_in(live_app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The browsers' shop with an application context; its mails lie in files."""
    monkeypatch.setitem(live_app.config, "SHOP_DATA", str(tmp_path))
    monkeypatch.setitem(live_app.config, "SMTP_URL", "")
    with live_app.app_context():
        yield live_app
        db.session.remove()


def one(statement: Any, **params: Any) -> Any:
    found = db.session.execute(statement, params).one()
    db.session.commit()
    return found


def letter(to: str, link: str) -> str:
    """The address behind the newest mail's link that contains `link`, without the server."""
    while sum(jobs.deliver().values()):
        pass
    mine = [mail for mail in filed.newest(200) if mail.to == to]
    for mail in mine:
        found = re.search(rf"https?://[^/\s]+(/\S*{link}\S*)", filed.body(mail.name, "plain"))
        if found:
            return found[1]
    raise AssertionError(f"no mail to {to} leads to {link}: {[mail.subject for mail in mine]}")


def sign_in(page: Page, lang: str, name: str, password: str = PASSWORD) -> None:
    page.goto(f"/{lang}/account/signin")
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("main .panel2 .btn")


@ways
def test_a_guest_pays_with_khqr(
    visit: Visit, axe: Axe, shop_in: Flask, monkeypatch: pytest.MonkeyPatch, lang: str, scripts: bool
) -> None:
    with FakeBakong() as bank:
        monkeypatch.setitem(shop_in.config, "BAKONG_BASE_URL", bank.url)
        monkeypatch.setitem(shop_in.config, "BAKONG_TOKEN", bank.token)
        page = visit(f"/{lang}/products/niacinamide", PHONE, scripts=scripts)
        page.locator(".buyrow .btn").click()
        page.click(".df > .btn")
        if scripts:
            shopping.fill_in(page)
        else:
            shopping.fill_in_plainly(page)
        page.check("[name=payment_method][value=khqr]")
        page.click("button[form=checkout]:not([formaction])")
        page.wait_for_url("**/payment?*")
        expect(page.locator(".khqr img")).to_be_visible()
        expect(page.locator(".clock")).to_have_text(re.compile(r"1[0-5]:\d\d"))
        assert not scripts or axe(page) == []
        number = re.search(r"SK-[^/]+", page.url)
        assert number
        order = one(ORDER, number=number[0])
        page.click("#payacts .btn.wide")
        expect(page.locator("#paystate .notice")).to_be_visible()
        bank.pay(order.md5, toAccountId=order.raw["account"], currency="USD", amount=float(order.amount))
        page.click("#payacts .btn.wide")
        expect(page.locator("#paystate .ok")).to_be_visible()
        assert page.locator("#paystate").get_attribute("hx-trigger") is None
        expect(page.locator("#payacts form")).to_have_count(0)
        assert not scripts or axe(page) == []
        page.click("#paycard .btn")
        expect(page.locator(".ordno")).to_have_text(number[0])
        assert one(ORDER, number=number[0]).payment_status == "paid"


@spoken("km")
def test_an_account_from_joining_to_a_cancelled_order(visit: Visit, shop_in: Flask, lang: str) -> None:
    email, code = f"journey-{lang}@kesor.example", f"JOURNEY{lang}".upper()
    db.session.add(Coupon(code=code, name_en="Ten off", type="percentage", value=10))
    db.session.commit()
    page = visit(f"/{lang}/", DESK)
    shopping.add(page, lang)
    join(page, lang, email)
    expect(page.locator("#bag-n")).to_contain_text("1")

    sign_out(page, lang)
    assert page.locator("#bag-n").is_hidden()
    shopping.add(page, lang, slug="squalane-oil")
    sign_in(page, lang, email)
    expect(page.locator("main [role=status]").first).to_be_visible()
    expect(page.locator("#bag-n")).to_contain_text("2")

    page.goto(f"/{lang}/cart")
    expect(page.locator(".ln")).to_have_count(2)
    use_code(page, code)
    page.click(".df > .btn")
    page.wait_for_url(f"**/{lang}/checkout")
    expect(page.locator("#summary")).to_contain_text(code)
    shopping.fill_in(page)
    page.check("[name=payment_method][value=cod]")
    number = shopping.place(page, lang)
    expect(page.locator(".summary")).to_contain_text(code)
    order = one(ORDER, number=number)
    assert order.coupon_code == code
    assert order.discount_amount > 0
    assert order.user_id is not None

    page.goto(f"/{lang}/account/orders")
    page.locator("main a", has_text=number).first.click()
    cancel = page.locator("main details", has=page.locator("form[action*='/cancellation']"))
    cancel.locator("summary").click()
    cancel.locator(".btn").click()
    expect(page.locator("#timeline .bad")).to_be_visible()
    assert one(ORDER, number=number).status == "cancelled"
    assert one(text("SELECT used_count FROM coupons WHERE code = :code"), code=code).used_count == 0


def join(page: Page, lang: str, email: str) -> None:
    """Register, follow the mail's link, give the password again."""
    page.goto(f"/{lang}/account/register")
    page.fill("#first_name", "Sokha")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("main .panel2 .btn")
    page.wait_for_url("**/account/sent?what=verify")
    page.goto(letter(email, "/account/verify"))
    assert "token" not in page.url
    page.fill("#password", PASSWORD)
    page.click("main .panel2 .btn")
    page.wait_for_url(f"**/{lang}/account")


def use_code(page: Page, code: str) -> None:
    """A wrong code first, then the right one."""
    page.click("#coupon summary")
    page.fill("#coupon-code", "no such code")
    page.keyboard.press("Enter")
    expect(page.locator("#coupon-err")).to_be_visible()
    page.fill("#coupon-code", code.lower())
    page.click("#coupon-apply")
    expect(page.locator("#coupon")).to_contain_text(code)
    expect(page.locator("#coupon-act")).to_be_focused()


def sign_out(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/account")
    page.locator("form[action$='/account/signout'] button").first.click()
    page.wait_for_url(re.compile(rf"/{lang}/?$"))


@spoken("en")
def test_a_review_with_a_photo(visit: Visit, axe: Axe, shop_in: Flask, tmp_path: Path, lang: str) -> None:
    user = make_user(first_name="Bopha", last_name="Keo", skin_type="oily")
    photo = tmp_path / "face.jpg"
    Image.new("RGB", (300, 400), "#c8a").save(photo)
    page = visit(f"/{lang}/products/niacinamide", PHONE)
    page.locator("#revlist aside .btn").click()
    page.wait_for_url("**/account/signin?**")
    page.fill("#name", user.email)
    page.fill("#password", PASSWORD)
    page.click("main .panel2 .btn")
    page.wait_for_url("**/products/niacinamide/review")
    page.click("main form .btn")
    expect(page.locator(".ferr")).to_be_visible()
    assert axe(page) == []
    page.locator(".stars5 input").nth(3).check(force=True)
    page.fill("#title", TITLES[lang])
    page.fill("#comment", "My forehead shines less by noon.")
    page.set_input_files("#photos", photo)
    page.click("main form .btn")
    page.wait_for_url("**/products/niacinamide**")
    expect(page.locator("#revlist .notice.ok")).to_be_visible()
    review = one(text("SELECT * FROM reviews WHERE user_id = :id"), id=user.id)
    assert (review.rating, review.status, review.skin_type) == (4, "pending", "oily")
    moderation.approve(review.id)
    db.session.commit()
    page.goto(f"/{lang}/products/niacinamide?order=newest#reviews")
    mine = page.locator(".rev", has_text=TITLES[lang])
    expect(mine).to_contain_text("Bopha K.")
    expect(mine.locator("img")).to_have_count(1)


@spoken("km")
def test_a_forgotten_password(visit: Visit, shop_in: Flask, lang: str) -> None:
    user = make_user(language={"en": "en", "km": "kh"}[lang])
    page = visit(f"/{lang}/account/signin", PHONE)
    page.locator("main .panel2 a.link").click()
    page.wait_for_url("**/account/forgot")
    page.fill("#email", user.email.upper())
    page.click("main .panel2 .btn")
    page.wait_for_url("**/account/sent?what=reset")
    link = letter(user.email, "/account/reset")
    assert link.startswith(f"/{lang}/")
    page.goto(link)
    assert "token" not in page.url
    page.fill("#password", NEW_PASSWORD)
    page.click("main .panel2 .btn")
    page.wait_for_url("**/account/signin?done=reset")
    sign_in(page, lang, user.email)
    expect(page.locator(".ferr")).to_be_visible()
    sign_in(page, lang, user.email, NEW_PASSWORD)
    page.wait_for_url(f"**/{lang}/account")
    page.goto(link)
    expect(page.locator("main .notice.warn")).to_be_visible()


@ways
def test_something_goes_back_with_a_photo(
    visit: Visit, shop_in: Flask, tmp_path: Path, lang: str, scripts: bool
) -> None:
    photo = tmp_path / "broken.png"
    Image.new("RGB", (500, 300), "#c8a").save(photo)
    page = delivered(visit, lang, scripts)
    page.locator("main a[href*='/return?']").click()
    page.click("main form .btn:not(.ghost)")
    expect(page.locator(".ferr").first).to_be_visible()
    page.locator("#items select").select_option("1")
    page.fill("#reason", REASONS[lang])
    page.set_input_files("#photos", photo)
    page.click("main form .btn:not(.ghost)")
    page.wait_for_url(re.compile(rf"/{lang}/orders/SK-[^/]+\?token="))
    mine = page.locator("main section", has=page.locator("#back-h"))
    expect(mine).to_contain_text(REASONS[lang])
    shown = mine.locator("img")
    expect(shown).to_have_count(1)
    shown.scroll_into_view_if_needed()
    answer = page.request.get(str(shown.get_attribute("src")))
    assert (answer.status, answer.headers["content-type"]) == (200, "image/webp")
    asked = one(
        text("SELECT r.status, r.reason FROM return_requests r JOIN orders o ON o.id = r.order_id"
             " WHERE o.order_number = :number"), number=page.inner_text(".ordno"),
    )  # fmt: skip
    assert tuple(asked) == ("requested", REASONS[lang])


@ways
def test_a_receipt_is_printed(visit: Visit, shop_in: Flask, lang: str, scripts: bool) -> None:
    page = delivered(visit, lang, scripts)
    order = one(ORDER, number=page.inner_text(".ordno"))
    page.locator("main a[href*='/receipt?']").click()
    paper = page.locator(".receipt")
    for told in (
        order.order_number,
        shopping.NAME,
        f"${order.total}",
        money.khr(order.total, order.exchange_rate),
    ):
        expect(paper).to_contain_text(told)
    expect(paper).to_contain_text("$1 = 4,100")
    if scripts:
        page.evaluate("window.print = () => { document.title = 'printed' }")
        paper.locator("[data-print]").click()
        expect(page).to_have_title("printed")
    else:
        expect(paper.locator("[data-print]")).to_be_hidden()
    page.emulate_media(media="print")
    for away in (".noprint", "header.hdr", "footer"):
        expect(page.locator(away).first).to_be_hidden()
    expect(paper.locator("table")).to_be_visible()


def delivered(visit: Visit, lang: str, scripts: bool) -> Page:
    """The page of an order that a guest has placed and that has arrived."""
    page = visit(f"/{lang}/products/niacinamide", PHONE, scripts=scripts)
    page.locator(".buyrow .btn").click()
    page.click(".df > .btn")
    (shopping.fill_in if scripts else shopping.fill_in_plainly)(page)
    page.check("[name=payment_method][value=cod]")
    number = shopping.place(page, lang)
    for move in (lifecycle.confirm, lifecycle.send, lifecycle.deliver):
        move(number)
    db.session.commit()
    page.reload()
    return page

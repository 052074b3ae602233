"""Every open state is as sound as a page: drawers, sheets, messages, errors, empty places, the placed order."""

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from app.demo import staff
from tests.e2e import measures, shopping
from tests.e2e.conftest import DESK, PHONE, Cell, grid

Visit = Callable[..., Page]
Axe = Callable[[Page], list[str]]
numbers = count(1)


def menu(page: Page, lang: str) -> None:
    page.click(".menu")
    expect(page.locator("#menu a").first).to_be_visible()


def filters(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/shop?concern=acne")
    page.click(".fbtn")
    expect(page.locator("#filters")).to_be_visible()


def suggestions(page: Page, lang: str) -> None:
    page.click(".acts [data-dialog=find]")
    page.locator("#find-q").press_sequentially("niac")
    expect(page.locator("#suggest a").first).to_be_visible()


def bag(page: Page, lang: str) -> None:
    shopping.add(page, lang)
    page.keyboard.press("Escape")
    page.goto(f"/{lang}/products/body-sun-lotion")
    page.locator(".buyrow .btn").click()
    expect(page.locator("#bag .ln")).to_have_count(2)


def removed(page: Page, lang: str) -> None:
    bag(page, lang)
    page.locator("#bag .rm").first.click()
    expect(page.locator("#undo button")).to_be_focused()


def empty_drawer(page: Page, lang: str) -> None:
    page.click(".acts [data-dialog=bag]")
    expect(page.locator("#bag .empty")).to_be_visible()


def popover(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/products/niacinamide")
    page.locator("details:has(.inci) summary").click()
    page.locator(".inci a").first.click()
    expect(page.locator("#pop .link")).to_be_visible()


def open_details(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/products/niacinamide?skin=oily&province=17")
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")


def full_bag(page: Page, lang: str) -> None:
    bag(page, lang)
    page.goto(f"/{lang}/cart")


def checkout(page: Page, lang: str) -> None:
    shopping.to_checkout(page, lang)
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")


def refused(page: Page, lang: str) -> None:
    shopping.to_checkout(page, lang)
    page.fill("#address_line", shopping.STREET)
    page.fill("#phone", "12")
    page.click("button[form=checkout]:not([formaction])")
    expect(page.locator(".errs")).to_be_focused()
    expect(page.locator("#address_line")).to_have_value(shopping.STREET)
    expect(page.locator("#phone")).to_have_value("12")
    page.locator(".errs a").first.press("Enter")
    expect(page.locator("#name")).to_be_focused()


def unknown_order(page: Page, lang: str) -> None:
    """Another number each time: five tries for one, and the shop asks for patience."""
    number = f"SK-260101-{next(numbers):05d}-X"
    page.goto(f"/{lang}/orders/track")
    page.fill("#number", number)
    page.fill("#phone", shopping.PHONE_NUMBER)
    page.click("main form .btn")
    expect(page.locator(".errs")).to_be_focused()
    expect(page.locator("#number")).to_have_value(number)


def placed(page: Page, lang: str) -> None:
    shopping.to_checkout(page, lang)
    shopping.fill_in(page)
    shopping.place(page, lang)


def signed_in(page: Page, lang: str) -> None:
    page.goto(f"/{lang}/account/signin")
    page.fill("#name", staff.CUSTOMER)
    page.fill("#password", staff.PASSWORD)
    page.click("main .panel2 .btn")
    page.wait_for_url(f"**/{lang}/account")


def refused_at(path: str, button: str = "main form .btn:not([type=button])") -> Callable[[Page, str], None]:
    """A form that was sent as it stands, and says what is missing."""

    def send(page: Page, lang: str) -> None:
        page.goto(f"/{lang}{path}")
        page.locator(button).first.click()
        expect(page.locator(".ferr").first).to_be_visible()

    return send


def several_addresses(page: Page, lang: str) -> None:
    """The checkout of somebody who may choose between addresses with long names."""
    signed_in(page, lang)
    page.goto(f"/{lang}/account/addresses/new")
    shopping.fill_in(page)
    page.fill("#name", "Sokha Chan at the house of her elder sister")
    page.locator(".own-page form .btn:not([name])").first.click()
    page.wait_for_url(f"**/{lang}/account/addresses")
    shopping.to_checkout(page, lang)
    expect(page.locator("#checkout nav .chip").last).to_be_attached()


def own_refused_at(path: str) -> Callable[[Page, str], None]:
    def send(page: Page, lang: str) -> None:
        signed_in(page, lang)
        refused_at(path, ".own-page form .btn, .narrow form .btn")(page, lang)

    return send


def refused_code(page: Page, lang: str) -> None:
    full_bag(page, lang)
    page.click("#coupon summary")
    page.fill("#coupon-code", "no such code")
    page.click("#coupon-apply")
    expect(page.locator("#coupon-err")).to_be_visible()


def saved(page: Page, lang: str) -> None:
    for slug in ("niacinamide", "lip-sun-balm"):
        page.goto(f"/{lang}/products/{slug}")
        page.locator("main .heart").first.click()
        expect(page.locator("main .heart").first).to_have_attribute("aria-pressed", "true")
    page.goto(f"/{lang}/wishlist")
    page.click("#share button")
    expect(page.locator("#list-link")).to_be_visible()


def transfer(page: Page, lang: str) -> None:
    shopping.to_checkout(page, lang)
    shopping.fill_in(page)
    page.check("[name=payment_method][value=bank_transfer]")
    page.click("button[form=checkout]:not([formaction])")
    page.wait_for_url("**/payment?*")
    expect(page.locator(".accounts li").first).to_be_visible()


def cancelled(page: Page, lang: str) -> None:
    placed(page, lang)
    page.locator("main details summary").last.click()
    page.locator("form[action*='/cancellation'] .btn").click()
    expect(page.locator("#timeline .bad")).to_be_visible()


def receipt(page: Page, lang: str) -> None:
    placed(page, lang)
    page.locator("a[href*='/receipt']").click()
    expect(page.locator(".receipt table")).to_be_visible()


def at(path: str) -> Callable[[Page, str], None]:
    """The state that an address alone brings about."""
    return lambda page, lang: page.goto(f"/{lang}{path}") and None


STATES: dict[str, Callable[[Page, str], None]] = {
    "menu": menu,
    "filters": filters,
    "suggestions": suggestions,
    "bag": bag,
    "removed": removed,
    "empty-drawer": empty_drawer,
    "popover": popover,
    "open-details": open_details,
    "full-bag": full_bag,
    "checkout": checkout,
    "several-addresses": several_addresses,
    "refused": refused,
    "unknown-order": unknown_order,
    "placed": placed,
    "cancelled": cancelled,
    "receipt": receipt,
    "transfer": transfer,
    "refused-code": refused_code,
    "saved": saved,
    "refused-signin": refused_at("/account/signin"),
    "refused-register": refused_at("/account/register"),
    "refused-alert": refused_at("/products/lip-sun-balm/alert", "#alert .btn"),
    "refused-address": own_refused_at("/account/addresses/new"),
    "refused-password": own_refused_at("/account/password"),
    "refused-email": own_refused_at("/account/email"),
    "link-over": at("/account/reset?token=nothing"),
    "account-gone": at("/account/gone"),
    "sold-out": at("/products/lip-sun-balm"),
    "nothing-found": at("/shop?concern=sun&skin_type=acne&price_max=1"),
    "gone": at("/products/niacinamide-5"),
    "filters-as-a-page": at("/shop?filters=1"),
}
PHONE_ONLY = {"menu", "filters"}
ANYWHERE = {"menu", "suggestions", "empty-drawer"}


@pytest.mark.parametrize(("state", "cell"), grid(STATES))
def test_a_state_is_sound(visit: Visit, axe: Axe, state: str, cell: Cell) -> None:
    lang, size, dark = cell
    start = f"/{lang}/orders/track" if state in ANYWHERE else "/healthz"
    page = visit(start, PHONE if state in PHONE_ONLY else size, dark=dark)
    STATES[state](page, lang)
    page.wait_for_load_state("networkidle")
    assert axe(page) == []
    assert measures.overflow(page) + measures.clipped(page) == []
    measures.narrow(page)
    assert measures.overflow(page) + measures.clipped(page) == []
    measures.spread(page)
    assert measures.overflow(page) + measures.clipped(page) == []


@pytest.mark.parametrize(
    ("opener", "dialog"),
    [
        (".menu", "menu"),
        (".acts [data-dialog=find]", "find"),
        (".acts [data-dialog=bag]", "bag"),
        (".fbtn", "filters"),
    ],
)
def test_a_dialog_gives_the_focus_back(visit: Visit, opener: str, dialog: str) -> None:
    page = visit("/en/shop", PHONE)
    page.click(opener)
    expect(page.locator(f"#{dialog}")).to_be_visible()
    assert page.evaluate("id => document.getElementById(id).contains(document.activeElement)", dialog)
    page.keyboard.press("Escape")
    expect(page.locator(f"#{dialog}")).to_be_hidden()
    expect(page.locator(opener)).to_be_focused()


def test_a_card_adds_without_opening_the_drawer(visit: Visit) -> None:
    page = visit("/en/shop", PHONE)
    page.locator(".add").first.click()
    expect(page.locator("#live .toast")).to_contain_text("1 item")
    expect(page.locator("#bag-n")).to_contain_text("1")
    expect(page.locator(".tab [data-bag-n]")).to_have_text("1")
    expect(page.locator("#bag")).to_be_hidden()
    expect(page.locator(".add").first).to_be_focused()


def test_slash_goes_to_the_search_field(visit: Visit) -> None:
    page = visit("/en/cart", DESK)
    page.keyboard.press("/")
    expect(page.locator("#find-q")).to_be_focused()


def test_colours_are_kept(visit: Visit) -> None:
    page = visit("/en/cart", DESK)
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.click("[data-theme-set=dark]")
    page.wait_for_function(f"value => {ground} != value", arg=light)
    dark = page.evaluate(ground)
    page.reload()
    page.wait_for_function(f"value => {ground} == value", arg=dark)
    assert page.get_attribute("[data-theme-set=dark]", "aria-pressed") == "true"
    page.click("[data-theme-set='']")
    page.emulate_media(color_scheme="dark")
    page.reload()
    page.wait_for_function(f"value => {ground} == value", arg=dark)
    page.click("[data-theme-set=light]")
    page.wait_for_function(f"value => {ground} == value", arg=light)


def test_thumbnails_move_the_gallery(visit: Visit) -> None:
    page = visit("/en/products/niacinamide", PHONE)
    page.locator(".thumbs a").nth(1).click()
    expect(page.locator(".thumbs a").nth(1)).to_have_attribute("aria-current", "true")


def test_a_lost_connection_is_said(visit: Visit) -> None:
    page = visit("/en/shop", PHONE)
    page.evaluate("document.dispatchEvent(new CustomEvent('htmx:error', {detail: {error: new TypeError()}}))")
    expect(page.locator("#toasts .toast")).to_contain_text("connection")


@pytest.mark.parametrize("lang", ["en", "km"])
def test_without_scripts_the_menu_is_the_footer(visit: Visit, lang: str) -> None:
    page = visit(f"/{lang}/products/niacinamide", PHONE, scripts=False)
    page.click(".menu")
    assert page.url.endswith("#links")

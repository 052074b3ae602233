"""What opens, moves and speaks: the drawer, sheets, messages, focus and colours, with a script and without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE

Visit = Callable[..., Page]
Axe = Callable[[Page], list[str]]


@pytest.mark.parametrize("lang", ["en", "km"])
@pytest.mark.parametrize(
    ("opener", "dialog"),
    [
        (".menu", "menu"),
        (".acts [data-dialog=find]", "find"),
        (".acts [data-dialog=bag]", "bag"),
        (".fbtn", "filters"),
    ],
)
def test_dialogs_open_close_and_are_sound(
    visit: Visit, axe: Axe, lang: str, opener: str, dialog: str
) -> None:
    page = visit(f"/{lang}/shop", PHONE, dark=lang == "km")
    page.click(opener)
    expect(page.locator(f"#{dialog}")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator(f"#{dialog}")).to_be_hidden()


def test_a_card_adds_without_opening_the_drawer(visit: Visit) -> None:
    page = visit("/en/shop", PHONE)
    page.locator(".add").first.click()
    expect(page.locator("#live .toast")).to_contain_text("1 item")
    expect(page.locator("#bag-n")).to_contain_text("1")
    expect(page.locator(".tab [data-bag-n]")).to_have_text("1")
    expect(page.locator("#bag")).to_be_hidden()


def test_the_product_page_opens_the_drawer_and_focus_is_never_lost(visit: Visit, axe: Axe) -> None:
    page = visit("/en/products/niacinamide", DESK)
    page.locator(".buyrow [data-step='1']").click()
    page.locator(".buyrow .btn").click()
    expect(page.locator("#bag .ln")).to_have_count(1)
    expect(page.locator("#bag input[name=quantity]").first).to_have_value("2")
    assert axe(page) == []
    more = page.locator("#bag button[value=more]")
    more.click()
    expect(page.locator("#bag-n")).to_contain_text("3")
    expect(more).to_be_focused()
    page.locator("#bag .ln .rm").click()
    expect(page.locator("#undo")).to_be_visible()
    expect(page.locator("#undo button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#bag .ln")).to_have_count(1)
    assert page.evaluate("document.activeElement != document.body")


def test_slash_goes_to_the_search_field_and_suggestions_come(visit: Visit, axe: Axe) -> None:
    page = visit("/en/cart", DESK)
    page.keyboard.press("/")
    expect(page.locator("#find-q")).to_be_focused()
    page.keyboard.type("niac")
    expect(page.locator("#suggest a").first).to_be_visible()
    assert axe(page) == []


def test_colours_are_kept(visit: Visit) -> None:
    page = visit("/en/cart", DESK)
    page.click("[data-theme-set=dark]")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.get_attribute("[data-theme-set=dark]", "aria-pressed") == "true"
    page.click("[data-theme-set='']")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") is None


def test_thumbnails_move_the_gallery(visit: Visit) -> None:
    page = visit("/en/products/niacinamide", PHONE)
    page.locator(".thumbs a").nth(1).click()
    expect(page.locator(".thumbs a").nth(1)).to_have_attribute("aria-current", "true")


def test_a_lost_connection_is_said(visit: Visit) -> None:
    page = visit("/en/shop", PHONE)
    page.evaluate("document.dispatchEvent(new CustomEvent('htmx:error', {detail: {error: new TypeError()}}))")
    expect(page.locator("#toasts .toast")).to_contain_text("connection")


@pytest.mark.parametrize("lang", ["en", "km"])
def test_without_scripts_the_bag_fills_and_the_menu_is_the_footer(visit: Visit, lang: str) -> None:
    page = visit(f"/{lang}/products/niacinamide", PHONE, scripts=False)
    page.locator(".buyrow .btn").click()
    assert page.url.endswith(f"/{lang}/cart")
    expect(page.locator(".ln")).to_have_count(1)
    page.click(".menu")
    assert page.url.endswith("#links")

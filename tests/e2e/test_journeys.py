"""A shopper's ways from the first page to the order: with scripts, without, by keyboard alone, back and forth."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e import shopping
from tests.e2e.conftest import DESK, PHONE, spoken

Visit = Callable[..., Page]


@spoken("km")
def test_buying_with_scripts(visit: Visit, lang: str) -> None:
    page = visit(f"/{lang}/", DESK)
    page.locator(".tile").first.click()
    page.wait_for_url(f"**/{lang}/shop?*concern=*")
    tick = page.locator("#facets [name=skin_type][value=oily]")
    tick.click()
    page.wait_for_url("**skin_type=oily*")
    expect(page.locator(".applied .chip")).not_to_have_count(0)
    expect(tick).to_be_focused()
    expect(tick).to_be_checked()
    total = page.locator("#count b").inner_text()
    expect(page.locator("#live")).to_contain_text(total)
    page.locator(".card h3 a").first.click()
    page.locator(".buyrow .btn").click()
    expect(page.locator("#bag")).to_be_visible()
    expect(page.locator("#bag .ln")).to_have_count(1)
    expect(page.locator("#bag-n")).to_contain_text("1")
    assert page.evaluate("document.querySelector('#bag').contains(document.activeElement)")
    page.locator("#bag .df > .btn").click()
    shopping.fill_in(page)
    number = shopping.place(page, lang)
    assert number in page.title()
    assert page.locator("#bag-n").is_hidden()
    page.goto(f"/{lang}/orders/track")
    page.fill("#number", number)
    page.fill("#phone", shopping.PHONE_NUMBER)
    page.click("main form .btn")
    expect(page.locator(".ordno")).to_have_text(number)


@spoken("en")
def test_buying_without_scripts(visit: Visit, lang: str) -> None:
    page = visit(f"/{lang}/", PHONE, scripts=False)
    page.locator(".tile").first.click()
    page.click(".fbtn")
    page.check("#facets [name=skin_type][value=oily]")
    page.click("#facets noscript .btn, #facets button:not([type=button])")
    assert "skin_type=oily" in page.url
    page.locator(".card h3 a").first.click()
    page.locator(".buyrow .btn").click()
    assert page.url.endswith(f"/{lang}/cart")
    page.locator(".ln [value=more]").click()
    expect(page.locator(".ln [name=quantity]")).to_have_value("2")
    page.locator(".df > .btn").click()
    page.fill("#name", shopping.NAME)
    page.fill("#phone", shopping.PHONE_NUMBER)
    for name, code in list(shopping.PLACE.items())[:2]:
        page.select_option(f"#{name}", code)
        page.click("#choices button")
    page.select_option("#commune", shopping.PLACE["commune"])
    expect(page.locator("#name")).to_have_value(shopping.NAME)
    page.fill("#address_line", shopping.STREET)
    assert shopping.place(page, lang).startswith("SK-")


def test_answers_given_while_the_checkout_waits_are_kept(visit: Visit) -> None:
    page = visit("/en/", PHONE)
    shopping.to_checkout(page, "en")
    held: list[Route] = []
    page.route("**/checkout/summary", lambda route: route.continue_() if held else held.append(route))
    page.select_option("#province", "12")
    page.fill("#address_line", shopping.STREET)
    expect(page.locator("#choices")).to_have_attribute("aria-busy", "true")
    held[0].continue_()
    page.locator("#district option[value='1201']").wait_for(state="attached")
    expect(page.locator("#address_line")).to_have_value(shopping.STREET)
    expect(page.locator("#address_line")).to_be_focused()
    held.clear()
    with page.expect_request("**/checkout/summary"):
        page.select_option("#district", "1202")
    page.select_option("#province", "17")
    page.locator("#district option[value='1710']").wait_for(state="attached")
    expect(page.locator("#district")).to_have_value("")
    expect(page.locator("#toasts .toast")).to_have_count(0)
    expect(page.locator("#address_line")).to_have_value(shopping.STREET)


def test_an_answer_that_is_heard_after_the_order_leads_nowhere(visit: Visit) -> None:
    """The last choice asks for the summary while the button already places the order."""
    page = visit("/en/", PHONE)
    shopping.to_checkout(page, "en")
    shopping.fill_in(page)
    page.wait_for_load_state("networkidle")
    asked: list[Route] = []

    def hold(route: Route) -> None:
        asked.append(route)

    def place_first(route: Route) -> None:
        placed = route.fetch(max_redirects=0)
        with page.expect_response("**/checkout/summary"):
            asked[0].continue_()
        page.wait_for_timeout(200)
        route.fulfill(response=placed)

    page.route("**/checkout/summary", hold)
    page.route("**/en/checkout", place_first)
    page.select_option("#commune", index=3)
    assert shopping.place(page, "en").startswith("SK-")
    assert len(asked) == 1


def tab_to(page: Page, wanted: Locator, most: int = 80) -> None:
    """Press Tab until the wanted control has the focus and shows it."""
    for _ in range(most):
        if wanted.evaluate("e => e == document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(wanted).to_be_focused()
    ring = "e => [e, e.closest('.card, label')].some(x => x && getComputedStyle(x).outlineStyle != 'none')"
    assert wanted.evaluate(ring), "no ring around what has the focus"


def test_buying_by_keyboard_alone(visit: Visit) -> None:
    page = visit("/en/", DESK)
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, page.locator(".hero .ghost"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/shop")
    tick = page.locator("#facets [value=oily]")
    tab_to(page, tick)
    page.keyboard.press("Space")
    page.wait_for_url("**skin_type=oily*")
    expect(tick).to_be_focused()
    tab_to(page, page.locator("#results .card h3 a").first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/products/*")
    tab_to(page, page.locator(".buyrow .btn"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#bag .df > .btn"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout")
    for name, text in (("name", shopping.NAME), ("phone", shopping.PHONE_NUMBER)):
        tab_to(page, page.locator(f"#{name}"))
        page.keyboard.type(text)
    for name, code in shopping.PLACE.items():
        chosen = page.locator(f"#{name} option[value='{code}']")
        tab_to(page, page.locator(f"#{name}"))
        page.keyboard.type(chosen.inner_text())
        page.wait_for_load_state("networkidle")
        expect(page.locator(f"#{name}")).to_have_value(code)
        expect(page.locator(f"#{name}")).to_be_focused()
    tab_to(page, page.locator("#address_line"))
    page.keyboard.type(shopping.STREET)
    tab_to(page, page.locator("button[form=checkout]:not([formaction])"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/orders/SK-*")


def test_show_more_survives_back_and_reload(visit: Visit) -> None:
    page = visit("/en/shop", PHONE)
    cards = page.locator("#cards .card")
    before = cards.count()
    page.click("#more .btn")
    page.wait_for_url("**page=2*")
    expect(cards.nth(before)).to_be_visible()
    expect(cards.nth(before).locator("a")).to_be_focused()
    page.reload()
    expect(page.locator(".more .btn").first).to_be_visible()
    opened = cards.first.locator("h3 a")
    name = opened.inner_text()
    opened.click()
    page.wait_for_url("**/products/*")
    page.go_back()
    page.wait_for_url("**page=2*")
    expect(cards.first.locator("h3 a")).to_have_text(name)
    page.click("p.more .btn")
    expect(cards).to_have_count(before)


def test_back_undoes_a_filter(visit: Visit) -> None:
    page = visit("/en/shop", DESK)
    whole = page.inner_text("#count b")
    page.check("#facets [value=oily]")
    page.wait_for_url("**skin_type=oily*")
    expect(page.locator("#count b")).not_to_have_text(whole)
    page.go_back()
    expect(page.locator("#count b")).to_have_text(whole)
    expect(page.locator("#facets [value=oily]")).not_to_be_checked()


@pytest.mark.parametrize("where", ["drawer", "page"])
def test_quantities_keep_the_focus_and_a_removal_can_be_undone(visit: Visit, where: str) -> None:
    page = visit("/en/", PHONE)
    shopping.add(page, "en")
    if where == "page":
        page.goto("/en/cart")
    number = page.locator(".ln [name=quantity]")
    for control, expected in (("more", "2"), ("more", "3"), ("fewer", "2")):
        button = page.locator(f".ln [value={control}]")
        button.focus()
        page.keyboard.press("Enter")
        expect(number).to_have_value(expected)
        expect(button).to_be_focused()
        expect(page.locator("#live")).to_contain_text(f"{expected} item")
    number.fill("4")
    page.keyboard.press("Enter")
    expect(page.locator("#bag-n")).to_contain_text("4")
    expect(number).to_be_focused()
    page.locator(".ln .rm").click()
    expect(page.locator(".ln")).to_have_count(0)
    expect(page.locator("#undo button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".ln [name=quantity]")).to_have_value("4")
    expect(page.locator("#bag-n")).to_contain_text("4")
    assert page.evaluate("document.activeElement != document.body")

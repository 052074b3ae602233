"""What a shopper does in the browser, step by step: fill the bag, fill in the checkout, place the order."""

from playwright.sync_api import Page, expect

NAME, PHONE_NUMBER, STREET = "Sokha Chan", "012 345 678", "No. 12, Street 51, near Wat Langka"
PLACE = {"province": "12", "district": "1201", "commune": "120101"}


def add(page: Page, lang: str, slug: str = "niacinamide") -> None:
    """Open a product and put it into the bag; the drawer shows it."""
    page.goto(f"/{lang}/products/{slug}")
    page.locator(".buyrow .btn").click()
    expect(page.locator("#bag .ln")).to_have_count(1)


def to_checkout(page: Page, lang: str) -> None:
    """The checkout with one product in the bag."""
    add(page, lang)
    page.locator("#bag .df > .btn").click()
    page.wait_for_url(f"**/{lang}/checkout")


def choose_place(page: Page) -> None:
    """Choose province, district and commune; each brings the next list."""
    for name, code in PLACE.items():
        page.locator(f"#{name} option[value='{code}']").wait_for(state="attached")
        page.select_option(f"#{name}", code)
        expect(page.locator(f"#{name}")).to_have_value(code)
        page.wait_for_load_state("networkidle")


def fill_in(page: Page) -> None:
    """Everything that the checkout asks for."""
    page.fill("#name", NAME)
    page.fill("#phone", PHONE_NUMBER)
    choose_place(page)
    page.fill("#address_line", STREET)


def place(page: Page, lang: str) -> str:
    """Place the order; its number as the order's page shows it."""
    page.click("button[form=checkout]:not([formaction])")
    page.wait_for_url(f"**/{lang}/orders/SK-*")
    return page.inner_text(".ordno")


def fill_in_plainly(page: Page) -> None:
    """The same without scripts: a button brings districts, then communes."""
    page.fill("#name", NAME)
    page.fill("#phone", PHONE_NUMBER)
    for name, code in list(PLACE.items())[:2]:
        page.select_option(f"#{name}", code)
        page.click("#choices button")
    page.select_option("#commune", PLACE["commune"])
    page.fill("#address_line", STREET)

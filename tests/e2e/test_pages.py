"""Every page in the grid of languages, sizes and themes: axe finds nothing, nothing overflows, no text is cut."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from fontTools.ttLib import TTFont
from playwright.sync_api import Page, Route, ViewportSize
from sqlalchemy import select

from app.accounts.models import User
from app.core import assets, db
from app.demo import staff
from tests.accounts.people import signed_in
from tests.conftest import FULL
from tests.e2e import measures
from tests.e2e.conftest import DESK, PHONE, Cell, grid

Visit = Callable[..., Page]
Axe = Callable[[Page], list[str]]

PATHS = [
    "/", "/shop", "/shop/serum", "/shop?skin_type=oily&concern=acne", "/products/niacinamide",
    "/ingredients/niacinamide", "/brands/kesor", "/search?q=serum", "/search?q=laptop", "/cart", "/orders/track",
    "/nothing-here", "/account/signin", "/account/register", "/account/forgot", "/wishlist",
]  # fmt: skip
OWN = [
    "/account", "/account/orders", "/account/addresses", "/account/addresses/new", "/account/profile",
    "/account/skin", "/account/privacy", "/account/sessions", "/account/password", "/account/email",
    "/account/reviews", "/wishlist", "/wishlist/seen", "/products/niacinamide", "/products/niacinamide/review",
]  # fmt: skip
MAIN = ["/", "/shop", "/products/niacinamide", "/search?q=serum", "/cart", "/orders/track"]
OTHER_LETTERS = set("✓★☆→←\u200b\ufeff")


@pytest.mark.parametrize(("path", "cell"), grid(PATHS))
def test_a_page_is_sound(visit: Visit, axe: Axe, path: str, cell: Cell) -> None:
    lang, size, dark = cell
    sound(visit(f"/{lang}{path}", size, dark=dark), axe)


@pytest.fixture
def customer(live_app: Flask, site: str) -> list[Any]:
    """The cookies of a sign-in of the demo shop's customer."""
    with live_app.app_context():
        user = db.db.session.execute(select(User.id).where(User.email == staff.CUSTOMER)).one()
        client = signed_in(live_app.test_client(), user)
        db.db.session.remove()
    cookies = [client.get_cookie(name) for name in ("session", "csrf")]
    return [{"name": kept.key, "value": kept.value, "url": site} for kept in cookies if kept]


@pytest.mark.parametrize(("path", "cell"), grid(OWN))
def test_ones_own_page_is_sound(visit: Visit, axe: Axe, customer: list[Any], path: str, cell: Cell) -> None:
    lang, size, dark = cell
    page = visit("/healthz", size, dark=dark)
    page.context.add_cookies(customer)
    page.goto(f"/{lang}{path}")
    assert "/signin" not in page.url
    sound(page, axe)


def sound(page: Page, axe: Axe) -> None:
    """Nothing for axe, nothing too wide or cut off, at 320 px and with wide text spacing either."""
    assert axe(page) == []
    assert measures.overflow(page) + measures.clipped(page) == []
    measures.narrow(page)
    assert measures.overflow(page) + measures.clipped(page) == []
    measures.spread(page)
    assert measures.overflow(page) + measures.clipped(page) == []


@pytest.mark.parametrize("lang", ["en", "km"])
def test_our_fonts_hold_every_letter(visit: Visit, lang: str) -> None:
    known: set[str] = set(OTHER_LETTERS)
    for name in ("sans", "khmer"):
        font = TTFont(BytesIO((assets.DIST / assets.files()[f"fonts/{name}.woff2"]).read_bytes()))
        known |= {chr(code) for code in font.getBestCmap()}
    page = visit(f"/{lang}/")
    for path in PATHS if FULL else PATHS[lang == "km" :: 2]:
        page.goto(f"/{lang}{path}")
        assert set(measures.letters(page)) - known == set(), path


def late(route: Route) -> None:
    """Let a font or a script come after the first paint."""
    wait = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))"
    route.request.frame.page.evaluate(wait)
    route.continue_()


@pytest.mark.parametrize("lang", ["en", "km"])
@pytest.mark.parametrize("size", [PHONE, DESK] if FULL else [PHONE], ids=lambda size: size["width"])
def test_nothing_jumps(visit: Visit, lang: str, size: ViewportSize) -> None:
    """Neither when scripts come late nor, in English, when fonts do; Khmer has a fallback only where a system has one,

    so that a busy machine, where the kept font comes after the first paint, may look again.
    """
    page = visit("/healthz", size)
    page.route("**/*.js", late)
    if lang == "en":
        page.route("**/*.woff2", late)
    for path in MAIN:
        for _look in range(1 if lang == "en" else 3):
            page.goto(f"/{lang}{path}")
            moved = measures.shifts(page)
            if sum(value for value, _ in moved) <= 0.01:
                break
        assert sum(value for value, _ in moved) <= 0.01, (path, moved)

"""Every page in the grid of languages, sizes and themes: axe finds nothing, nothing overflows, Khmer is whole."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.conftest import FULL
from tests.e2e.conftest import DESK, PHONE

PATHS = [
    "/", "/shop", "/shop/serum", "/shop?skin_type=oily&concern=acne", "/shop?concern=sun&skin_type=acne&price_max=1",
    "/products/niacinamide", "/products/niacinamide-5", "/ingredients/niacinamide", "/brands/kesor",
    "/search?q=serum", "/search?q=laptop", "/cart", "/orders/track", "/nothing-here",
]  # fmt: skip
NARROW = {"width": 320, "height": 700}
GRID = [(lang, size, dark) for lang in ("en", "km") for size in (PHONE, DESK) for dark in (False, True)]
SMALL_GRID = [("en", DESK, True), ("km", PHONE, False)]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("lang", "size", "dark"),
    GRID if FULL else SMALL_GRID,
    ids=lambda value: value["width"] if isinstance(value, dict) else str(value),
)
def test_axe(
    visit: Callable[..., Page], axe: Callable[[Page], list[str]], path: str, lang: str, size: Any, dark: bool
) -> None:
    assert axe(visit(f"/{lang}{path}", size, dark=dark)) == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("lang", ["en", "km"])
def test_nothing_overflows_at_320(visit: Callable[..., Page], path: str, lang: str) -> None:
    page = visit(f"/{lang}{path}", NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    if lang == "km":
        spaced = "e => [...e].filter(x => x.innerText && getComputedStyle(x).letterSpacing != 'normal'"
        spaced += " && getComputedStyle(x).letterSpacing != '0px').map(x => x.outerHTML.slice(0, 80))"
        assert page.eval_on_selector_all(":lang(km)", spaced) == []

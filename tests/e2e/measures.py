"""What a browser can be asked about a page: what sticks out, what is cut off, what moved, which letters it shows."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

MEASURES = (Path(__file__).parent / "measures.js").read_text()


def ask(page: Page, question: str) -> Any:
    """The answer of one function of measures.js."""
    return page.evaluate(f"() => {MEASURES.strip()}.{question}()")


def overflow(page: Page) -> list[str]:
    """What sticks out of the window sideways, dialogs also above and below."""
    return list(ask(page, "overflow"))


def clipped(page: Page) -> list[str]:
    """Texts whose ink a box cuts off or whose lines touch; Khmer with spread, slanted or changed letters."""
    return [*ask(page, "clipped"), *ask(page, "changed")]


def narrow(page: Page) -> None:
    """Make the window 320 px wide (a desk at 400 %) and keep what has the focus in sight."""
    page.set_viewport_size({"width": 320, "height": 640})
    ask(page, "settle")


def shifts(page: Page) -> list[Any]:
    """The layout shifts [value, what moved] until now and while scrolling down once."""
    return list(ask(page, "shifts"))


def spread(page: Page) -> None:
    """Set the text spacing that WCAG 1.4.12 leaves to readers (Khmer clusters stay together)."""
    ask(page, "spread")
    ask(page, "settle")


def letters(page: Page) -> str:
    """Every visible character of the page once."""
    return str(ask(page, "letters"))

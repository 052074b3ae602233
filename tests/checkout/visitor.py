"""A browser without JavaScript in front of the checkout."""

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.db import db
from tests import trade

PHNOM_PENH = {
    "name": "Sok Dara",
    "phone": "012 345 678",
    "province": "12",
    "district": "1201",
    "commune": "120101",
    "address_line": "No. 12, Street 51",
}
NAMES = [*PHNOM_PENH, "email", "note", "shipping_method", "payment_method", "idempotency_key", "quoted_total"]


class Page:
    """An answer, and what its form holds."""

    def __init__(self, answer: TestResponse) -> None:
        self.status = answer.status_code
        self.headers = answer.headers
        self.location = answer.headers.get("Location", "")
        self.data = answer.data
        self.text = answer.get_data(as_text=True)

    def field(self, name: str) -> str:
        """The value that the form would send for a field."""
        if re.search(rf'<select[^>]*name="{name}"', self.text):
            chosen = re.search(rf'<select[^>]*name="{name}".*?</select>', self.text, re.DOTALL)
            found = re.search(r'<option selected value="([^"]*)"', chosen[0]) if chosen else None
        elif re.search(rf'<textarea[^>]*name="{name}"', self.text):
            found = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\s*(.*?)</textarea>', self.text, re.DOTALL)
        elif radios := re.findall(rf'<input type="radio" name="{name}"[^>]*>', self.text):
            picked = next((tag for tag in radios if " checked" in tag), "")
            found = re.search(r'value="([^"]*)"', picked)
        else:
            tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', self.text)
            found = re.search(r'value="([^"]*)"', tag[0]) if tag else None
        return unescape(found[1]) if found else ""

    def options(self, name: str) -> list[str]:
        """The values of a select."""
        chosen = re.search(rf'<select[^>]*name="{name}".*?</select>', self.text, re.DOTALL)
        return re.findall(r'<option[^>]*value="([^"]*)"', chosen[0]) if chosen else []

    def answers(self, **changes: str) -> dict[str, str]:
        """What the form would send, with some answers given now."""
        return {name: self.field(name) for name in NAMES} | changes


class Visitor:
    """One visitor with a bag of their own."""

    def __init__(self, client: FlaskClient, lang: str = "en") -> None:
        self.client = client
        self.lang = lang
        self.token = ""

    def fill_bag(self, lines: dict[int, int]) -> None:
        """Start a new bag with these units by product id."""
        self.token = trade.cart(lines)
        db.session.commit()
        self.client.set_cookie("cart", self.token)

    def open(self) -> Page:
        """The checkout page."""
        return Page(self.client.get(f"/{self.lang}/checkout"))

    def post(self, path: str, answers: dict[str, str], headers: dict[str, str] | None = None) -> Page:
        """Send the form to /checkout or one of its neighbours."""
        cookie = self.client.get_cookie("csrf")
        data: dict[str, Any] = {"csrf_token": cookie.value if cookie else "", **answers}
        target = f"/{self.lang}/checkout/{path}".rstrip("/")
        return Page(self.client.post(target, data=data, headers=headers or {}))

    def filled(self, page: Page, **changes: str) -> dict[str, str]:
        """The page's form, filled in for an address in Phnom Penh."""
        return page.answers(**{**PHNOM_PENH, **changes})

    def follow(self, page: Page) -> Page:
        """Go where an answer leads."""
        return Page(self.client.get(page.location))

    def take_cookies(self, other: "Visitor") -> None:
        """Become the same browser as another visitor."""
        for name in ("cart", "csrf", "form"):
            cookie = other.client.get_cookie(name)
            if cookie:
                self.client.set_cookie(name, cookie.value)

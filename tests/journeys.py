"""A shopper who browses and buys through HTTP as a browser would, without JavaScript."""

import re
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import text

from app.core import db

ADDRESS = {
    "name": "Sokha Chan",
    "phone": "012 345 678",
    "province": "12",
    "district": "1201",
    "commune": "120101",
    "address_line": "No. 12, Street 51, near Wat Langka",
    "shipping_method": "standard",
    "payment_method": "cod",
}

IN_STOCK = (
    "SELECT id, slug FROM products WHERE status = 'active' AND stock - allocated > 5 ORDER BY id LIMIT 1"
)


def encoded(text: str) -> str:
    """The text for a query or a form, lone surrogates and all."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def field(html: str, name: str) -> str:
    """The value of a form's field in a page."""
    tag = re.search(rf'<input[^>]*name="{name}"[^>]*>', html)
    value = re.search(r'value="([^"]*)"', tag[0]) if tag else None
    return value[1] if value else ""


class Shopper:
    """One visitor with one cookie jar."""

    def __init__(self, app: Flask, lang: str = "en") -> None:
        self.app = app
        self.lang = lang
        self.client = app.test_client()

    def url(self, path: str) -> str:
        return f"/{self.lang}{path}"

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(self.url(path))
        assert answer.status_code == status, (path, answer.status_code)
        return answer.text

    def post(self, path: str, form: dict[str, Any]) -> Any:
        cookie = self.client.get_cookie("csrf")
        fields = {"csrf_token": cookie.value if cookie else "", **form}
        body = "&".join(f"{name}={encoded(str(value))}" for name, value in fields.items())
        return self.client.post(self.url(path), data=body, content_type="application/x-www-form-urlencoded")

    def browses(self) -> None:
        """Home, list, a product, a search."""
        self.get("/")
        self.get("/shop")
        self.get(f"/products/{self.product()[1]}")
        self.get("/search?q=niacinamide")

    def product(self) -> tuple[int, str]:
        with self.app.app_context():
            row = db.row(text(IN_STOCK))
        assert row is not None
        return row.id, row.slug

    def buys(self, quantity: int = 1) -> str:
        """Add one product and place a cash-on-delivery order; returns its number."""
        added = self.post("/cart/lines", {"product_id": self.product()[0], "quantity": quantity})
        assert added.status_code == 303, added.status_code
        html = self.get("/checkout")
        answer = self.post("/checkout", self.filled(html))
        if answer.status_code == 409:
            answer = self.post("/checkout", self.filled(answer.text))
        assert answer.status_code == 303, (answer.status_code, answer.text[:2000])
        number = re.search(r"/orders/([^?]+)\?", answer.headers["Location"])
        assert number
        return number[1]

    def filled(self, html: str) -> dict[str, str]:
        """The checkout form filled in, with the hidden fields that the page gave."""
        return ADDRESS | {name: field(html, name) for name in ("idempotency_key", "quoted_total")}

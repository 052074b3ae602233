"""What a product page tells beyond its columns: key ingredients with their share, and JSON-LD for search engines."""

from typing import Any

from flask import url_for

from app.catalog import grades
from app.core.i18n import pick
from app.core.shop import shop
from app.core.templating import base_url


def key_ingredients(product: Any) -> list[tuple[dict[str, Any], str]]:
    """The key ingredients with what is known of them, and their concentration ('' where it is not told)."""
    known = {one["inci"].lower(): one for one in product.inci}
    keys = [one for one in product.ingredients if one.get("key")]
    return [
        (known[one["inci"].lower()], one.get("concentration") or "")
        for one in keys
        if one["inci"].lower() in known
    ]


def json_ld(product: Any, reviews: Any) -> dict[str, Any]:
    """The product as schema.org/Product with its offer and, where there are reviews, its rating."""
    here = base_url() + url_for("catalog.product", slug=product.slug)
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": pick(product, "name"),
        "description": pick(product, "short_description"),
        "sku": product.sku,
        "url": here,
        "brand": {"@type": "Brand", "name": product.brand_name or shop().name},
        "offers": {
            "@type": "Offer",
            "price": f"{product.price:.2f}",
            "priceCurrency": "USD",
            "availability": "https://schema.org/" + ("OutOfStock" if product.available == 0 else "InStock"),
        },
    }
    if product.image_url:
        facts["image"] = base_url() + product.image_url.removesuffix(".webp") + "-960.webp"
    if reviews.count:
        facts["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": float(grades.told(reviews.average)),
            "reviewCount": reviews.count,
        }
    return facts

"""The catalogue's pages: list, category, product, ingredient, brand, search and its suggestions."""

from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user

from app.analytics import events
from app.catalog import (
    facets,
    grades,
    listing,
    navigation,
    products,
    queries,
    search,
    search_suggest,
    telling,
    versions,
)
from app.catalog.match import Match, Skin, match
from app.catalog.products import Product
from app.catalog.vocabulary import GROUPS, SKIN_TYPES, words
from app.core import clean, htmx, page_cache, phrases
from app.core.access import access
from app.core.errors import Gone, NotFound
from app.core.pagination import page_number
from app.recommend import shelves
from app.reviews import forms as review_forms
from app.reviews import queries as reviews
from app.shipping import rates

bp = Blueprint("catalog", __name__)
bp.add_app_template_filter(grades.told, "stars")
NEAR = 4
REGIONS = ("catalog/_facets.html", "catalog/_count.html")


@bp.app_context_processor
def offer_shelves() -> dict[str, object]:
    """`nav_categories()` for header and footer, and the trade's lists for the catalogue's regions."""
    return {
        "nav_categories": navigation.shelves,
        "skin_types": words("SKIN_TYPES"),
        "concerns": words("CONCERNS"),
        "sorts": words("SORTS"),
        "functions": words("FUNCTIONS"),
        "when": words("WHEN"),
        "groups": GROUPS,
        "provinces": rates.provinces,
    }


def listed(page: str, **facts: Any) -> Response:
    """A list as a page, or for htmx its results with facets and count, or the next cards alone."""
    within = {name: facts[name] for name in ("ids", "category", "brand", "ingredient") if name in facts}
    number = page_number(request.args.get("page"))
    found = listing.listing(facets.read(request.args), number, skin=own_skin(), **within)
    context = {"listing": found, "here": _here, **facts}
    page_cache.cacheable()
    if htmx.is_partial() and htmx.wants("cards"):
        return htmx.parts("catalog/_more.html", **context)
    if htmx.is_partial():
        return htmx.push(
            htmx.parts("catalog/_results.html", *REGIONS, **context), _here(**found.filters.query())
        )
    return htmx.page_or(page, page, **context)


def own_skin() -> Skin | None:
    """The skin profile of the signed-in reader; no statement for others."""
    if not current_user.skin_type:
        return None
    lists = (current_user.skin_concerns, current_user.avoid_ingredients)
    return Skin(current_user.skin_type, *map(tuple, lists))


def _here(**query: Any) -> str:
    values = {**(request.view_args or {}), **query}
    if request.args.get("q") is not None:
        values["q"] = request.args["q"]
    return phrases.address(str(request.endpoint), **values)


@bp.get("/shop")
@access("public")
def shop() -> Response:
    return listed("catalog/list.html")


@bp.get("/shop/<slug>")
@access("public")
def category(slug: str) -> Response:
    shelf = next((one for one in navigation.shelves() if one.slug == slug), None)
    if shelf is None:
        raise NotFound
    return listed("catalog/list.html", category=slug, shelf=shelf)


@bp.get("/ingredients/<slug>")
@access("public")
def ingredient(slug: str) -> Response:
    found = queries.ingredient(slug)
    if found is None:
        raise NotFound
    if htmx.is_partial() and htmx.wants("pop"):
        page_cache.cacheable()
        return htmx.parts("catalog/_about.html", substance=found)
    return listed("catalog/ingredient.html", ingredient=slug, substance=found)


@bp.get("/brands/<slug>")
@access("public")
def brand(slug: str) -> Response:
    found = queries.brand(slug)
    if found is None:
        raise NotFound
    return listed("catalog/brand.html", brand=slug, maker=found)


@bp.get("/search", endpoint="search")
@access("public")
def look_for() -> Response:
    query = clean.line(request.args.get("q"), 200)
    hits = search.find(query, limit=600) if query else None
    answer = listed("catalog/search.html", ids=hits.ids if hits else [], query=query, hits=hits)
    if hits and not htmx.is_partial() and "page" not in request.args:
        facts = {"search_query": query, "results_count": hits.total}
        page_cache.cacheable(events.shared("search", **facts))
        events.record("search", **facts)
    return answer


@bp.get("/search/suggest")
@access("public")
def suggest() -> Response:
    query = clean.line(request.args.get("q"), 200)
    found = search_suggest.suggest(query) if query else None
    return htmx.page_or("catalog/suggest.html", "catalog/_suggest.html", query=query, found=found)


@bp.get("/products/<slug>")
@access("public")
def product(slug: str) -> Response:
    known = None if htmx.is_partial() else products.known(slug)
    near = _near(known) if known else None
    seen = versions.seen([known, *near.ids]) if known and near else None
    found = products.product(slug, seen)
    if found is None:
        raise NotFound
    if found.status != "active":
        raise Gone(products=queries.successors(slug), product=found)
    if htmx.is_partial():
        return _part(found)
    page_cache.cacheable(events.shared("product_view", product_id=found.id))
    events.record("product_view", product_id=found.id)
    return htmx.parts("catalog/product.html", **_shown(found, near or _near(found.id), seen))


def _part(found: Product) -> Response:
    page_cache.cacheable()
    if htmx.wants("promise"):
        return htmx.parts("catalog/_delivery.html", p=found, **_delivery())
    return htmx.parts("reviews/_list.html", p=found, reviews=_reviews(found))


def _delivery() -> dict[str, Any]:
    """The usual way to the reader's province and when it arrives."""
    province = request.args.get("province", "")
    usual = rates.usual(province)
    chosen = province if usual else rates.CAPITAL
    usual = usual or rates.usual(chosen)
    facts = {"province": chosen, "rate": usual, "promise": rates.promise(usual) if usual else None}
    return facts | {"choosing": "province" in request.args}


def _reviews(found: Product) -> reviews.Reviews:
    """The reviews that the query asks for."""
    reader = reviews.Reader(current_user.id, current_user.skin_type or "")
    return reviews.page(found.id, review_forms.asked(request.args), reader, found.version)


def _near(product_id: int) -> shelves.Shelf:
    """What goes with a product, two more than its page shows."""
    return shelves.similar(product_id, NEAR + 2)


def _shown(found: Product, shelf: shelves.Shelf, seen: versions.Seen | None) -> dict[str, Any]:
    """What the product's page shows beside the product itself."""
    cards = queries.cards(shelf.ids, seen=seen)
    why = shelf.reasons()
    near = tuple((card, why[card.id]) for card in cards if card.available != 0)[:NEAR]
    return {
        "p": found,
        "reviews": _reviews(found),
        "near": near,
        "fit": _fit(found),
        "telling": telling,
        **_delivery(),
    }


def _fit(found: Product) -> Match | None:
    """How the product fits the skin that the reader asks about, else their own."""
    asked = request.args.get("skin", "")
    skin = Skin(asked) if asked in SKIN_TYPES else own_skin()
    return match(skin, found.suits_list, found.skin_concerns, found.inci) if skin else None

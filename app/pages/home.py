"""What the home page shows: this week's favourites, four steps of a routine, the words of buyers."""

from dataclasses import dataclass
from typing import Any

from app.catalog import facets, listing, queries
from app.catalog.queries import Card
from app.catalog.steps import STEPS
from app.core.i18n import lang, locale_to_db
from app.recommend import shelves
from app.reviews import queries as reviews

FAVOURITES = 4
SPARE = 4
TREATMENTS = "treatment"


@dataclass(frozen=True)
class Step:
    """A step of the routine with what sells most for it."""

    card: Card
    name: Any
    amount: Any


@dataclass(frozen=True)
class Home:
    """`quotes` are rows of comment, customer_name and skin_type."""

    favourites: list[Card]
    steps: list[Step]
    quotes: list[Any]


def home() -> Home:
    """Three statements at most, one read of MongoDB; nothing sold out, and no step repeats a favourite."""
    index = facets.index()
    on_sale = index.of("in_stock", "1")
    trending = shelves.trending().ids[: FAVOURITES + SPARE]
    fresh = on_sale & ~index.among(trending[:FAVOURITES]) & ~index.of("category", TREATMENTS)
    first = {
        slug: index.page(index.of("category", slug) & fresh, "sold", 0, 1) for slug, _name, _how in STEPS
    }
    wanted = dict.fromkeys([*trending, *(one for ids in first.values() for one in ids)])
    cards = {card.id: card for card in queries.cards(wanted, listing.bestsellers(index))}
    favourites = [cards[one] for one in trending if one in cards and cards[one].available != 0]
    steps = [
        Step(cards[ids[0]], name, how)
        for slug, name, how in STEPS
        if (ids := first[slug]) and ids[0] in cards
    ]
    return Home(favourites[:FAVOURITES], steps, reviews.quotes(locale_to_db(lang())))

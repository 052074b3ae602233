"""The four steps of a routine, and the one that a bag leaves out."""

from collections.abc import Iterable
from typing import Any, cast

from flask import current_app
from flask_babel import lazy_gettext as _l

from app.catalog import facets, queries
from app.catalog.facet_index import FacetIndex
from app.catalog.queries import Card
from app.core.i18n import lang

STEPS = (
    ("cleanser", _l("Cleanse"), _l("Morning and night")),
    ("toner", _l("Prep"), _l("On damp skin")),
    ("serum", _l("Treat"), _l("Two to three drops")),
    ("sunscreen", _l("Protect"), _l("Two finger lengths")),
)


def missing(product_ids: Iterable[int]) -> Card | None:
    """What sells most of the first step that these products leave out; None when they are no part of a routine.

    No statement but one after the catalogue changed.
    """
    found = facets.index()
    bag = found.among(list(product_ids))
    wanted = [found.of("category", slug) for slug, _name, _how in STEPS]
    if not any(bag & step for step in wanted):
        return None
    picks = _picks(found)
    open_steps = [slug for (slug, _n, _h), step in zip(STEPS, wanted, strict=True) if not bag & step]
    return next((picks[slug] for slug in open_steps if slug in picks), None)


def _picks(found: FacetIndex) -> dict[str, Card]:
    """Slug of a step -> its best seller in stock, told in the reader's language."""
    kept = cast(tuple[FacetIndex, dict[str, Any]] | None, current_app.extensions.get("shop.steps"))
    if kept is None or kept[0] is not found:
        kept = current_app.extensions["shop.steps"] = (found, {})
    told = kept[1]
    if lang() not in told:
        on_sale = found.of("in_stock", "1")
        first = {
            slug: found.page(found.of("category", slug) & on_sale, "sold", 0, 1) for slug, _n, _h in STEPS
        }
        cards = {card.id: card for card in queries.cards(one for ids in first.values() for one in ids)}
        told[lang()] = {slug: cards[ids[0]] for slug, ids in first.items() if ids and ids[0] in cards}
    return cast(dict[str, Card], told[lang()])

"""Lists sorted by how well products fit one skin: the index's sets, cut by the same rule as a product's match."""

from collections.abc import Iterable
from itertools import product

from app.catalog.facet_index import CLOGS, FacetIndex
from app.catalog.facets import MOST_ANSWERS
from app.catalog.match import LEVELS, OILY, SCENTED, Skin, grade
from app.catalog.vocabulary import FREE_FROM, SKIN_TYPES

AVOIDED = "avoided"


def tiers(found: FacetIndex, skin: Skin) -> dict[str, int]:
    """The set of products of each level, and (AVOIDED) of what is poor because it is avoided; they are everything.

    One statement for ingredients never met.
    """
    kept = found.answers.get(skin)
    if kept is not None:
        return dict(kept)
    every = found.everything
    everyone = every
    for one in SKIN_TYPES:
        everyone &= found.of("skin_type", one)
    named = found.of("skin_type", skin.type) & ~everyone
    some, several = _helped(found, skin)
    warned, avoided = _warned(found, skin), _avoided(found, skin)
    facts = (
        ((True, False, named), (False, True, everyone), (False, False, every & ~named & ~everyone)),
        ((0, every & ~some), (1, some & ~several), (2, several)),
        ((False, every & ~warned), (True, warned)),
    )
    sets = dict.fromkeys(LEVELS, 0)
    for (is_named, is_everyone, by_skin), (helped, by_help), (is_warned, by_warning) in product(*facts):
        sets[grade(is_named, is_everyone, helped, is_warned)] |= by_skin & by_help & by_warning
    sets = {level: members & ~avoided for level, members in sets.items()} | {AVOIDED: avoided}
    if len(found.answers) >= MOST_ANSWERS:
        found.answers.clear()
    found.answers[skin] = sets
    return sets


def page(
    found: FacetIndex, passing: int, skin: Skin, first: int, size: int
) -> tuple[list[int], dict[int, str]]:
    """Ids number `first`.. of the set, best match first and then by sales, and each one's level."""
    levels: dict[int, str] = {}
    for level, members in tiers(found, skin).items():
        here = members & passing
        count = here.bit_count()
        if first < count and len(levels) < size:
            for one in found.page(here, "sold", first, size - len(levels)):
                levels[one] = "poor" if level == AVOIDED else level
        first = max(0, first - count)
    return list(levels), levels


def levels(found: FacetIndex, ids: Iterable[int], skin: Skin) -> dict[int, str]:
    """The level of each of these products."""
    sets = tiers(found, skin).items()
    found_in = {one: level for one in ids for level, members in sets if members >> found.position[one] & 1}
    return {one: "poor" if level == AVOIDED else level for one, level in found_in.items()}


def _helped(found: FacetIndex, skin: Skin) -> tuple[int, int]:
    """The products that help with one concern at least, and with two at least."""
    some = several = 0
    for concern in skin.minds:
        these = found.of("concern", concern)
        several |= some & these
        some |= these
    return some, several


def _warned(found: FacetIndex, skin: Skin) -> int:
    kinds = SCENTED if skin.type == "sensitive" else {CLOGS} if skin.type in OILY else set()
    warned = 0
    for kind in kinds:
        warned |= found.of("flag", kind)
    return warned


def _avoided(found: FacetIndex, skin: Skin) -> int:
    single = [one for one in skin.avoid if one not in FREE_FROM]
    found.learn(single)
    avoided = 0
    for one in skin.avoid:
        avoided |= found.of("flag", one) if one in FREE_FROM else found.of("ingredient", one)
    return avoided

"""What kinds an ingredient belongs to (fragrance, alcohol, silicone ...), by its flags and by its INCI name.

Imported ingredients carry no flags, and a product must never be called fragrance free because of that.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

NAMES = {
    "fragrance": r"(^|-)(parfum|fragrance|perfume|aroma|flavou?r)(-|$)|^(d-)?(limonene|linalool|citronellol|geraniol"
    r"|citral|eugenol|isoeugenol|coumarin|farnesol|hexyl-cinnamal|benzyl-salicylate|hydroxycitronellal"
    r"|alpha-isomethyl-ionone)$",
    "alcohol": r"^(sd-)?alcohol(-denat|-\d.*)?$|^ethanol$",
    "essential_oil": r"-(peel|rind)-oil(-|$)|^(lavandula|pelargonium|mentha|rosmarinus|eucalyptus|citrus|cananga"
    r"|melaleuca|pogostemon|cymbopogon|eugenia|santalum|cedrus|salvia|anthemis|cupressus|juniperus|boswellia"
    r"|rosa-damascena)-.*oil",
    "paraben": r"paraben",
    "silicone": r"dimethicone|methicone|siloxane|silsesquioxane|dimethiconol",
    "sulfate": r"(lauryl|laureth|myreth|coco|cetearyl)-sulfate",
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in NAMES.items()}


def kinds(slug: str, flags: Iterable[str] = ()) -> frozenset[str]:
    """The kinds of an ingredient by its slug, with those that its flags name."""
    return _named(slug) | frozenset(flags)


@lru_cache(maxsize=20_000)
def _named(slug: str) -> frozenset[str]:
    return frozenset(kind for kind, pattern in _PATTERNS.items() if pattern.search(slug))

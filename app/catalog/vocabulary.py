"""The closed lists of the trade: skin types, concerns and their groups, sorts, times of use, free-from kinds."""

from functools import cache

from flask_babel import lazy_gettext as _l

from app.core.i18n import lang

SKIN_TYPES = {
    "oily": _l("Oily"),
    "dry": _l("Dry"),
    "combination": _l("Combination"),
    "sensitive": _l("Sensitive"),
    "normal": _l("Normal"),
    "acne": _l("Acne prone"),
}
CONCERNS = {
    "acne": _l("Breakouts"),
    "acne_marks": _l("Marks after breakouts"),
    "blackheads": _l("Blackheads"),
    "pores": _l("Large pores"),
    "shine": _l("Shine"),
    "dryness": _l("Dryness"),
    "hydration": _l("Dehydrated"),
    "redness": _l("Redness"),
    "sensitivity": _l("Sensitivity"),
    "dark_spots": _l("Dark marks"),
    "dullness": _l("Dullness"),
    "texture": _l("Rough texture"),
    "aging": _l("Fine lines"),
    "dark_circles": _l("Tired eyes"),
    "sun": _l("Sun"),
    "makeup": _l("Makeup removal"),
}
GOALS = {
    "clear": _l("Clearer skin"),
    "even": _l("A more even tone"),
    "hydrated": _l("Skin that holds water"),
    "calm": _l("Calmer skin"),
    "smooth": _l("Smoother skin"),
    "firm": _l("Firmer skin"),
    "protected": _l("Better sun protection"),
    "simple": _l("A simpler routine"),
}
GROUPS = {
    "breakouts": (_l("Breakouts"), _l("Clear, without stripping"), ("acne", "blackheads")),
    "dark-marks": (_l("Dark marks"), _l("Fade after acne"), ("dark_spots", "acne_marks")),
    "dehydrated": (_l("Dehydrated"), _l("Water, held in place"), ("hydration", "dryness")),
    "redness": (_l("Redness"), _l("Calm and protect"), ("redness", "sensitivity")),
    "shine": (_l("Shine"), _l("Balance oil in the heat"), ("shine", "pores")),
    "sun": (_l("Sun"), _l("Every single morning"), ("sun",)),
}
SORTS = {
    "match": _l("Best match"),
    "sold": _l("Bestsellers"),
    "new": _l("Newest"),
    "rating": _l("Top rated"),
    "price": _l("Price, low to high"),
    "-price": _l("Price, high to low"),
    "unit_price": _l("Price per ml or g"),
}
WHEN = {"am": _l("Morning"), "pm": _l("Night"), "weekly": _l("Once or twice a week")}
FREE_FROM = {
    "fragrance": _l("Fragrance"),
    "alcohol": _l("Alcohol"),
    "essential_oil": _l("Essential oils"),
    "paraben": _l("Parabens"),
    "silicone": _l("Silicones"),
    "sulfate": _l("Sulfates"),
}
RATINGS = (4, 3)
FUNCTIONS = {
    "absorbent": _l("Absorbs oil"),
    "antioxidant": _l("Antioxidant"),
    "barrier": _l("Supports the barrier"),
    "blemish_care": _l("Care for spots"),
    "brightening": _l("Evens tone"),
    "chelating": _l("Keeps the formula stable"),
    "colorant": _l("Gives colour"),
    "dispersant": _l("Spreads evenly"),
    "emollient": _l("Softens"),
    "emulsifier": _l("Holds oil and water together"),
    "exfoliant": _l("Smooths"),
    "film_former": _l("Forms a light film"),
    "fragrance": _l("Scents"),
    "humectant": _l("Holds water"),
    "peptide": _l("Peptide"),
    "ph_adjuster": _l("Keeps the pH"),
    "preservative": _l("Keeps it fresh"),
    "sebum_control": _l("Balances oil"),
    "skin_conditioning": _l("Conditions skin"),
    "solvent": _l("Carries the rest"),
    "soothing": _l("Soothes"),
    "stabilizer": _l("Keeps the formula stable"),
    "surfactant": _l("Cleans"),
    "thickener": _l("Gives body"),
    "uv_filter": _l("Filters UV light"),
}


def words(table: str) -> dict[str, str]:
    """One of the lists above by its name (`SKIN_TYPES`), in the reader's language."""
    return _words(table, lang())


@cache
def _words(table: str, _language: str) -> dict[str, str]:
    return {code: str(label) for code, label in globals()[table].items()}

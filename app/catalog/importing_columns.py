"""Which column of an export holds what: guessed from the header's names, overruled by a map."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NAMES: dict[str, str] = {
    "sku": "sku variant_sku product_sku item_sku product_id productid product_code item_no item_number code id",
    "name_en": "name_en name product_name product_title title item_name product",
    "name_kh": "name_kh name_km khmer_name name_khmer product_name_kh title_kh",
    "brand": "brand brand_name vendor manufacturer maker supplier",
    "category": "category primary_category product_category main_category categories product_type type department",
    "category_2": "category_2 secondary_category subcategory sub_category category2",
    "category_3": "category_3 tertiary_category sub_subcategory category3",
    "price": "price price_usd usd_price regular_price variant_price unit_price retail_price selling_price amount",
    "sale_price": "sale_price sale_price_usd special_price discount_price offer_price",
    "compare_at_price": "compare_at_price variant_compare_at_price list_price msrp rrp old_price was_price full_price",
    "cost_price": "cost_price cost cost_per_item purchase_price",
    "size": "size volume net_content contents pack_size",
    "stock": "stock stock_quantity quantity qty inventory inventory_quantity variant_inventory_qty on_hand units",
    "out_of_stock": "out_of_stock sold_out unavailable is_out_of_stock",
    "in_stock": "in_stock available availability is_in_stock",
    "key_ingredients": "key_ingredients hero_ingredients highlights",
    "ingredients": "ingredients inci ingredient_list inci_list full_ingredients composition",
    "skin_types": "skin_types skin_type suitable_for suits",
    "concerns": "concerns skin_concerns concern skin_concern",
    "description_en": "description_en description body body_html long_description details",
    "description_kh": "description_kh description_km khmer_description",
    "short_description_en": "short_description_en short_description summary tagline subtitle benefit benefit_en",
    "short_description_kh": "short_description_kh short_description_km benefit_kh",
    "how_to_use_en": "how_to_use_en how_to_use usage usage_instructions directions",
    "how_to_use_kh": "how_to_use_kh how_to_use_km usage_kh",
    "warnings_en": "warnings_en warnings cautions",
    "rating": "rating rating_avg average_rating avg_rating stars",
    "reviews": "reviews rating_count review_count reviews_count num_reviews number_of_reviews",
    "barcode": "barcode ean upc gtin variant_barcode",
    "weight": "weight weight_g grams variant_grams",
    "status": "status state published",
    "country_of_origin": "country_of_origin country origin made_in",
    "moh_notification_no": "moh_notification_no notification_no moh_no",
}
FIELDS = {field: tuple(names.split()) for field, names in NAMES.items()}
NEEDED = ("sku", "name_en", "price")
LEVELS = ("category", "category_2", "category_3")
_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")


class BadMap(ValueError):
    """A header or map that cannot be used; the text says why."""


@dataclass(frozen=True)
class Columns:
    """`used` maps our fields to the header's columns; `ignored` are the columns that nothing takes."""

    used: dict[str, str]
    ignored: tuple[str, ...]


def choose(header: Sequence[str], overrides: Mapping[str, Any] | None = None) -> Columns:
    """The columns to read, by name; `overrides` maps fields to columns (None: leave out). Raises BadMap."""
    used = _guess(header) | _checked(header, overrides or {})
    used = {field: column for field, column in used.items() if column}
    for field in NEEDED:
        if field not in used:
            raise BadMap(
                f'no column looks like {field}; name it with --map, for example {{"{field}": "COLUMN"}}'
            )
    taken = set(used.values())
    return Columns(used, tuple(column for column in header if column not in taken))


def _guess(header: Sequence[str]) -> dict[str, str]:
    plain = {_NOT_A_LETTER.sub("_", column.lower()).strip("_"): column for column in reversed(header)}
    guessed: dict[str, str] = {}
    for field, names in FIELDS.items():
        found = next(
            (plain[name] for name in names if name in plain and plain[name] not in guessed.values()), None
        )
        if found:
            guessed[field] = found
    return guessed


def _checked(header: Sequence[str], overrides: Mapping[str, Any]) -> dict[str, str]:
    for field, column in overrides.items():
        if field not in FIELDS:
            raise BadMap(f"the map names the field {field!r}; known are: {', '.join(FIELDS)}")
        if column is not None and column not in header:
            raise BadMap(f"the map says {field} is in column {column!r}, which the file does not have")
    return dict(overrides)

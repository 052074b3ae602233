"""What the catalogue's pages read: cards by ids, a product with all that its page shows, ingredients, brands."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, text

from app.catalog import grades, versions
from app.core import db, memory, phrases
from app.core.i18n import lang
from app.core.money import khr, usd
from app.core.prepared import prepared
from app.core.shop import shop

MOST_CARDS = 2_048
CARDS = prepared(
    """
    SELECT p.id, p.slug, p.name_en, p.name_kh, p.short_description_en, p.short_description_kh, p.price,
    p.compare_at_price, p.rating_avg, p.rating_count, p.image_url, p.tint, p.category,
    CASE WHEN p.track_inventory AND NOT p.allow_backorders THEN greatest(p.stock - p.allocated, 0) END AS available,
    coalesce(p.published_at, p.created_at) > now() - make_interval(days => :new_days) AS is_new,
    p.xmin::text || p.ctid::text AS version
    FROM products p WHERE p.id = ANY(:ids) AND p.status = 'active'
    """
)
PRODUCT = prepared(
    """
    SELECT p.id, p.xmin::text || p.ctid::text AS version, p.slug, p.sku, p.status, p.name_en, p.name_kh,
        p.short_description_en, p.short_description_kh,
        p.description_en, p.description_kh, p.meta_description_en, p.meta_description_kh, p.price, p.compare_at_price,
        p.unit_price, p.size_amount, p.size_unit, p.category, p.tint, p.image_url, p.rating_avg, p.rating_count,
        p.low_stock_threshold, p.skin_concerns, p.ingredients, p.when_to_use, p.how_to_use_en, p.how_to_use_kh,
        p.usage_instructions_en, p.usage_instructions_kh, p.warnings_en, p.warnings_kh, p.moh_notification_no,
        p.expiry_date, p.country_of_origin, p.importer,
        p.suits::text[] AS suits_list, b.name AS brand_name, b.slug AS brand_slug,
        c.name_en AS category_en, c.name_kh AS category_kh,
        CASE WHEN p.track_inventory AND NOT p.allow_backorders
             THEN greatest(p.stock - p.allocated, 0) END AS available,
        (SELECT coalesce(json_agg(json_build_object('image_url', i.image_url, 'alt_en', i.alt_text_en,
            'alt_kh', i.alt_text_kh) ORDER BY i.sort_order, i.id), '[]')
         FROM product_images i WHERE i.product_id = p.id) AS images,
        (SELECT coalesce(json_agg(json_build_object('inci', n.inci_name, 'slug', n.slug, 'label_en', n.label_en,
            'label_kh', n.label_kh, 'description_en', n.description_en, 'description_kh', n.description_kh,
            'functions', n.functions, 'flags', n.flags, 'comedogenic', n.comedogenic,
            'caution', n.caution_en IS NOT NULL) ORDER BY x.position), '[]')
         FROM product_ingredients x JOIN ingredients n ON n.id = x.ingredient_id
         WHERE x.product_id = p.id) AS inci,
        (SELECT coalesce(json_agg(json_build_object('slug', s.slug, 'size_amount', s.size_amount,
            'size_unit', s.size_unit, 'price', s.price::text) ORDER BY s.size_amount), '[]')
         FROM products s WHERE s.family_id = p.family_id AND s.status = 'active') AS sizes
    FROM products p LEFT JOIN brands b ON b.id = p.brand_id LEFT JOIN categories c ON c.slug = p.category
    WHERE p.slug = :slug AND p.status <> 'draft'
    """
)
SUCCESSORS = text(
    """
    SELECT p.id FROM products p, (SELECT * FROM products WHERE slug = :slug) AS gone
    WHERE p.status = 'active' AND (p.id = gone.successor_id OR p.category = gone.category)
    ORDER BY p.id = gone.successor_id DESC NULLS LAST, p.skin_type = gone.skin_type DESC, p.sold_count DESC, p.id
    LIMIT 4
    """
)
INGREDIENT = text("SELECT * FROM ingredients WHERE slug = :slug")
BRAND = text("SELECT * FROM brands WHERE slug = :slug")
SITEMAP = text(
    """
    SELECT 'catalog.product' AS endpoint, slug FROM products WHERE status = 'active'
    UNION ALL SELECT 'catalog.category', slug FROM categories WHERE is_active
    UNION ALL SELECT 'catalog.brand', slug FROM brands
    UNION ALL SELECT 'catalog.ingredient', slug FROM ingredients ORDER BY 1, 2 LIMIT 24000
    """
)


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """A product in a grid, told in the reader's language: grids draw many, so templates find every text ready.

    `name_lang` and `line_lang` are 'en' where Khmer is missing, `was` and `off` (per cent) are None without a
    former price, `available` is None where stock is not counted, `stem` is the picture's address without `.webp`,
    `mark` tells of which version of the product and of which rate the card is. A card equals itself alone.
    """

    id: int
    mark: tuple[str, bool, Decimal]
    url: str
    name: str
    name_lang: str | None
    line: str
    line_lang: str | None
    price: str
    riel: str
    was: str | None
    off: int | None
    rating: str
    rating_count: str
    image_url: str | None
    stem: str | None
    tint: str | None
    category: str
    available: int | None
    tag: str | None


@dataclass(frozen=True)
class Entry:
    """One address of the sitemap."""

    endpoint: str
    values: dict[str, str]


def cards(ids: Iterable[int], best: Iterable[int] = (), seen: versions.Seen | None = None) -> list[Card]:
    """The products of `ids` that are on sale, in that order; `best` are the bestsellers.

    One statement, two where a card changed since this process drew it; one less with what was `seen` of them.
    """
    wanted, top = list(ids), set(best)
    if not wanted:
        return []
    khmer, rate = lang() == "km", shop().rate
    kept = memory.of("shop.cards", MOST_CARDS)
    told = {one: kept.find((one, khmer, one in top)) for one in wanted}
    if all(told.values()):
        seen = versions.seen(wanted) if seen is None else seen
        told = {one: card for one, card in told.items() if card.mark == (*seen.get(one, ()), rate)}
    else:
        told = {}
    if missing := [one for one in wanted if one not in told]:
        for row in db.rows(CARDS, {"ids": missing, "new_days": versions.NEW_DAYS}):
            told[row.id] = _card(row, khmer, rate, row.id in top)
            kept.keep((row.id, khmer, row.id in top), told[row.id])
    return [told[one] for one in wanted if one in told]


def _card(row: Row[Any], khmer: bool, rate: Decimal, best: bool) -> Card:
    name = row.name_kh if khmer else None
    line = row.short_description_kh if khmer else None
    reduced = row.compare_at_price is not None and row.compare_at_price > row.price
    return Card(
        id=row.id,
        mark=(row.version, row.is_new, rate),
        url=phrases.address("catalog.product", slug=row.slug),
        name=name or row.name_en,
        name_lang="en" if khmer and not name else None,
        line=line or row.short_description_en or "",
        line_lang="en" if khmer and not line else None,
        price=usd(row.price),
        riel=khr(row.price, rate),
        was=usd(row.compare_at_price) if reduced else None,
        off=round((1 - row.price / row.compare_at_price) * 100) if reduced else None,
        rating=grades.told(row.rating_avg),
        rating_count=f"{row.rating_count:,}" if row.rating_count else "",
        image_url=row.image_url,
        stem=row.image_url and row.image_url.removesuffix(".webp"),
        tint=row.tint,
        category=row.category,
        available=row.available,
        tag="off" if reduced else "best" if best else "new" if row.is_new else None,
    )


def product(slug: str) -> Row[Any] | None:
    """A product (active or archived) with brand, category, pictures, ingredients and sizes; one statement."""
    return db.row(PRODUCT, {"slug": slug})


def successors(slug: str) -> list[Card]:
    """What stands nearest to an archived product; two statements."""
    return cards(row.id for row in db.rows(SUCCESSORS, {"slug": slug}))


def ingredient(slug: str) -> Row[Any] | None:
    """An ingredient by its slug."""
    return db.row(INGREDIENT, {"slug": slug})


def brand(slug: str) -> Row[Any] | None:
    """A brand by its slug."""
    return db.row(BRAND, {"slug": slug})


def sitemap() -> list[Entry]:
    """Every public address of the catalogue, 24,000 at most."""
    entries = [Entry("pages.home", {}), Entry("catalog.shop", {})]
    return entries + [Entry(row.endpoint, {"slug": row.slug}) for row in db.rows(SITEMAP)]

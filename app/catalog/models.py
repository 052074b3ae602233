"""The catalogue: categories, brands, products, pictures, ingredients, and what search reads of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Computed, ForeignKey, Index, Numeric, SmallInteger, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import (
    SKIN_TYPE,
    Average,
    Count,
    Money,
    Off,
    On,
    Version,
    Words,
    check,
    refers,
    seed_check,
)
from app.core.db import Base, Created, Keyed, Updated, enum

PRODUCT_STATUS = enum("product_status", "draft", "active", "archived")
UNTRACKED = "allow_backorders OR NOT track_inventory"


def active_index(name: str, *columns: str) -> Index:
    """An index of the products on sale that a keyset page walks, forwards or backwards; `id` breaks ties."""
    return Index(f"ix_products_active_{name}", *columns, "id", postgresql_where="status = 'active'")


class Category(Keyed, Updated, Base):
    """A shelf of the shop; shelves form a tree."""

    __tablename__ = "categories"

    name_en: Mapped[str] = mapped_column(String(100))
    name_kh: Mapped[str | None] = mapped_column(String(100))
    slug: Mapped[str] = mapped_column(String(100), unique=True)
    description_en: Mapped[str | None]
    description_kh: Mapped[str | None]
    parent_id: Mapped[int | None] = refers("categories.id", ondelete="SET NULL")
    image_url: Mapped[str | None] = mapped_column(String(500))
    is_active: Mapped[On]
    sort_order: Mapped[Count]


class Brand(Keyed, Updated, Base):
    """A maker of products."""

    __tablename__ = "brands"

    name: Mapped[str] = mapped_column(String(150))
    slug: Mapped[str] = mapped_column(String(150), unique=True)
    description_en: Mapped[str | None]
    description_kh: Mapped[str | None]
    logo: Mapped[str | None] = mapped_column(String(500))


class Product(Keyed, Updated, Base):
    """One thing for sale, in one size; siblings in other sizes share `family_id`, a plain number.

    `ingredients` is the ordered list [{"inci": str, "concentration"?: str, "key"?: true}] and the truth;
    rows of product_ingredients follow it. Money in dollars, weight in grams, unit price a ml, g or piece.
    """

    __tablename__ = "products"
    __table_args__ = (
        seed_check("positive_price", "price > 0"),
        seed_check("valid_compare_price", "compare_at_price IS NULL OR compare_at_price >= price"),
        check("stock_not_negative", f"stock >= 0 OR {UNTRACKED}"),
        check("allocated_not_negative", "allocated >= 0"),
        check("allocated_within_stock", f"allocated <= stock OR {UNTRACKED}"),
        check("size_positive", "size_amount > 0"),
        check("when_to_use", "when_to_use <@ ARRAY['am', 'pm', 'weekly']"),
        check("successor_is_another", "successor_id <> id"),
        Index("idx_products_status", "status", postgresql_where="status = 'active'"),
        Index("idx_products_category", "category"),
        Index("idx_products_skin_type", "skin_type"),
        Index("idx_products_featured", "is_featured", postgresql_where="is_featured"),
        Index("idx_products_created_at", "created_at"),
        Index("idx_products_skin_concerns", "skin_concerns", postgresql_using="gin"),
        Index("ix_products_suits", "suits", postgresql_using="gin"),
        Index("ix_products_family_id", "family_id", postgresql_where="family_id IS NOT NULL"),
        active_index("sold", "sold_count"),
        active_index("rating", "rating_avg"),
        active_index("price", "price"),
        active_index("created", "created_at"),
        active_index("unit_price", "unit_price"),
        active_index("category_sold", "category", "sold_count"),
    )

    name_en: Mapped[str] = mapped_column(String(255))
    name_kh: Mapped[str | None] = mapped_column(String(255))
    slug: Mapped[str] = mapped_column(String(255), unique=True)
    sku: Mapped[str] = mapped_column(String(100), unique=True)
    barcode: Mapped[str | None] = mapped_column(String(100))
    brand_id: Mapped[int | None] = refers("brands.id", ondelete="SET NULL")
    category: Mapped[str] = mapped_column(String(100), ForeignKey("categories.slug", onupdate="CASCADE"))
    family_id: Mapped[int | None]
    successor_id: Mapped[int | None] = refers("products.id", ondelete="SET NULL")
    status: Mapped[str] = mapped_column(PRODUCT_STATUS, server_default="active")
    is_featured: Mapped[Off]
    published_at: Mapped[datetime | None]
    version: Mapped[Version]

    price: Mapped[Money]
    compare_at_price: Mapped[Money | None]
    cost_price: Mapped[Money | None]
    size_amount: Mapped[Decimal | None] = mapped_column(Numeric(10, 2))
    size_unit: Mapped[str | None] = mapped_column(String(10))
    unit_price: Mapped[Decimal | None] = mapped_column(
        Numeric(12, 4), Computed("round(price / nullif(size_amount, 0), 4)", persisted=True)
    )

    stock: Mapped[Count]
    allocated: Mapped[Count]
    track_inventory: Mapped[On]
    allow_backorders: Mapped[Off]
    low_stock_threshold: Mapped[int] = mapped_column(server_default="5")

    skin_type: Mapped[str] = mapped_column(SKIN_TYPE, server_default="all")
    suits: Mapped[list[str]] = mapped_column(ARRAY(SKIN_TYPE), server_default="{all}")
    skin_concerns: Mapped[Words]
    ingredients: Mapped[list[dict[str, Any]]] = mapped_column(server_default="[]")
    when_to_use: Mapped[Words]
    texture: Mapped[str | None] = mapped_column(String(50))
    tint: Mapped[str | None] = mapped_column(String(50))

    short_description_en: Mapped[str | None]
    short_description_kh: Mapped[str | None]
    description_en: Mapped[str | None]
    description_kh: Mapped[str | None]
    usage_instructions_en: Mapped[str | None]
    usage_instructions_kh: Mapped[str | None]
    how_to_use_en: Mapped[str | None]
    how_to_use_kh: Mapped[str | None]
    warnings_en: Mapped[str | None]
    warnings_kh: Mapped[str | None]
    meta_title_en: Mapped[str | None] = mapped_column(String(255))
    meta_title_kh: Mapped[str | None] = mapped_column(String(255))
    meta_description_en: Mapped[str | None]
    meta_description_kh: Mapped[str | None]
    image_url: Mapped[str | None] = mapped_column(String(500))

    weight: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    dimensions: Mapped[dict[str, Any] | None]
    moh_notification_no: Mapped[str | None] = mapped_column(String(100))
    expiry_date: Mapped[date | None]
    country_of_origin: Mapped[str | None] = mapped_column(String(100))
    importer: Mapped[str | None] = mapped_column(String(255))

    rating_avg: Mapped[Average]
    rating_count: Mapped[Count]
    sold_count: Mapped[Count]

    brand: Mapped[Brand | None] = relationship()


class ProductCategory(Base):
    """A product on a shelf; its primary category is here too."""

    __tablename__ = "product_categories"

    product_id: Mapped[int] = refers("products.id", ondelete="CASCADE", index=False, primary_key=True)
    category_id: Mapped[int] = refers("categories.id", ondelete="CASCADE", primary_key=True)


class ProductImage(Keyed, Created, Base):
    """A picture of a product, as /uploads/products/<random>.webp."""

    __tablename__ = "product_images"
    __table_args__ = (Index("ix_product_images_product_id", "product_id", "sort_order"),)

    product_id: Mapped[int] = refers("products.id", ondelete="CASCADE", index=False)
    image_url: Mapped[str] = mapped_column(String(500))
    alt_text_en: Mapped[str | None] = mapped_column(String(255))
    alt_text_kh: Mapped[str | None] = mapped_column(String(255))
    sort_order: Mapped[Count]
    is_primary: Mapped[Off]


class Ingredient(Keyed, Updated, Base):
    """A substance by its INCI name: what it does, and what to mind, with the source of the caution."""

    __tablename__ = "ingredients"
    __table_args__ = (check("comedogenic", "comedogenic BETWEEN 0 AND 5"),)

    inci_name: Mapped[str]
    slug: Mapped[str] = mapped_column(String(255), unique=True)
    label_en: Mapped[str | None] = mapped_column(String(255))
    label_kh: Mapped[str | None] = mapped_column(String(255))
    description_en: Mapped[str | None]
    description_kh: Mapped[str | None]
    caution_en: Mapped[str | None]
    caution_kh: Mapped[str | None]
    caution_source: Mapped[str | None]
    functions: Mapped[Words]
    flags: Mapped[Words]
    comedogenic: Mapped[int | None] = mapped_column(SmallInteger)


class ProductIngredient(Base):
    """An ingredient of a product, by its place in the list (from 1)."""

    __tablename__ = "product_ingredients"

    product_id: Mapped[int] = refers("products.id", ondelete="CASCADE", index=False, primary_key=True)
    ingredient_id: Mapped[int] = refers("ingredients.id", ondelete="CASCADE", primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger)


class SearchAlias(Keyed, Base):
    """Another way to say a concept: a synonym, a misspelling, romanised Khmer."""

    __tablename__ = "search_alias"
    __table_args__ = (UniqueConstraint("concept", "lang", "text"),)

    concept: Mapped[str] = mapped_column(String(100))
    lang: Mapped[str] = mapped_column(String(10))
    text: Mapped[str]


class ProductSearch(Base):
    """What search knows of a product: tokens by weight (names, tags, INCI, description) and folded names.

    `tokens` is all four together, kept by PostgreSQL. `popular` marks what sells most, and what was written since
    that was counted: candidates come from there first, so that a common word costs as much in a large shop as in a
    small one.
    """

    __tablename__ = "product_search"
    __table_args__ = (
        Index(
            "ix_product_search_tokens_popular", "tokens", postgresql_using="gin", postgresql_where="popular"
        ),
        Index(
            "ix_product_search_tokens_other", "tokens", postgresql_using="gin", postgresql_where="NOT popular"
        ),
        Index("ix_product_search_latin_words", "latin_words", postgresql_using="gin"),
    )

    product_id: Mapped[int] = refers("products.id", ondelete="CASCADE", index=False, primary_key=True)
    tokens_a: Mapped[Words]
    tokens_b: Mapped[Words]
    tokens_c: Mapped[Words]
    tokens_d: Mapped[Words]
    tokens: Mapped[list[str]] = mapped_column(
        Computed("tokens_a || tokens_b || tokens_c || tokens_d", persisted=True)
    )
    latin_words: Mapped[Words]
    folded: Mapped[str] = mapped_column(server_default="")
    popular: Mapped[On]


class SearchToken(Base):
    """In how many products a token stands, so that rare words weigh more."""

    __tablename__ = "search_token"

    token: Mapped[str] = mapped_column(primary_key=True)
    df: Mapped[Count]

"""The catalogue: categories, brands, products, ingredients and the search index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, ENUM, JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NOW = sa.func.now()
MONEY = sa.Numeric(10, 2)
PRODUCT_STATUS = ENUM(name="product_status", create_type=False)
SKIN_TYPE = ENUM(name="skin_type", create_type=False)


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.Column("name_kh", sa.String(100)),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("description_en", sa.Text()),
        sa.Column("description_kh", sa.Text()),
        sa.Column("parent_id", sa.Integer()),
        sa.Column("image_url", sa.String(500)),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    op.create_index(op.f("ix_categories_parent_id"), "categories", ["parent_id"])
    op.create_table(
        "brands",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("name", sa.String(150), nullable=False),
        sa.Column("slug", sa.String(150), nullable=False),
        sa.Column("description_en", sa.Text()),
        sa.Column("description_kh", sa.Text()),
        sa.Column("logo", sa.String(500)),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brands")),
        sa.UniqueConstraint("slug", name=op.f("uq_brands_slug")),
    )
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("name_en", sa.String(255), nullable=False),
        sa.Column("name_kh", sa.String(255)),
        sa.Column("slug", sa.String(255), nullable=False),
        sa.Column("sku", sa.String(100), nullable=False),
        sa.Column("barcode", sa.String(100)),
        sa.Column("brand_id", sa.Integer()),
        sa.Column("category", sa.String(100), nullable=False),
        sa.Column("family_id", sa.Integer()),
        sa.Column("successor_id", sa.Integer()),
        sa.Column("status", PRODUCT_STATUS, server_default="active", nullable=False),
        sa.Column("is_featured", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("published_at", TIME),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("price", MONEY, nullable=False),
        sa.Column("compare_at_price", MONEY),
        sa.Column("cost_price", MONEY),
        sa.Column("size_amount", MONEY),
        sa.Column("size_unit", sa.String(10)),
        sa.Column(
            "unit_price",
            sa.Numeric(12, 4),
            sa.Computed("round(price / nullif(size_amount, 0), 4)", persisted=True),
        ),
        sa.Column("stock", sa.Integer(), server_default="0", nullable=False),
        sa.Column("allocated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("track_inventory", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("allow_backorders", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("low_stock_threshold", sa.Integer(), server_default="5", nullable=False),
        sa.Column("skin_type", SKIN_TYPE, server_default="all", nullable=False),
        sa.Column("suits", ARRAY(SKIN_TYPE), server_default="{all}", nullable=False),
        sa.Column("skin_concerns", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("ingredients", JSONB(), server_default="[]", nullable=False),
        sa.Column("when_to_use", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("texture", sa.String(50)),
        sa.Column("tint", sa.String(50)),
        sa.Column("short_description_en", sa.Text()),
        sa.Column("short_description_kh", sa.Text()),
        sa.Column("description_en", sa.Text()),
        sa.Column("description_kh", sa.Text()),
        sa.Column("usage_instructions_en", sa.Text()),
        sa.Column("usage_instructions_kh", sa.Text()),
        sa.Column("how_to_use_en", sa.Text()),
        sa.Column("how_to_use_kh", sa.Text()),
        sa.Column("warnings_en", sa.Text()),
        sa.Column("warnings_kh", sa.Text()),
        sa.Column("meta_title_en", sa.String(255)),
        sa.Column("meta_title_kh", sa.String(255)),
        sa.Column("meta_description_en", sa.Text()),
        sa.Column("meta_description_kh", sa.Text()),
        sa.Column("image_url", sa.String(500)),
        sa.Column("weight", sa.Numeric(8, 2)),
        sa.Column("dimensions", JSONB()),
        sa.Column("moh_notification_no", sa.String(100)),
        sa.Column("expiry_date", sa.Date()),
        sa.Column("country_of_origin", sa.String(100)),
        sa.Column("importer", sa.String(255)),
        sa.Column("rating_avg", sa.Numeric(3, 2), server_default="0", nullable=False),
        sa.Column("rating_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sold_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "when_to_use <@ ARRAY['am', 'pm', 'weekly']", name=op.f("ck_products_when_to_use")
        ),
        sa.CheckConstraint(
            "allocated <= stock OR allow_backorders OR NOT track_inventory",
            name=op.f("ck_products_allocated_within_stock"),
        ),
        sa.CheckConstraint("allocated >= 0", name=op.f("ck_products_allocated_not_negative")),
        sa.CheckConstraint(
            "compare_at_price IS NULL OR compare_at_price >= price", name=op.f("valid_compare_price")
        ),
        sa.CheckConstraint("price > 0", name=op.f("positive_price")),
        sa.CheckConstraint("size_amount > 0", name=op.f("ck_products_size_positive")),
        sa.CheckConstraint(
            "stock >= 0 OR allow_backorders OR NOT track_inventory",
            name=op.f("ck_products_stock_not_negative"),
        ),
        sa.CheckConstraint("successor_id <> id", name=op.f("ck_products_successor_is_another")),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_products_brand_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["category"], ["categories.slug"], name=op.f("fk_products_category"), onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["products.id"], name=op.f("fk_products_successor_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("sku", name=op.f("uq_products_sku")),
        sa.UniqueConstraint("slug", name=op.f("uq_products_slug")),
    )
    op.create_index("idx_products_category", "products", ["category"])
    op.create_index("idx_products_created_at", "products", ["created_at"])
    op.create_index("idx_products_featured", "products", ["is_featured"], postgresql_where="is_featured")
    op.create_index("idx_products_skin_concerns", "products", ["skin_concerns"], postgresql_using="gin")
    op.create_index("idx_products_skin_type", "products", ["skin_type"])
    op.create_index("idx_products_status", "products", ["status"], postgresql_where="status = 'active'")
    op.create_index(
        "ix_products_active_category_sold",
        "products",
        ["category", "sold_count", "id"],
        postgresql_where="status = 'active'",
    )
    op.create_index(
        "ix_products_active_created", "products", ["created_at", "id"], postgresql_where="status = 'active'"
    )
    op.create_index(
        "ix_products_active_price", "products", ["price", "id"], postgresql_where="status = 'active'"
    )
    op.create_index(
        "ix_products_active_rating", "products", ["rating_avg", "id"], postgresql_where="status = 'active'"
    )
    op.create_index(
        "ix_products_active_sold", "products", ["sold_count", "id"], postgresql_where="status = 'active'"
    )
    op.create_index(
        "ix_products_active_unit_price",
        "products",
        ["unit_price", "id"],
        postgresql_where="status = 'active'",
    )
    op.create_index(op.f("ix_products_brand_id"), "products", ["brand_id"])
    op.create_index(
        "ix_products_family_id", "products", ["family_id"], postgresql_where="family_id IS NOT NULL"
    )
    op.create_index(op.f("ix_products_successor_id"), "products", ["successor_id"])
    op.create_index("ix_products_suits", "products", ["suits"], postgresql_using="gin")
    op.create_table(
        "product_categories",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_product_categories_category_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_categories_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "category_id", name=op.f("pk_product_categories")),
    )
    op.create_index(op.f("ix_product_categories_category_id"), "product_categories", ["category_id"])
    op.create_table(
        "product_images",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("image_url", sa.String(500), nullable=False),
        sa.Column("alt_text_en", sa.String(255)),
        sa.Column("alt_text_kh", sa.String(255)),
        sa.Column("sort_order", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_primary", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_images_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_images")),
    )
    op.create_index("ix_product_images_product_id", "product_images", ["product_id", "sort_order"])
    op.create_table(
        "ingredients",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("inci_name", sa.Text(), nullable=False),
        sa.Column("slug", sa.String(255), nullable=False),
        sa.Column("label_en", sa.String(255)),
        sa.Column("label_kh", sa.String(255)),
        sa.Column("description_en", sa.Text()),
        sa.Column("description_kh", sa.Text()),
        sa.Column("caution_en", sa.Text()),
        sa.Column("caution_kh", sa.Text()),
        sa.Column("caution_source", sa.Text()),
        sa.Column("functions", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("flags", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("comedogenic", sa.SmallInteger()),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("comedogenic BETWEEN 0 AND 5", name=op.f("ck_ingredients_comedogenic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ingredients")),
        sa.UniqueConstraint("slug", name=op.f("uq_ingredients_slug")),
    )
    op.create_table(
        "product_ingredients",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("ingredient_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ingredient_id"],
            ["ingredients.id"],
            name=op.f("fk_product_ingredients_ingredient_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_product_ingredients_product_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("product_id", "ingredient_id", name=op.f("pk_product_ingredients")),
    )
    op.create_index(op.f("ix_product_ingredients_ingredient_id"), "product_ingredients", ["ingredient_id"])
    op.create_table(
        "search_alias",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("concept", sa.String(100), nullable=False),
        sa.Column("lang", sa.String(10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_alias")),
        sa.UniqueConstraint("concept", "lang", "text", name=op.f("uq_search_alias_concept_lang_text")),
    )
    op.create_table(
        "product_search",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("tokens_a", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("tokens_b", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("tokens_c", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("tokens_d", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column(
            "tokens",
            ARRAY(sa.Text()),
            sa.Computed("tokens_a || tokens_b || tokens_c || tokens_d", persisted=True),
            nullable=False,
        ),
        sa.Column("latin_words", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("folded", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_search_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_search")),
    )
    op.create_index(
        "ix_product_search_latin_words", "product_search", ["latin_words"], postgresql_using="gin"
    )
    op.create_index("ix_product_search_tokens", "product_search", ["tokens"], postgresql_using="gin")
    op.create_table(
        "search_token",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("df", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_search_token")),
    )


def downgrade() -> None:
    op.drop_table("search_token")
    op.drop_table("product_search")
    op.drop_table("search_alias")
    op.drop_table("product_ingredients")
    op.drop_table("ingredients")
    op.drop_table("product_images")
    op.drop_table("product_categories")
    op.drop_table("products")
    op.drop_table("brands")
    op.drop_table("categories")

"""People and what the shop stands on: enums, settings, places, users, the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, ENUM, INET, JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
NOW = sa.func.now()
MONEY = sa.Numeric(10, 2)
SKIN_TYPE = ENUM(name="skin_type", create_type=False)
USER_LANGUAGE = ENUM(name="user_language", create_type=False)
USER_ROLE = ENUM(name="user_role", create_type=False)

ENUMS = {
    "skin_type": ("oily", "dry", "combination", "sensitive", "normal", "acne", "all"),
    "user_language": ("en", "kh"),
    "user_role": ("customer", "admin", "moderator"),
    "product_status": ("draft", "active", "archived"),
    "coupon_type": ("percentage", "fixed", "free_shipping"),
    "coupon_status": ("active", "inactive", "expired"),
    "stock_movement_kind": ("received", "allocated", "released", "shipped", "returned", "adjusted"),
    "order_status": ("pending", "confirmed", "processing", "shipped", "delivered", "cancelled", "refunded"),
    "payment_status": ("pending", "paid", "partially_paid", "refunded", "partially_refunded", "failed"),
    "fulfillment_status": ("unfulfilled", "partial", "fulfilled", "shipped", "delivered"),
    "review_status": ("pending", "approved", "rejected"),
}
SEQUENCES = ("catalogue_version_seq", "order_number_seq")


def upgrade() -> None:
    for name, values in ENUMS.items():
        listed = ", ".join(f"'{value}'" for value in values)
        op.execute(f"CREATE TYPE {name} AS ENUM ({listed})")
    for name in SEQUENCES:
        op.execute(f"CREATE SEQUENCE {name}")

    op.create_table(
        "settings",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("value", JSONB(), nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "exchange_rates",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("khr_per_usd", MONEY, nullable=False),
        sa.Column("source", sa.String(100), server_default="staff", nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("khr_per_usd > 0", name=op.f("ck_exchange_rates_rate_positive")),
        sa.PrimaryKeyConstraint("date", name=op.f("pk_exchange_rates")),
    )
    op.create_table(
        "provinces",
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.Column("name_kh", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_provinces")),
    )
    op.create_table(
        "districts",
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("province_code", sa.String(10), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.Column("name_kh", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["province_code"], ["provinces.code"], name=op.f("fk_districts_province_code"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_districts")),
    )
    op.create_index(op.f("ix_districts_province_code"), "districts", ["province_code"])
    op.create_table(
        "communes",
        sa.Column("code", sa.String(10), nullable=False),
        sa.Column("district_code", sa.String(10), nullable=False),
        sa.Column("name_en", sa.String(100), nullable=False),
        sa.Column("name_kh", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["district_code"], ["districts.code"], name=op.f("fk_communes_district_code"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_communes")),
    )
    op.create_index(op.f("ix_communes_district_code"), "communes", ["district_code"])
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("first_name", sa.String(100)),
        sa.Column("last_name", sa.String(100)),
        sa.Column("phone", sa.String(20)),
        sa.Column("date_of_birth", sa.Date()),
        sa.Column("gender", sa.String(10)),
        sa.Column("skin_type", SKIN_TYPE),
        sa.Column("skin_concerns", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("skin_goals", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("avoid_ingredients", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("language", USER_LANGUAGE, server_default="en", nullable=False),
        sa.Column("role", USER_ROLE, server_default="customer", nullable=False),
        sa.Column("profile_picture", sa.String(500)),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("email_verified", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("email_verification_token", sa.String(255)),
        sa.Column("email_verification_expires", TIME),
        sa.Column("email_verified_at", TIME),
        sa.Column("pending_email", sa.String(255)),
        sa.Column("password_reset_token", sa.String(255)),
        sa.Column("password_reset_expires", TIME),
        sa.Column("session_epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("marketing_opt_in", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("total_orders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total_spent", MONEY, server_default="0", nullable=False),
        sa.Column("avg_rating", sa.Numeric(3, 2), server_default="0", nullable=False),
        sa.Column("deleted_at", TIME),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("updated_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "email ~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\\.[A-Za-z]{2,}$'", name=op.f("valid_email")
        ),
        sa.CheckConstraint("gender IN ('male', 'female', 'other')", name=op.f("ck_users_gender")),
        sa.CheckConstraint("skin_type <> 'all'", name=op.f("ck_users_skin_type_of_a_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    op.create_index("idx_users_email", "users", [sa.text("lower(email)")], unique=True)
    op.create_index(
        "idx_users_password_reset_token",
        "users",
        ["password_reset_token"],
        postgresql_where="password_reset_token IS NOT NULL",
    )
    op.create_index("idx_users_role", "users", ["role"])
    op.create_index("idx_users_skin_type", "users", ["skin_type"])
    op.create_index(
        "ix_users_email_verification_token",
        "users",
        ["email_verification_token"],
        postgresql_where="email_verification_token IS NOT NULL",
    )
    op.create_index("ix_users_phone", "users", ["phone"])
    op.create_table(
        "user_addresses",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(20), server_default="shipping", nullable=False),
        sa.Column("full_name", sa.String(255)),
        sa.Column("first_name", sa.String(100)),
        sa.Column("last_name", sa.String(100)),
        sa.Column("company", sa.String(100)),
        sa.Column("phone", sa.String(20)),
        sa.Column("province_code", sa.String(10)),
        sa.Column("district_code", sa.String(10)),
        sa.Column("commune_code", sa.String(10)),
        sa.Column("address_line1", sa.String(255), nullable=False),
        sa.Column("address_line2", sa.String(255)),
        sa.Column("city", sa.String(100), nullable=False),
        sa.Column("state", sa.String(100)),
        sa.Column("postal_code", sa.String(20), server_default="", nullable=False),
        sa.Column("country", sa.String(100), server_default="KH", nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("is_default", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("type IN ('shipping', 'billing')", name=op.f("ck_user_addresses_type")),
        sa.ForeignKeyConstraint(
            ["commune_code"], ["communes.code"], name=op.f("fk_user_addresses_commune_code")
        ),
        sa.ForeignKeyConstraint(
            ["district_code"], ["districts.code"], name=op.f("fk_user_addresses_district_code")
        ),
        sa.ForeignKeyConstraint(
            ["province_code"], ["provinces.code"], name=op.f("fk_user_addresses_province_code")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_addresses_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_addresses")),
    )
    op.create_index(op.f("ix_user_addresses_commune_code"), "user_addresses", ["commune_code"])
    op.create_index(op.f("ix_user_addresses_district_code"), "user_addresses", ["district_code"])
    op.create_index(op.f("ix_user_addresses_province_code"), "user_addresses", ["province_code"])
    op.create_index(op.f("ix_user_addresses_user_id"), "user_addresses", ["user_id"])
    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("sid_hash", sa.String(64), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("user_agent", sa.String(300)),
        sa.Column("ip", INET()),
        sa.Column("last_seen_at", TIME, server_default=NOW, nullable=False),
        sa.Column("password_given_at", TIME),
        sa.Column("second_factor_at", TIME),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("revoked_at", TIME),
        sa.Column("family", sa.UUID(as_uuid=False)),
        sa.Column("remember_hash", sa.String(64)),
        sa.Column("remember_used_at", TIME),
        sa.Column("remember_expires_at", TIME),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("remember_hash", name=op.f("uq_user_sessions_remember_hash")),
        sa.UniqueConstraint("sid_hash", name=op.f("uq_user_sessions_sid_hash")),
    )
    op.create_index("ix_user_sessions_family", "user_sessions", ["family"])
    op.create_index(op.f("ix_user_sessions_user_id"), "user_sessions", ["user_id"])
    op.create_table(
        "login_attempts",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("purpose", sa.String(30), server_default="login", nullable=False),
        sa.Column("account_hash", sa.String(64), nullable=False),
        sa.Column("ip", INET()),
        sa.Column("succeeded", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempts")),
    )
    op.create_index("ix_login_attempts_account", "login_attempts", ["purpose", "account_hash", "created_at"])
    op.create_index("ix_login_attempts_created_at", "login_attempts", ["created_at"])
    op.create_table(
        "totp_secrets",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", TIME),
        sa.Column("last_step", sa.BigInteger()),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_totp_secrets_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_totp_secrets")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(255), nullable=False),
        sa.Column("used_at", TIME),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_recovery_codes_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("user_id", "code_hash", name=op.f("uq_recovery_codes_user_id_code_hash")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("scopes", ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("last_used_at", TIME),
        sa.Column("expires_at", TIME),
        sa.Column("revoked_at", TIME),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("length(token_hash) = 64", name=op.f("ck_api_tokens_digest")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"])
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("actor_id", sa.Integer()),
        sa.Column("action", sa.String(100), nullable=False),
        sa.Column("entity", sa.String(100), nullable=False),
        sa.Column("entity_id", sa.String(100)),
        sa.Column("before", JSONB()),
        sa.Column("after", JSONB()),
        sa.Column("ip", INET()),
        sa.Column("request_id", sa.String(64)),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_audit_log_actor_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_actor_id"), "audit_log", ["actor_id"])
    op.create_index("ix_audit_log_created_at", "audit_log", ["created_at"])
    op.create_index("ix_audit_log_entity", "audit_log", ["entity", "entity_id"])
    op.create_table(
        "job_runs",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("run_key", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), server_default="queued", nullable=False),
        sa.Column("step", sa.String(100)),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", TIME),
        sa.Column("heartbeat_at", TIME),
        sa.Column("finished_at", TIME),
        sa.Column("result", JSONB()),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'lost')", name=op.f("ck_job_runs_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("kind", "run_key", name=op.f("uq_job_runs_kind_run_key")),
    )
    op.create_index("ix_job_runs_running", "job_runs", ["heartbeat_at"], postgresql_where="state = 'running'")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("payload", JSONB(), server_default="{}", nullable=False),
        sa.Column("dedupe_key", sa.String(200), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", TIME, server_default=NOW, nullable=False),
        sa.Column("sent_at", TIME),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_outbox_dedupe_key")),
    )
    op.create_index("ix_outbox_due", "outbox", ["next_attempt_at"], postgresql_where="sent_at IS NULL")


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_table("job_runs")
    op.drop_table("audit_log")
    op.drop_table("api_tokens")
    op.drop_table("recovery_codes")
    op.drop_table("totp_secrets")
    op.drop_table("login_attempts")
    op.drop_table("user_sessions")
    op.drop_table("user_addresses")
    op.drop_table("users")
    op.drop_table("communes")
    op.drop_table("districts")
    op.drop_table("provinces")
    op.drop_table("exchange_rates")
    op.drop_table("settings")
    for name in SEQUENCES:
        op.execute(f"DROP SEQUENCE {name}")
    for name in ENUMS:
        op.execute(f"DROP TYPE {name}")

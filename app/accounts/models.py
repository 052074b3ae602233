"""People: users, their addresses, sessions, second factors and API tokens."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import INET, UUID
from sqlalchemy.orm import Mapped, mapped_column

from app.core.columns import (
    LANGUAGE,
    SKIN_TYPE,
    Average,
    Count,
    Off,
    On,
    Sum,
    Words,
    check,
    one_of,
    refers,
    seed_check,
)
from app.core.db import Base, Created, Keyed, Updated, enum

USER_ROLE = enum("user_role", "customer", "admin", "moderator")
EMAIL_SHAPE = r"email ~* '^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$'"


class User(Keyed, Updated, Base):
    """A customer or a member of staff. Tokens are SHA-256 digests; the totals follow orders and reviews."""

    __tablename__ = "users"
    __table_args__ = (
        seed_check("valid_email", EMAIL_SHAPE),
        one_of("gender", "male", "female", "other"),
        check("skin_type_of_a_person", "skin_type <> 'all'"),
        Index("idx_users_email", text("lower(email)"), unique=True),
        Index("idx_users_role", "role"),
        Index("idx_users_skin_type", "skin_type"),
        Index(
            "idx_users_password_reset_token",
            "password_reset_token",
            postgresql_where="password_reset_token IS NOT NULL",
        ),
        Index(
            "ix_users_email_verification_token",
            "email_verification_token",
            postgresql_where="email_verification_token IS NOT NULL",
        ),
        Index("ix_users_phone", "phone"),
    )

    email: Mapped[str] = mapped_column(String(255))
    password_hash: Mapped[str] = mapped_column(String(255))
    first_name: Mapped[str | None] = mapped_column(String(100))
    last_name: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(20))
    date_of_birth: Mapped[date | None]
    gender: Mapped[str | None] = mapped_column(String(10))
    skin_type: Mapped[str | None] = mapped_column(SKIN_TYPE)
    skin_concerns: Mapped[Words]
    skin_goals: Mapped[Words]
    avoid_ingredients: Mapped[Words]
    language: Mapped[str] = mapped_column(LANGUAGE, server_default="en")
    role: Mapped[str] = mapped_column(USER_ROLE, server_default="customer")
    profile_picture: Mapped[str | None] = mapped_column(String(500))
    is_active: Mapped[On]
    email_verified: Mapped[Off]
    email_verification_token: Mapped[str | None] = mapped_column(String(255))
    email_verification_expires: Mapped[datetime | None]
    email_verified_at: Mapped[datetime | None]
    pending_email: Mapped[str | None] = mapped_column(String(255))
    password_reset_token: Mapped[str | None] = mapped_column(String(255))
    password_reset_expires: Mapped[datetime | None]
    session_epoch: Mapped[Count]
    marketing_opt_in: Mapped[Off]
    total_orders: Mapped[Count]
    total_spent: Mapped[Sum]
    avg_rating: Mapped[Average]
    deleted_at: Mapped[datetime | None]


class Address(Keyed, Created, Base):
    """Where a person wants parcels; `state` and `city` hold the English names of province and district."""

    __tablename__ = "user_addresses"
    __table_args__ = (one_of("type", "shipping", "billing"),)

    user_id: Mapped[int] = refers("users.id", ondelete="CASCADE")
    type: Mapped[str] = mapped_column(String(20), server_default="shipping")
    full_name: Mapped[str | None] = mapped_column(String(255))
    first_name: Mapped[str | None] = mapped_column(String(100))
    last_name: Mapped[str | None] = mapped_column(String(100))
    company: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(20))
    province_code: Mapped[str | None] = refers("provinces.code")
    district_code: Mapped[str | None] = refers("districts.code")
    commune_code: Mapped[str | None] = refers("communes.code")
    address_line1: Mapped[str] = mapped_column(String(255))
    address_line2: Mapped[str | None] = mapped_column(String(255))
    city: Mapped[str] = mapped_column(String(100))
    state: Mapped[str | None] = mapped_column(String(100))
    postal_code: Mapped[str] = mapped_column(String(20), server_default="")
    country: Mapped[str] = mapped_column(String(100), server_default="KH")
    note: Mapped[str | None]
    is_default: Mapped[Off]


class UserSession(Keyed, Created, Base):
    """One sign-in. A remembered one belongs to a family: each use of its token makes the next row,
    and a token used twice (`remember_used_at`) revokes the whole family."""

    __tablename__ = "user_sessions"
    __table_args__ = (Index("ix_user_sessions_family", "family"),)

    user_id: Mapped[int] = refers("users.id", ondelete="CASCADE")
    sid_hash: Mapped[str] = mapped_column(String(64), unique=True)
    epoch: Mapped[Count]
    user_agent: Mapped[str | None] = mapped_column(String(300))
    ip: Mapped[str | None] = mapped_column(INET)
    last_seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    password_given_at: Mapped[datetime | None]
    second_factor_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    family: Mapped[str | None] = mapped_column(UUID(as_uuid=False))
    remember_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    remember_used_at: Mapped[datetime | None]
    remember_expires_at: Mapped[datetime | None]


class LoginAttempt(Keyed, Created, Base):
    """One try against an account (SHA-256 of the name typed in), so that limits outlive Redis."""

    __tablename__ = "login_attempts"
    __table_args__ = (
        Index("ix_login_attempts_account", "purpose", "account_hash", "created_at"),
        Index("ix_login_attempts_created_at", "created_at"),
    )

    purpose: Mapped[str] = mapped_column(String(30), server_default="login")
    account_hash: Mapped[str] = mapped_column(String(64))
    ip: Mapped[str | None] = mapped_column(INET)
    succeeded: Mapped[Off]


class TotpSecret(Created, Base):
    """A person's second factor; `last_step` is the last 30-second step that was accepted."""

    __tablename__ = "totp_secrets"

    user_id: Mapped[int] = refers("users.id", ondelete="CASCADE", index=False, primary_key=True)
    secret: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(BigInteger)


class RecoveryCode(Keyed, Created, Base):
    """A one-time way in when the second factor is lost."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    user_id: Mapped[int] = refers("users.id", ondelete="CASCADE", index=False)
    code_hash: Mapped[str] = mapped_column(String(255))
    used_at: Mapped[datetime | None]


class ApiToken(Keyed, Created, Base):
    """An opaque key to the JSON API, shown once and kept as a digest."""

    __tablename__ = "api_tokens"
    __table_args__ = (check("digest", "length(token_hash) = 64"),)

    user_id: Mapped[int] = refers("users.id", ondelete="CASCADE")
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[Words]
    last_used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

"""Settings from the environment, typed; production refuses defaults and secrets that are missing or short."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from app.core.services import find

ROOT = Path(__file__).resolve().parent.parent
LOCAL = {"127.0.0.1", "localhost", "::1", None}


class BadSettings(SystemExit):
    """Settings that the shop must not start with; the text names the setting."""


@dataclass(frozen=True)
class Settings:
    """Everything that the environment decides. Durations are seconds, sizes bytes."""

    SHOP_ENV: str
    SHOP_DATA: str
    UPLOAD_DIR: str
    SECRET_KEY: str
    SECRET_KEY_FALLBACKS: list[str]
    TRUSTED_HOSTS: list[str] | None
    PUBLIC_BASE_URL: str
    DATABASE_URL: str
    REDIS_URL: str
    MONGODB_URI: str
    PROXY_HOPS: int
    STATEMENT_TIMEOUT_MS: int
    RATELIMIT_ENABLED: bool = True
    BAKONG_BASE_URL: str = ""
    BAKONG_TOKEN: str = ""
    BAKONG_EMAIL: str = ""
    MAX_CONTENT_LENGTH: int = 1024 * 1024
    MAX_FORM_MEMORY_SIZE: int = 1024 * 1024
    MAX_FORM_PARTS: int = 200
    SNAPSHOT_SECONDS: float = 5.0
    PAGE_CACHE_SECONDS: int = 20
    REMEMBER_SECONDS: float = 300.0
    READ_AUTOCOMMIT: bool = True
    SEND_FILE_MAX_AGE_DEFAULT: int = 31536000
    LOCAL_URL: str = "http://127.0.0.1:5000"
    SMTP_URL: str = ""
    MAIL_FROM: str = ""
    TELEGRAM_TOKEN: str = ""
    TELEGRAM_CHAT: str = ""
    TELEGRAM_API: str = ""

    @property
    def production(self) -> bool:
        return self.SHOP_ENV == "production"

    def flask(self) -> dict[str, object]:
        """The Flask configuration that follows from these settings."""
        prefix = "__Host-" if self.production else ""
        return asdict(self) | {
            "TESTING": self.SHOP_ENV == "test",
            "SQLALCHEMY_DATABASE_URI": psycopg2_url(self.DATABASE_URL),
            "SQLALCHEMY_ENGINE_OPTIONS": engine_options(self.STATEMENT_TIMEOUT_MS),
            "SESSION_COOKIE_NAME": prefix + "form",
            "SESSION_COOKIE_SECURE": self.production,
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "COOKIE_PREFIX": prefix,
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_CHECK_DEFAULT": False,
            "WTF_CSRF_ENABLED": False,
            "BABEL_DEFAULT_LOCALE": "en",
            "BABEL_DEFAULT_TIMEZONE": "Asia/Phnom_Penh",
            "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        }


def psycopg2_url(url: str) -> str:
    """The URL with SQLAlchemy's psycopg2 driver named (SQLAlchemy 2.1 would take psycopg 3)."""
    scheme, _, rest = url.partition("://")
    return f"postgresql+psycopg2://{rest}" if scheme in {"postgres", "postgresql"} else url


def engine_options(statement_timeout_ms: int) -> dict[str, object]:
    """Pool and session options of the one engine."""
    options = f"-c timezone=UTC -c statement_timeout={statement_timeout_ms} -c lock_timeout=2000 -c jit=off"
    options += " -c plan_cache_mode=force_generic_plan"
    return {
        "pool_pre_ping": True,
        "pool_size": 5,
        "max_overflow": 10,
        "pool_timeout": 5,
        "connect_args": {"options": options, "connect_timeout": 3},
    }


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings, refusing what production must not run with. Raises BadSettings."""
    env = environ.get("SHOP_ENV", "development")
    if env not in {"development", "test", "production"}:
        raise BadSettings(f"SHOP_ENV must be development, test or production, not {env!r}")
    data = Path(environ.get("SHOP_DATA") or ROOT / "var").resolve()
    servers = find({**environ, "SHOP_DATA": str(data)})
    hosts = [host.strip() for host in environ.get("TRUSTED_HOSTS", "").split(",") if host.strip()]
    default_uploads = ROOT / "uploads" if data == ROOT / "var" else data / "uploads"
    settings = Settings(
        SHOP_ENV=env,
        SHOP_DATA=str(data),
        UPLOAD_DIR=str(Path(environ.get("UPLOAD_DIR") or default_uploads).resolve()),
        SECRET_KEY=environ.get("SECRET_KEY") or ("" if env == "production" else own_secret(data)),
        SECRET_KEY_FALLBACKS=[k for k in environ.get("SECRET_KEY_FALLBACKS", "").split(",") if k],
        TRUSTED_HOSTS=hosts or (None if env == "production" else ["127.0.0.1", "localhost", "[::1]"]),
        PUBLIC_BASE_URL=environ.get("PUBLIC_BASE_URL", "").rstrip("/"),
        DATABASE_URL=servers.database_url,
        REDIS_URL=servers.redis_url,
        MONGODB_URI=servers.mongodb_uri,
        PROXY_HOPS=int(environ.get("PROXY_HOPS", "0")),
        STATEMENT_TIMEOUT_MS=int(environ.get("STATEMENT_TIMEOUT_MS", "5000")),
        PAGE_CACHE_SECONDS=int(environ.get("PAGE_CACHE_SECONDS", "20")),
        RATELIMIT_ENABLED=environ.get("RATE_LIMITS", "on") != "off",
        BAKONG_BASE_URL=environ.get("BAKONG_BASE_URL", "").rstrip("/"),
        BAKONG_TOKEN=environ.get("BAKONG_TOKEN", ""),
        BAKONG_EMAIL=environ.get("BAKONG_EMAIL", ""),
        LOCAL_URL=f"http://127.0.0.1:{environ.get('PORT') or 5000}",
        SMTP_URL=environ.get("SMTP_URL", ""),
        MAIL_FROM=environ.get("MAIL_FROM", ""),
        TELEGRAM_TOKEN=environ.get("TELEGRAM_TOKEN", ""),
        TELEGRAM_CHAT=environ.get("TELEGRAM_CHAT", ""),
        TELEGRAM_API=environ.get("TELEGRAM_API", "").rstrip("/"),
    )
    if settings.production:
        refuse_unsafe(settings, environ)
    return settings


def own_secret(data: Path) -> str:
    """Development's secret key, made once in SHOP_DATA/secret_key (mode 0600)."""
    path = data / "secret_key"
    data.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text()
    key = secrets.token_hex(32)
    with os.fdopen(handle, "w") as file:
        file.write(key)
    return key


def refuse_unsafe(settings: Settings, environ: Mapping[str, str]) -> None:
    """Raise BadSettings with one clear line for the first setting that production must not have."""
    key = settings.SECRET_KEY
    base = urlsplit(settings.PUBLIC_BASE_URL)
    database = urlsplit(settings.DATABASE_URL)
    private = environ.get("DATABASE_PRIVATE_NETWORK") == "1"
    encrypted = parse_qs(database.query).get("sslmode", [""])[0] in {"require", "verify-ca", "verify-full"}
    checks = {
        "SECRET_KEY must be set": bool(key),
        "SECRET_KEY must have at least 32 characters": len(key) >= 32,
        "SECRET_KEY must not be a well known or repeated value": len(set(key)) >= 10,
        "TRUSTED_HOSTS must name the shop's hosts": bool(settings.TRUSTED_HOSTS),
        "TRUSTED_HOSTS must not be a wildcard": not {"*", "."} & set(settings.TRUSTED_HOSTS or []),
        "PUBLIC_BASE_URL must be an https address": base.scheme == "https" and bool(base.hostname),
        "FLASK_DEBUG must be off": environ.get("FLASK_DEBUG", "0") in {"", "0", "false"},
        "ADMIN_PASSWORD must not be the demo's": environ.get("ADMIN_PASSWORD", "x") not in {"admin", "demo"},
        "RATE_LIMITS must be on": settings.RATELIMIT_ENABLED,
        "BAKONG_BASE_URL must be an https address": not settings.BAKONG_BASE_URL
        or settings.BAKONG_BASE_URL.startswith("https://"),
        "SEED must be none": environ.get("SEED", "none") == "none",
        "DATABASE_URL on another host needs a password": database.hostname in LOCAL
        or bool(database.password),
        "DATABASE_URL on another host needs sslmode=require (or DATABASE_PRIVATE_NETWORK=1)": (
            database.hostname in LOCAL or encrypted or private
        ),
    }
    for message, holds in checks.items():
        if not holds:
            raise BadSettings(f"{message} (SHOP_ENV=production)")

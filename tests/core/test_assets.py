"""The static build: repeatable, within its bytes, complete; the palette keeps its contrast in both themes."""

import json
import re
import shutil
from itertools import product
from pathlib import Path

import pytest

from app.core import assets, fonts
from tests.conftest import FULL

TOKENS = (assets.SOURCE / "css/tokens.css").read_text()
KILO = 1000


@pytest.fixture(scope="module")
def built() -> tuple[Path, dict[str, int]]:
    """What the set-up made, built again where a source has changed since."""
    return assets.DIST, assets.build()


def contents(dist: Path) -> dict[str, bytes]:
    """The files of the newest build with their compressed copies."""
    names = json.loads((dist / assets.MANIFEST).read_text())["files"].values()
    return {path.name: path.read_bytes() for name in names for path in dist.glob(f"{name}*")}


def test_two_builds_are_equal(built: tuple[Path, dict[str, int]], tmp_path: Path) -> None:
    if not FULL:
        shutil.copytree(assets.DIST / ".cache", tmp_path / ".cache")
    assets.build(tmp_path)
    once, again = contents(built[0]), contents(tmp_path)
    assert sorted(once) == sorted(again)
    assert [name for name in once if once[name] != again[name]] == []


def test_nothing_is_written_when_nothing_changed(built: tuple[Path, dict[str, int]]) -> None:
    dist, sizes = built
    before = {path: path.stat().st_mtime_ns for path in dist.iterdir() if path.name[0] != "."}
    assert assets.build(dist) == sizes
    assert before == {path: path.stat().st_mtime_ns for path in dist.iterdir() if path.name[0] != "."}


def test_the_build_before_stays_and_older_ones_go(tmp_path: Path) -> None:
    for name in ("app.aaaaaaaaaa.css", "app.aaaaaaaaaa.css.br", "app.bbbbbbbbbb.css", "manifest.json"):
        (tmp_path / name).touch()
    assets.sweep(tmp_path, {"manifest.json", "app.bbbbbbbbbb.css"})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.bbbbbbbbbb.css", "manifest.json"]


def test_bytes_stay_within_the_budgets(built: tuple[Path, dict[str, int]]) -> None:
    sizes = built[1]
    assert sizes["css/app.css"] <= 12 * KILO
    assert sizes["js/app.js"] + sizes["js/htmx.js"] <= 16 * KILO
    assert sizes["fonts/sans.woff2"] + sizes["fonts/serif.woff2"] <= 30 * KILO
    assert sizes["fonts/sans.woff2"] + sizes["fonts/khmer.woff2"] <= 57 * KILO


def test_every_address_in_the_sheet_exists(built: tuple[Path, dict[str, int]]) -> None:
    dist = built[0]
    sheet = (dist / assets.files()["css/app.css"]).read_text()
    addresses = re.findall(r"url\((?!['\"]?data:)([^)]+)\)", sheet)
    assert len(set(addresses)) == 3
    assert all((dist / address).exists() for address in addresses)


def test_every_icon_that_templates_name_is_drawn(built: tuple[Path, dict[str, int]]) -> None:
    sprite = (built[0] / assets.files()["icons.svg"]).read_text()
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', sprite))
    drawn |= set(re.findall(r"\.m-([a-z]+)", assets.style_sheet()))
    texts = [path.read_text() for path in (assets.ROOT / "templates").rglob("*.html")]
    named = {name for text in texts for name in re.findall(r"\bic\([\"']([a-z-]+)[\"']", text)}
    assert named <= drawn, named - drawn


def test_figtree_has_the_riel_sign(built: tuple[Path, dict[str, int]]) -> None:
    font = fonts.TTFont(built[0] / assets.files()["fonts/sans.woff2"])
    assert fonts.RIEL in font.getBestCmap()


def palette(theme: int) -> dict[str, str]:
    pairs = re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", TOKENS)
    return {name: colours[theme] for name, *colours in pairs}


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_contrast(theme: int) -> None:
    colours = palette(theme)
    grounds = ("bg", "surface", "sunken", "brand-soft")
    texts = ("ink", "ink-2", "brand", "accent", "gold", "ok", "warn", "err")
    low = {
        (text, ground): round(found, 2)
        for text, ground in product(texts, grounds)
        if (found := contrast(colours[text], colours[ground])) < 4.5
    }
    low |= {
        (edge, ground): round(found, 2)
        for edge, ground in product(("line-ctl", "star"), ("bg", "surface"))
        if (found := contrast(colours[edge], colours[ground])) < 3
    }
    assert not low
    assert contrast(colours["brand"], colours["on-brand"]) >= 4.5
    assert contrast(colours["accent-soft"], colours["ink"]) >= 4.5

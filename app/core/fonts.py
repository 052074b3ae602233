"""The shop's three fonts, cut to what its pages use; Figtree gets the riel sign so that prices need no Khmer font."""

import hashlib
import io
import logging
from pathlib import Path
from typing import Any

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

LATIN = (
    "0020-007E 00A0 00A9 00AB 00AE 00B0 00B7 00BB 00D7 00E0-00EF 00F1-00FF 2013 2014 2018 2019 201C 201D "
    "2022 2026 20AC 2122 2212 2190-2193"
)
KHMER = "0020 00A0 1780-17DD 17E0-17E9 17F0-17F9 200B-200D 25CC"
RIEL = 0x17DB
SERIF = "@fontsource/instrument-serif/files/instrument-serif-latin-400-normal.woff2"
SANS = "@fontsource-variable/figtree/files/figtree-latin-wght-normal.woff2"
KANTUMRUY = "@fontsource-variable/kantumruy-pro/files/kantumruy-pro-khmer-wght-normal.woff2"
CUTS: dict[str, tuple[str, str, tuple[int, int] | None]] = {
    "fonts/serif.woff2": (SERIF, LATIN, None),
    "fonts/sans.woff2": (SANS, LATIN, (400, 700)),
    "fonts/khmer.woff2": (KANTUMRUY, KHMER, (400, 600)),
}


def inputs(node: Path) -> list[Path]:
    """The npm files that the fonts are cut from."""
    return [node / source for source, _, _ in CUTS.values()]


def build(node: Path, cache: Path) -> dict[str, bytes]:
    """Path -> WOFF2 bytes; unchanged cuts come from `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    made = {}
    rules = Path(__file__).read_bytes()
    for path, (source, codes, weights) in CUTS.items():
        key = hashlib.sha256(rules + b"".join(file.read_bytes() for file in inputs(node)) + path.encode())
        kept = cache / f"{key.hexdigest()[:16]}.woff2"
        if not kept.exists():
            kept.write_bytes(cut(node, source, codes, weights))
        made[path] = kept.read_bytes()
    return made


def points(codes: str) -> list[int]:
    """Code points of a list of hexadecimal codes and ranges."""
    found: list[int] = []
    for part in codes.split():
        first, _, last = part.partition("-")
        found += range(int(first, 16), int(last or first, 16) + 1)
    return found


def cut(node: Path, source: str, codes: str, weights: tuple[int, int] | None) -> bytes:
    """One font with these characters and weights, every layout feature kept, hints dropped."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    font = opened(node / source, weights)
    if source == SANS:
        borrow(opened(node / KANTUMRUY, (450, 450)), font, RIEL)
    font = TTFont(io.BytesIO(saved(font)), recalcTimestamp=False)
    options = Options(
        layout_features=["*"], hinting=False, desubroutinize=True, flavor="woff2", notdef_outline=True
    )
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[*points(codes), RIEL])
    subsetter.subset(font)
    return saved(font, "woff2")


def saved(font: Any, flavor: str | None = None) -> bytes:
    """The font as a file's bytes."""
    font.flavor = flavor
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def opened(path: Path, weights: tuple[int, int] | None) -> Any:
    """The font with its weight axis narrowed to `weights` (equal ends: none)."""
    font = TTFont(path, recalcTimestamp=False)
    if weights is None:
        return font
    limit = weights[0] if weights[0] == weights[1] else weights
    return instancer.instantiateVariableFont(font, {"wght": limit})


def borrow(source: Any, target: Any, code: int) -> None:
    """Copy one glyph's outline into `target` (same units an em), the same at every weight."""
    name = source.getBestCmap()[code]
    pen = TTGlyphPen(None)
    source.getGlyphSet()[name].draw(pen)
    target.setGlyphOrder([*target.getGlyphOrder(), name])
    target["glyf"][name] = pen.glyph()
    target["hmtx"][name] = source["hmtx"][name]
    target["gvar"].variations[name] = []
    for table in target["cmap"].tables:
        if table.isUnicode():
            table.cmap[code] = name
    del target["HVAR"]

"""The icon sprite: the icons that templates name, as symbols of one SVG file (the six smallest are in icons.css)."""

import re
from pathlib import Path

LUCIDE = {
    "arrow": "arrow-right",
    "bag": "shopping-bag",
    "filter": "sliders-horizontal",
    "globe": "globe",
    "grid": "layout-grid",
    "heart": "heart",
    "home": "house",
    "info": "info",
    "leaf": "leaf",
    "lock": "lock",
    "menu": "menu",
    "moon": "moon",
    "return": "undo-2",
    "search": "search",
    "shield": "shield-check",
    "sun": "sun",
    "truck": "truck",
    "undo": "undo-2",
    "user": "user-round",
}
INNER = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
SYMBOL = '<symbol id="{}" viewBox="0 0 24 24">{}</symbol>'


def inputs(node: Path) -> list[Path]:
    """The npm files that the sprite is made of."""
    return [node / "lucide-static/icons" / f"{name}.svg" for name in LUCIDE.values()]


def sprite(source: Path, node: Path) -> bytes:
    """All symbols, our own (static/img/symbols/*.svg) after Lucide's."""
    symbols = [SYMBOL.format(name, inner(path)) for name, path in zip(LUCIDE, inputs(node), strict=True)]
    for path in sorted((source / "img/symbols").glob("*.svg")):
        box = re.search(r'viewBox="([^"]+)"', path.read_text())
        symbols.append(
            SYMBOL.format(path.stem, inner(path)).replace("0 0 24 24", box[1] if box else "0 0 24 24")
        )
    return ('<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>").encode()


def inner(path: Path) -> str:
    """The drawing inside an SVG file, on one line."""
    found = INNER.search(path.read_text())
    return re.sub(r"\s+", " ", found[1]).strip().replace(" />", "/>").replace("> <", "><") if found else ""

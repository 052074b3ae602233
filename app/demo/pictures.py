"""The demo shop's photographs in the sizes that pages ask for; what is there already is not made again."""

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from PIL import Image

from app.core.images import WIDTHS, fresh

SOURCES = Path(__file__).parent / "pictures"
AREA = "products"
HERO = "hero.webp"
AT_ONCE = 2
AVIF = {"quality": 58, "speed": 8}
WEBP = {"quality": 78, "method": 3}


@cache
def stem(file: str) -> str:
    """The name of a picture's variants: it follows from the picture itself and is the same everywhere."""
    return hashlib.sha256((SOURCES / file).read_bytes()).hexdigest()[:8]


def url(file: str) -> str:
    """What the database keeps of a picture under `pictures/`."""
    return f"/uploads/{AREA}/{stem(file)}.webp"


def write(files: Iterable[str], uploads: Path, progress: Callable[[int, int], object]) -> int:
    """Write the missing variants, two pictures at a time; how many pictures. `progress` is told (done, of)."""
    folder = uploads / AREA
    folder.mkdir(parents=True, exist_ok=True)
    missing = [file for file in dict.fromkeys(files) if not (folder / f"{stem(file)}.webp").exists()]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = pool.map(lambda file: _variants(SOURCES / file, folder, stem(file)), missing)
        for done, _ in enumerate(made, 1):
            progress(done, len(missing))
    return len(missing)


def _variants(source: Path, folder: Path, name: str) -> None:
    """All widths, none larger than the source holds; the master comes last and says that all are there."""
    picture = fresh(source)
    made: dict[int, tuple[Path, Path]] = {}
    for width in WIDTHS:
        shown = min(width, picture.width)
        avif, webp = folder / f"{name}-{width}.avif", folder / f"{name}-{width}.webp"
        if shown in made:
            for there, copy in zip(made[shown], (avif, webp), strict=True):
                copy.write_bytes(there.read_bytes())
            continue
        small = picture.resize(
            (shown, round(picture.height * shown / picture.width)), Image.Resampling.LANCZOS
        )
        small.save(avif, "AVIF", **AVIF)
        small.save(webp, "WEBP", **WEBP)
        made[shown] = (avif, webp)
    unfinished = folder / f"{name}.part"
    picture.save(unfinished, "WEBP", quality=86, method=4)
    unfinished.replace(folder / f"{name}.webp")

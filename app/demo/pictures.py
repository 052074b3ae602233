"""The demo shop's photographs in the sizes that pages ask for; what is there already is not made again."""

import hashlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from PIL import Image

from app.core.images import AVIF, WEBP, WIDTHS, fresh

SOURCES = Path(__file__).parent / "pictures"
AREA = "products"
HERO = "hero.webp"
AT_ONCE = 2


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
    missing = [file for file in dict.fromkeys(files) if not _is_whole(folder, stem(file))]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        made = pool.map(lambda file: _variants(SOURCES / file, folder, stem(file)), missing)
        for done, _ in enumerate(made, 1):
            progress(done, len(missing))
    return len(missing)


def _is_whole(folder: Path, name: str) -> bool:
    """Whether the master is there and every width, also one that an older shop did not make."""
    return all((folder / f"{name}{part}").exists() for part in (".webp", *(f"-{w}.avif" for w in WIDTHS)))


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

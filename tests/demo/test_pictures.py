"""The demo's photographs: every width, made once, and made again where an older shop left one out."""

from pathlib import Path

from PIL import Image

from app.core.images import WIDTHS
from app.demo import pictures


def test_each_width_is_made_once_and_a_missing_one_again(tmp_path: Path) -> None:
    file = next(pictures.SOURCES.glob("products/*.webp")).relative_to(pictures.SOURCES).as_posix()
    told: list[tuple[int, int]] = []
    assert pictures.write([file, file], tmp_path, lambda *at: told.append(at)) == 1
    folder, name = tmp_path / pictures.AREA, pictures.stem(file)
    with Image.open(pictures.SOURCES / file) as source:
        most = source.width
    for width in WIDTHS:
        for kind in ("avif", "webp"):
            with Image.open(folder / f"{name}-{width}.{kind}") as picture:
                assert picture.width == min(width, most)
    assert told == [(1, 1)]
    assert pictures.write([file], tmp_path, lambda *at: told.append(at)) == 0
    (folder / f"{name}-300.avif").unlink()
    assert pictures.write([file], tmp_path, lambda *at: told.append(at)) == 1
    assert (folder / f"{name}-300.avif").exists()

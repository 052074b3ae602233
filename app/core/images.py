"""Pictures of strangers taken in safely, and every picture re-encoded in AVIF and WebP at the widths of pages."""

import os
import secrets
import threading
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from flask_babel import lazy_gettext as _l
from PIL import Image, ImageOps

from app.core.errors import Busy, Invalid

WIDTHS = (200, 300, 400, 600, 960)
AVIF = {"quality": 48, "speed": 8}
WEBP = {"quality": 78, "method": 3}
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 25_000_000
MOST_PIXELS_OF_WEBP = 16_000_000  # its decoder needs four times a picture's memory
MOST_SCANS = 100
MOST_STRETCHED = 6
LONGEST = 1600
DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
decoding = threading.BoundedSemaphore(1)


class BadPicture(Invalid):
    """Not a picture that the shop takes: wrong format, too large, or broken (422, with the reason)."""

    default = _l("We could not read this photo. Please try a JPG, PNG or WebP file.")


def accept(upload: IO[bytes] | Any, longest: int = LONGEST) -> Image.Image:
    """An uploaded photo (a file-like object, werkzeug's FileStorage or None), upright on a fresh RGB canvas.

    At most 8 MiB and 25 megapixels (WebP: 16); no side of the result is over `longest` pixels. The file's name and
    claimed type are never looked at. Raises BadPicture.
    """
    data = upload.read(MOST_BYTES + 1) if upload else b""
    if not data:
        raise BadPicture(_l("Please choose a photo first."))
    if len(data) > MOST_BYTES:
        raise BadPicture(_l("This photo is over 8 MB. Please choose a smaller one."))
    if data.startswith(b"\xff\xd8") and data.count(b"\xff\xda") > MOST_SCANS:
        raise BadPicture
    with decoding:
        picture = fresh(BytesIO(data), longest)
    if max(picture.size) > MOST_STRETCHED * min(picture.size):
        raise BadPicture(_l("This photo is too long and narrow. Please choose another one."))
    return picture


def fresh(source: Path | IO[bytes], longest: int | None = None) -> Image.Image:
    """The first frame upright on a fresh RGB canvas: no metadata survives. Raises BadPicture."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source, formats=FORMATS) as opened:
                turn = _turn(opened)
                picture = _decoded(opened, longest)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise BadPicture(_l("This photo has too many pixels. Please choose a smaller one.")) from error
    except Exception as error:
        raise BadPicture from error
    canvas = Image.new("RGB", picture.size, "white")
    canvas.paste(picture, mask=picture if picture.mode == "RGBA" else None)
    return canvas.transpose(turn) if turn else canvas


def _decoded(opened: Image.Image, longest: int | None) -> Image.Image:
    if longest and opened.format == "WEBP" and opened.width * opened.height > MOST_PIXELS_OF_WEBP:
        raise Image.DecompressionBombError
    if longest and opened.format == "JPEG":
        opened.draft("RGB", (longest, longest))
    opened.load()
    picture = _coloured(opened)
    if longest and max(picture.size) > longest:
        picture.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return picture


def _coloured(picture: Image.Image) -> Image.Image:
    if picture.mode in ("RGB", "RGBA"):
        return picture
    if picture.mode in DEEP:
        low, high = (0.0, 65535.0) if picture.mode.startswith("I") else (0.0, 255.0)
        return picture.point(lambda value: value * (255 / (high - low)), "F").convert("L").convert("RGB")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _turn(opened: Image.Image) -> Image.Transpose | None:
    """What makes the picture upright; a broken note about it counts as none."""
    try:
        orientation = opened.getexif().get(0x0112)
    except Exception:  # noqa: BLE001 - the note is a stranger's bytes and any parser error may come of it
        return None
    return {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation if isinstance(orientation, int) else 0)


def square(picture: Image.Image, side: int) -> Image.Image:
    """The middle of the picture as a square of `side` pixels."""
    return ImageOps.fit(picture, (side, side), Image.Resampling.LANCZOS)


def keep(
    picture: Image.Image,
    root: Path,
    area: str,
    widths: tuple[int, ...] = WIDTHS,
) -> str:
    """Write the master `<stem>.webp` and `<stem>-<w>.avif|webp` under a random name, all or nothing.

    Returns `/uploads/<area>/<stem>.webp`. Raises Busy when the disk takes no more.
    """
    stem = secrets.token_hex(16)
    folder = root / area
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in _encoded(picture, stem, widths):
            written.append(folder / name)
            _write(folder / name, data)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
            _unfinished(path).unlink(missing_ok=True)
        raise Busy(_l("We cannot keep photos at the moment. Please try again later.")) from error
    return f"/uploads/{area}/{stem}.webp"


def _encoded(picture: Image.Image, stem: str, widths: tuple[int, ...]) -> Iterator[tuple[str, bytes]]:
    """Every file of a picture; the master comes last and says that all are there."""
    for width in widths:
        height = max(1, round(picture.height * width / picture.width))
        small = picture.resize((width, height), Image.Resampling.LANCZOS)
        yield f"{stem}-{width}.avif", _bytes(small, "AVIF", **AVIF)
        yield f"{stem}-{width}.webp", _bytes(small, "WEBP", **WEBP)
    yield f"{stem}.webp", _bytes(picture, "WEBP", quality=86, method=3)


def _bytes(picture: Image.Image, kind: str, **options: int) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _write(path: Path, data: bytes) -> None:
    unfinished = _unfinished(path)
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def remove(root: Path, address: str | None) -> None:
    """Delete every file of the picture kept at `/uploads/<area>/<stem>.webp`; nothing there is no error."""
    parts = (address or "").split("/")
    if len(parts) != 4 or parts[1] != "uploads" or ".." in parts:
        return
    stem = parts[3].removesuffix(".webp")
    if not stem.isalnum():
        return
    for path in (root / parts[2]).glob(f"{stem}[.-]*"):
        path.unlink(missing_ok=True)

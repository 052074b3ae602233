"""A corpus of uploads, made anew each run: good, odd, broken and hostile files, each with marks that must vanish."""

import random
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from PIL import Image, PngImagePlugin

MARK = b"KESOR-CANARY-11.5564N"
NAMES = [
    "photo.jpg", "../../etc/passwd", "..\\..\\boot.ini", "photo.php.jpg", "a" * 300 + ".jpg", "photo\x00.png",
    "រូបថត.jpg", "", ".", "/etc/shadow", "CON.jpg", "x.svg", "<img src=x>.png", "photo.jpg;.exe", "\u202egpj.exe",
]  # fmt: skip
MODES = {
    "JPEG": ("L", "RGB", "CMYK"),
    "PNG": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "WEBP": ("RGB", "RGBA"),
}


@dataclass(frozen=True)
class Photo:
    """One upload; `good` says that the shop must take it, None that either answer is right."""

    label: str
    name: str
    data: bytes
    good: bool | None


def drawn(mode: str = "RGB", size: tuple[int, int] = (64, 80)) -> Image.Image:
    """A picture with content in every mode: a gradient."""
    grey = Image.linear_gradient("L").resize(size)
    return grey.convert("I").convert(mode) if mode == "I;16" else grey.convert(mode)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def exif(orientation: int = 1) -> bytes:
    """EXIF with a place, a camera and an orientation."""
    facts = Image.Exif()
    facts[0x0112] = orientation
    facts[0x010F] = MARK.decode()
    facts.get_ifd(0x8825)[1] = "N"
    facts.get_ifd(0x8825)[29] = MARK.decode()
    return facts.tobytes()


def modes() -> Iterator[Photo]:
    for kind, of in MODES.items():
        for mode in of:
            yield Photo(f"{kind} {mode}", "x." + kind.lower(), saved(drawn(mode), kind), True)
    for kind in MODES:
        for size in ((1, 1), (3, 2), (200, 120), (700, 900), (64, 380)):
            yield Photo(f"{kind} {size}", "x.jpg", saved(drawn(size=size), kind), True)
        yield Photo(f"{kind} stretched", "x.jpg", saved(drawn(size=(9000, 1)), kind), False)


def marked() -> Iterator[Photo]:
    """Everything a file can carry beside its pixels, upright and turned in all eight ways."""
    icc = MARK * 20
    xmp = b"<x:xmpmeta>" + MARK + b"</x:xmpmeta>"
    for turn in range(10):
        for kind in MODES:
            data = saved(
                drawn(), kind, exif=exif(turn), icc_profile=icc, **({"xmp": xmp} if kind != "PNG" else {})
            )
            yield Photo(f"{kind} exif {turn}", "gps.jpg", data, True)
    yield Photo("comment", "c.jpg", saved(drawn(), "JPEG", comment=MARK), True)
    words = PngImagePlugin.PngInfo()
    words.add_text("Comment", MARK.decode())
    words.add_itxt("XML:com.adobe.xmp", MARK.decode())
    yield Photo("png text", "t.png", saved(drawn(), "PNG", pnginfo=words), True)
    broken = saved(drawn(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff" + MARK)
    yield Photo("broken exif", "e.jpg", broken, True)


def polyglots() -> Iterator[Photo]:
    """Pictures that are something else as well, and other things that say that they are pictures."""
    tails = {
        "script": b"<script>alert('" + MARK + b"')</script>", "php": b"<?php /* " + MARK + b" */ ?>",
        "zip": b"PK\x03\x04" + MARK, "pdf": b"%PDF-1.7 " + MARK, "html": b"<!doctype html>" + MARK,
    }  # fmt: skip
    for label, tail in tails.items():
        for kind in MODES:
            yield Photo(f"{kind} then {label}", "x.html", saved(drawn(), kind) + tail, True)
        yield Photo(f"{label} then JPEG", "x.jpg", tail + saved(drawn(), "JPEG"), False)
    yield Photo("svg", "x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", False)
    for kind in ("GIF", "BMP", "TIFF", "ICO", "PPM", "TGA", "JPEG2000", "AVIF", "PCX", "SGI", "PDF", "EPS"):
        yield Photo(f"{kind} called jpg", "x.jpg", saved(drawn(), kind), False)
    for kind in MODES:
        yield Photo(f"{kind} called gif", "x.gif", saved(drawn(), kind), True)


def moving() -> Iterator[Photo]:
    frames = [drawn().rotate(turn) for turn in (0, 90, 180)]
    for kind in ("PNG", "WEBP"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
        yield Photo(f"{kind} animated", "a.png", data, True)
    yield Photo("MPO", "m.jpg", saved(frames[0], "MPO", save_all=True, append_images=frames[1:]), True)
    yield Photo(
        "GIF animated", "a.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:]), False
    )


def broken() -> Iterator[Photo]:
    """Cut at every twentieth, with a tenth of a per cent of the bytes changed, empty, or noise."""
    dice = random.Random(4)
    for kind in MODES:
        whole = saved(drawn(size=(200, 240)), kind)
        for part in range(0, 100, 5):
            yield Photo(f"{kind} cut {part}", "x.jpg", whole[: len(whole) * part // 100], False)
        for turn in range(12):
            bytes_ = bytearray(whole)
            for _ in range(max(1, len(whole) // 1000)):
                bytes_[dice.randrange(len(bytes_))] ^= 1 << dice.randrange(8)
            yield Photo(f"{kind} changed {turn}", "x.jpg", bytes(bytes_), None)
    for size in (1, 12, 1000, 100_000):
        yield Photo(f"noise {size}", "x.jpg", dice.randbytes(size), False)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, *more: bytes) -> bytes:
    """A PNG that claims a size and holds as many empty rows as 30 kB hold."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * min((width + 1) * height, 30_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + b"".join(more)
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def bombs() -> Iterator[Photo]:
    for side in (5001, 7000, 20_000, 60_000):
        yield Photo(f"PNG bomb {side}", "b.png", png_of(side, side), False)
    yield Photo("PNG of no size", "b.png", png_of(0, 0), False)
    unpacked = zlib.compress(b"\0" * 80_000_000, 9)
    profile, words = chunk(b"iCCP", b"x\0\0" + unpacked), chunk(b"zTXt", b"x\0\0" + unpacked)
    yield Photo("profile bomb", "b.png", png_of(64, 80, profile), None)
    yield Photo("text bomb", "b.png", png_of(64, 80, words), None)
    yield Photo("many texts", "b.png", png_of(64, 80, *[chunk(b"tEXt", b"a\0" + MARK)] * 5000), True)
    for kind in ("JPEG", "WEBP"):
        yield Photo(f"{kind} bomb", "b.jpg", saved(Image.new("L", (5200, 5200)), kind, method=0), False)
    scans = saved(drawn(), "JPEG", progressive=True)
    scan = scans[scans.rindex(b"\xff\xda") : -2]
    yield Photo("scan bomb", "b.jpg", scans[:-2] + scan * 5000 + scans[-2:], False)
    yield Photo("8 MiB and a byte", "b.jpg", saved(drawn(), "JPEG") + b"\0" * 8 * 1024 * 1024, False)


def largest() -> Iterator[Photo]:
    """As large as the shop takes, in each format and the dearest modes; a WebP over 16 megapixels is refused."""
    for kind, mode in (("JPEG", "RGB"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGBA")):
        side = 4000 if kind == "WEBP" else 5000
        yield Photo(
            f"{kind} {mode} largest", "l.jpg", saved(Image.new(mode, (side, side)), kind, method=0), True
        )
    yield Photo("WEBP 25 MP", "l.jpg", saved(Image.new("RGBA", (5000, 5000)), "WEBP", method=0), False)


def named() -> Iterator[Photo]:
    """Names that are paths, scripts or nonsense."""
    for name in NAMES:
        yield Photo(f"name {name!r}"[:40], name, saved(drawn(), "JPEG"), True)


def corpus(sample: int = 1) -> Iterator[Photo]:
    """All of it; a sample is each so-and-so-many-th of what is quickly made, without bombs and the largest."""
    quick = (modes, marked, polyglots, moving, broken, named)
    for part in quick if sample > 1 else (*quick, bombs, largest):
        yield from islice(part(), 0, None, sample)

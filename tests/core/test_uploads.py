"""Uploads: a corpus of odd and hostile files leaves clean pictures or a polite refusal, and nothing else."""

import subprocess
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from app.core import images
from app.core.errors import Busy
from tests.conftest import FULL
from tests.core import photos

FOUND_IN_METADATA = (b"Exif", b"EXIF", b"ICCP", b"XMP ", b"<x:xmpmeta", photos.MARK)
PEAK = """
import re, sys
from pathlib import Path
from app.core import images
def peak(): return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
images.accept(open(sys.argv[1], "rb"))
before = peak()
for name in sys.argv[2:]:
    try:
        images.accept(open(name, "rb"))
    except images.BadPicture:
        pass
    print(peak() - before, Path(name).name)
"""


def test_the_corpus_leaves_clean_pictures_or_a_refusal(tmp_path: Path) -> None:
    """No crash, no original kept, no byte of metadata in what is kept, nothing outside the area's folder."""
    tried = 0
    for photo in photos.corpus(1 if FULL else 4):
        tried += 1
        address = None
        with suppress(images.BadPicture):
            address = images.keep(images.accept(BytesIO(photo.data)), tmp_path, "reviews", (200,))
        if address is None:
            assert not photo.good, photo.label
            continue
        assert photo.good is not False, photo.label
        kept = sorted(tmp_path.rglob("*.*"))
        stem = Path(address).stem
        names = [f"reviews/{stem}-200.avif", f"reviews/{stem}-200.webp", f"reviews/{stem}.webp"]
        assert [str(path.relative_to(tmp_path)) for path in kept] == names, photo.label
        for path in kept:
            data = path.read_bytes()
            assert data != photo.data
            assert not [mark for mark in FOUND_IN_METADATA if mark in data], photo.label
            with Image.open(path) as picture:
                assert not {"exif", "icc_profile", "xmp", "comment"} & set(picture.info), photo.label
        images.remove(tmp_path, address)
    assert tried >= (200 if FULL else 50)
    assert not list(tmp_path.rglob("*.*"))


def test_turned_photos_come_out_upright() -> None:
    """All eight ways to hold a camera give the same picture."""
    upright = photos.drawn(size=(80, 120))
    upright.paste("red", (0, 0, 20, 20))
    turns = images.Image.Transpose
    back = [None, turns.FLIP_LEFT_RIGHT, turns.ROTATE_180, turns.FLIP_TOP_BOTTOM, turns.TRANSPOSE,
            turns.ROTATE_90, turns.TRANSVERSE, turns.ROTATE_270]  # fmt: skip
    for orientation, turn in enumerate(back, 1):
        held = upright.transpose(turn) if turn else upright
        seen = images.accept(BytesIO(photos.saved(held, "PNG", exif=photos.exif(orientation))))
        assert seen.tobytes() == upright.tobytes(), orientation


@pytest.mark.parametrize("mode", ["I;16", "CMYK", "LA", "P"])
def test_odd_modes_keep_their_light(mode: str) -> None:
    """Sixteen bits and inks come out as light and dark as they went in."""
    kind = "JPEG" if mode == "CMYK" else "PNG"
    picture = (
        Image.new("I;16", (40, 40), 40000) if mode == "I;16" else Image.new("L", (40, 40), 156).convert(mode)
    )
    seen = images.accept(BytesIO(photos.saved(picture, kind))).convert("L").getpixel((20, 20))
    assert isinstance(seen, int)
    assert abs(seen - 156) <= 4


def test_bombs_and_the_largest_photos_cost_little_memory(tmp_path: Path) -> None:
    """In a process of its own: the most that memory grew (MiB) over every bomb and every largest photo."""
    files = [tmp_path / "small"]
    files[0].write_bytes(photos.saved(photos.drawn(), "PNG"))
    for photo in (photo for part in (photos.bombs, photos.largest) for photo in part()):
        files.append(tmp_path / photo.label)
        files[-1].write_bytes(photo.data)
    ran = subprocess.run([sys.executable, "-c", PEAK, *files], check=True, capture_output=True, text=True)
    grown = [(int(line.split()[0]), line) for line in ran.stdout.splitlines()]
    assert len(grown) == len(files) - 1
    assert max(grown)[0] < 300, ran.stdout


def test_a_full_disk_leaves_no_part_of_a_photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync, calls = images.os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 4:
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(images.os, "fsync", full)
    with pytest.raises(Busy):
        images.keep(photos.drawn(), tmp_path, "reviews", (200, 400))
    assert len(calls) == 4
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]

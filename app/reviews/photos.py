"""The files of review photos: kept before the review is saved, gone again when it is not."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from app.core import images, uploads

AREA = "reviews"
WIDTHS = (200, 960)


@contextmanager
def kept(files: Sequence[Any]) -> Iterator[list[str]]:
    """Addresses of the uploaded files as re-encoded pictures; an error inside deletes them. Raises BadPicture, Busy."""
    addresses: list[str] = []
    try:
        for file in files:
            picture = images.accept(file)
            addresses.append(images.keep(picture, uploads.root(), AREA, WIDTHS))
        yield addresses
    except BaseException:
        drop(addresses)
        raise


def drop(addresses: Iterable[str]) -> None:
    """Delete the files of these pictures."""
    for address in addresses:
        images.remove(uploads.root(), address)

"""Page numbers of lists: page n alone is rendered, and n is capped."""

from dataclasses import dataclass

PAGE_CAP = 50


def page_number(text: str | None) -> int:
    """A page number from the query, 1..50; anything else is 1."""
    try:
        return min(max(int(text or 1), 1), PAGE_CAP)
    except ValueError:
        return 1


@dataclass(frozen=True)
class Page:
    """Where a list stands: `number` of `size` items, `total` in all."""

    number: int
    size: int
    total: int

    @property
    def first(self) -> int:
        return (self.number - 1) * self.size

    @property
    def shown(self) -> int:
        return min(self.number * self.size, self.total)

    @property
    def has_next(self) -> bool:
        return self.shown < self.total and self.number < PAGE_CAP

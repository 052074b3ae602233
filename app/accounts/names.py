"""A person's name as their readers write it: Khmer puts the family name first."""

from app.core.i18n import lang
from app.core.khmer import clusters


def full(first: str | None, last: str | None, language: str | None = None) -> str:
    """`Sok Dara` in English is `Dara Sok` in Khmer; '' when neither is known."""
    given = [name for name in (first, last) if name]
    return " ".join(reversed(given) if (language or lang()) == "km" else given)


def initials(first: str | None, last: str | None, email: str | None = "") -> str:
    """One letter (in Khmer one cluster) of each name in the reader's order, else one of the address; '' of nothing."""
    given = full(first, last).split() or [(email or "").strip()]
    letters = [next(iter(clusters(name)), name[:1]).upper() for name in (given[0], given[-1])]
    return "".join(letters if len(given) > 1 else letters[:1])

"""How well a product fits a skin type, as a word with reasons, from the product's own data alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.catalog.substances import kinds
from app.catalog.vocabulary import SKIN_TYPES, words

OFTEN = {
    "oily": {"shine", "pores", "acne", "blackheads"},
    "dry": {"dryness", "hydration"},
    "combination": {"shine", "hydration", "pores"},
    "sensitive": {"sensitivity", "redness"},
    "normal": {"hydration", "dullness", "sun"},
    "acne": {"acne", "blackheads", "acne_marks"},
}
SCENTED = {"fragrance", "essential_oil"}
CLOGGING = 4


@dataclass(frozen=True)
class Match:
    """A word (`great`, `good`, `fair`, `poor`) with what speaks for the product and what to mind."""

    skin: str
    level: str
    reasons: list[str] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        words: dict[str, str] = {
            "great": _("A great match for your skin"),
            "good": _("A good match for your skin"),
            "fair": _("A fair match for your skin"),
            "poor": _("Made for another skin type"),
        }
        return words[self.level]


def match(skin: str, suits: Sequence[str], concerns: Sequence[str], inci: Sequence[dict[str, Any]]) -> Match:
    """Weigh suits, concerns and ingredients (each with `slug`, `flags` and `comedogenic`) for one skin type."""
    flags = {kind for one in inci for kind in kinds(one["slug"], one["flags"])}
    helped = [code for code in concerns if code in OFTEN[skin]]
    named, everyone = skin in suits and "all" not in suits, "all" in suits or len(suits) >= len(SKIN_TYPES)
    scented = bool(flags & SCENTED)
    clogging = any((one["comedogenic"] or 0) >= CLOGGING for one in inci)
    score = 2 * named + everyone + min(len(helped), 2)
    reasons = [_("Made for %(skin)s skin", skin=_skin(skin))] if named else []
    reasons += [_("Suits every skin type")] if everyone and not named else []
    reasons += [_("Helps with: %(concern)s", concern=words("CONCERNS")[code].lower()) for code in helped[:2]]
    cautions = []
    if inci and not scented:
        reasons.append(_("No fragrance"))
    if scented and skin == "sensitive":
        score -= 2
        cautions.append(_("Contains fragrance"))
    if clogging and skin in ("acne", "oily"):
        score -= 2
        cautions.append(_("Rich oils that may clog pores"))
    if not named and not everyone:
        score = min(score, 1) - 1
        cautions.append(_("Not made for %(skin)s skin", skin=_skin(skin)))
    level = "great" if score >= 3 else "good" if score == 2 else "fair" if score >= 0 else "poor"
    return Match(skin, level, reasons[:4], cautions[:2])


def _skin(code: str) -> str:
    return words("SKIN_TYPES")[code].lower()

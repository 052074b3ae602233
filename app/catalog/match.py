"""How well a product fits a skin type, as a word with reasons, from the product's own data alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from app.catalog.substances import kinds
from app.catalog.vocabulary import FREE_FROM, SKIN_TYPES, words
from app.core.i18n import lang

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
OILY = ("acne", "oily")
LEVELS = ("great", "good", "fair", "poor")


@dataclass(frozen=True)
class Skin:
    """Somebody's skin: its type, the concerns that they named, kinds and slugs of ingredients that they avoid."""

    type: str
    concerns: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()

    @property
    def minds(self) -> set[str]:
        """The concerns that count: those that go with the type, and one's own."""
        return OFTEN[self.type] | set(self.concerns)


@dataclass(frozen=True)
class Match:
    """A word (`great`, `good`, `fair`, `poor`) with what speaks for the product and what to mind."""

    skin: str
    level: str
    reasons: list[str] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    avoided: bool = False

    @property
    def verdict(self) -> str:
        return _("Holds something that you avoid") if self.avoided else verdicts()[self.level]


def verdicts() -> dict[str, str]:
    """The words of each level, in the reader's language."""
    return {
        "great": _("A great match for your skin"),
        "good": _("A good match for your skin"),
        "fair": _("A fair match for your skin"),
        "poor": _("Made for another skin type"),
    }


def match(skin: Skin, suits: Sequence[str], concerns: Sequence[str], inci: Sequence[dict[str, Any]]) -> Match:
    """Weigh suits, concerns and ingredients (each with `slug`, `flags`, `comedogenic`, `label_*`) for one skin."""
    flags = {kind for one in inci for kind in kinds(one["slug"], one["flags"])}
    helped = [code for code in concerns if code in skin.minds]
    everyone = "all" in suits or len(suits) >= len(SKIN_TYPES)
    named = skin.type in suits and not everyone
    scented = bool(flags & SCENTED)
    clogging = any((one["comedogenic"] or 0) >= CLOGGING for one in inci)
    avoided = _avoided(skin, inci)
    reasons = [_("Made for %(skin)s skin", skin=_skin(skin.type))] if named else []
    reasons += [_("Suits every skin type")] if everyone else []
    reasons += [_("Helps with: %(concern)s", concern=words("CONCERNS")[code].lower()) for code in helped[:2]]
    reasons += [_("No fragrance")] if inci and not scented else []
    cautions = [_("Contains %(name)s, which you avoid", name=name) for name in avoided]
    cautions += [_("Contains fragrance")] if scented and skin.type == "sensitive" else []
    cautions += [_("Rich oils that may clog pores")] if clogging and skin.type in OILY else []
    if not named and not everyone:
        cautions.append(_("Not made for %(skin)s skin", skin=_skin(skin.type)))
    warned = (scented and skin.type == "sensitive") or (clogging and skin.type in OILY)
    level = "poor" if avoided else grade(named, everyone, len(helped), warned)
    return Match(skin.type, level, reasons[:4], cautions[:2], bool(avoided))


def grade(named: bool, everyone: bool, helped: int, warned: bool) -> str:
    """The level that the facts of a product come to; lists are sorted by the same rule."""
    score = 2 * named + everyone + min(helped, 2) - 2 * warned
    if not named and not everyone:
        score = min(score, 1) - 1
    return "great" if score >= 3 else "good" if score == 2 else "fair" if score >= 0 else "poor"


def _avoided(skin: Skin, inci: Sequence[dict[str, Any]]) -> list[str]:
    """The names of what the product holds although it is avoided: kinds first, then single ingredients."""
    wanted = set(skin.avoid)
    if not wanted:
        return []
    held = {kind for one in inci for kind in kinds(one["slug"], one["flags"])} & wanted
    names = [words("FREE_FROM")[kind].lower() for kind in sorted(held) if kind in FREE_FROM]
    khmer = lang() == "km"
    single = [one for one in inci if one["slug"] in wanted]
    return names + [str((khmer and one["label_kh"]) or one["label_en"] or one["inci"]) for one in single]


def _skin(code: str) -> str:
    return words("SKIN_TYPES")[code].lower()

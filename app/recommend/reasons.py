"""Why a product is shown: codes with arguments in the store, words in the reader's language on the page."""

from typing import Any

from flask_babel import gettext as _

from app.core.i18n import lang

SKIN_CODES = ("oily", "dry", "combination", "sensitive", "normal", "acne")


def words(code: str, args: dict[str, Any] | None = None) -> str:
    """The reason as a short text; '' for a code that this version does not know."""
    args = args or {}
    if code == "shares":
        return _shares([_name(each) for each in args.get("ingredients", [])])
    if code == "popular_with_skin":
        return _popular_with(str(args.get("skin_type", "")))
    if code == "same_brand":
        return str(_("More from %(brand)s", brand=args.get("brand", "")))
    return _plain(code)


def _plain(code: str) -> str:
    texts = {
        "same_step_and_skin": _("Same step, same skin type"),
        "same_concerns": _("For the same skin concerns"),
        "same_step": _("Same step of the routine"),
        "alike": _("A similar formula"),
        "popular": _("Popular this season"),
        "popular_in_category": _("Popular in this category"),
    }
    return str(texts.get(code, ""))


def _shares(names: list[str]) -> str:
    if len(names) > 1:
        return str(_("Shares %(one)s and %(other)s", one=names[0], other=names[1]))
    return str(_("Shares %(one)s", one=names[0])) if names else ""


def _popular_with(skin_type: str) -> str:
    texts = {
        "oily": _("Popular with customers with oily skin"),
        "dry": _("Popular with customers with dry skin"),
        "combination": _("Popular with customers with combination skin"),
        "sensitive": _("Popular with customers with sensitive skin"),
        "normal": _("Popular with customers with normal skin"),
        "acne": _("Popular with customers with acne-prone skin"),
    }
    return str(texts.get(skin_type, _("Popular this season")))


def _name(labels: dict[str, str]) -> str:
    label = (labels.get("kh") if lang() == "km" else None) or labels.get("en", "")
    return label.partition(" (")[0]

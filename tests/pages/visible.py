"""What a reader of a page sees or hears: texts and spoken attributes, with the language each is marked with."""

import re
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SILENT = {"script", "style", "svg", "template"}
SPOKEN = {"alt", "aria-label", "placeholder", "title", "label", "data-offline", "data-close", "data-done"}
SAID_BY_META = {"description", "og:description", "og:title", "twitter:title", "twitter:description"}
ADDRESS = re.compile(r"\S+@\S+|https?://\S+|\bSK-\d{6}-\d{5}-[A-Z0-9]\b|\b[0-9a-f]{16}\b")
WORD = re.compile(r"[A-Za-z]{2,}")


class Visible(HTMLParser):
    """Collects (language, text) pairs; `lang` attributes are inherited as in a browser."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str, bool]] = [("", "", False)]
        self.texts: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        _parent, language, silent = self.open[-1]
        language = named.get("lang", language)
        if not silent:
            self.texts += [(language, text) for text in spoken(tag, named)]
        if tag not in VOID:
            self.open.append((tag, language, silent or tag in SILENT))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _language, _silent in self.open]
        if tag in names[1:]:
            del self.open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        _tag, language, silent = self.open[-1]
        if not silent and data.strip():
            self.texts.append((language, " ".join(data.split())))


def spoken(tag: str, named: dict[str, str]) -> list[str]:
    """The texts in the attributes of one element."""
    if tag == "meta":
        return [named.get("content", "")] if named.get("name", named.get("property")) in SAID_BY_META else []
    texts = [named[name] for name in sorted(SPOKEN & set(named))]
    return [*texts, named["value"]] if tag == "input" and named.get("type") in ("submit", "button") else texts


def texts(html: str) -> list[tuple[str, str]]:
    """All (language, text) pairs of a page or a fragment, a fragment's language being ''."""
    parser = Visible()
    parser.feed(html)
    parser.close()
    return parser.texts


def stray(html: str, allowed: set[str]) -> list[str]:
    """`word in: text` for each Latin word, outside elements marked with another language, that is not allowed."""
    found = []
    for language, text in texts(html):
        if language in ("", "km"):
            words = WORD.findall(ADDRESS.sub(" ", text))
            found += [f"{word} in: {text}" for word in words if word.casefold() not in allowed]
    return found

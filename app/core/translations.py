"""The catalogue of translations: extract, update, compile, and the gate that lets nothing untranslated through."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent.parent
PO = ROOT / "translations" / "km" / "LC_MESSAGES" / "messages.po"
METHODS = [("app/**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
KEYWORDS = {
    "_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2),
}  # fmt: skip


def extracted() -> Catalog:
    """Every marked text of app/ and templates/, with the file that holds it."""
    found = Catalog(project="KESOR", charset="utf-8", fuzzy=False)
    for folder in ("app", "templates"):
        methods = [
            (pattern.partition("/")[2], method) for pattern, method in METHODS if pattern.startswith(folder)
        ]
        options = {pattern.partition("/")[2]: value for pattern, value in OPTIONS.items()}
        marked = extract_from_dir(
            ROOT / folder, methods, options, keywords=KEYWORDS, comment_tags=("for translators:",)
        )
        for filename, _line, message, comments, context in marked:
            found.add(message, None, [(f"{folder}/{filename}", 0)], auto_comments=comments, context=context)
    return found


def stored() -> Catalog:
    """The Khmer catalogue as committed."""
    with PO.open("rb") as file:
        return read_po(file, locale="km", domain="messages")


def update() -> Catalog:
    """Bring the stored catalogue up to what is extracted: new texts empty, gone ones dropped, never a fuzzy guess."""
    catalogue = (
        stored() if PO.exists() else Catalog(locale="km", domain="messages", project="KESOR", fuzzy=False)
    )
    catalogue.update(extracted(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    PO.parent.mkdir(parents=True, exist_ok=True)
    target = BytesIO()
    write_po(target, catalogue, width=0, sort_output=True, omit_header=False, include_lineno=False)
    PO.write_bytes(target.getvalue())
    return catalogue


def compile_all() -> int:
    """Write messages.mo beside messages.po; returns the number of texts."""
    catalogue = stored()
    with PO.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalogue)
    return len(catalogue)


def texts(message: Message) -> list[str]:
    """The translations of one message."""
    return [message.string or ""] if isinstance(message.string, str | None) else list(message.string)


def faults() -> Iterator[str]:
    """What keeps the catalogue from being whole: missing, fuzzy, obsolete, unknown, bad placeholders."""
    catalogue, source = stored(), extracted()
    wanted = {message.id for message in source if message.id}
    known = {message.id: message for message in catalogue if message.id}
    yield from (f"not in the catalogue: {text!r}" for text in wanted - set(known))
    yield from (f"no longer used: {text!r}" for text in set(known) - wanted)
    yield from (f"obsolete: {text!r}" for text in catalogue.obsolete)
    for text, message in known.items():
        if not all(texts(message)):
            yield f"untranslated: {text!r}"
        if message.fuzzy:
            yield f"fuzzy: {text!r}"
    for message, errors in catalogue.check():
        yield from (f"{message.id!r}: {error}" for error in errors)

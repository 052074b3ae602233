"""The catalogue of translations: extract, update, compile, and the gate that lets nothing untranslated through."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.core import khmer

ROOT = Path(__file__).resolve().parent.parent.parent
PO = ROOT / "translations" / "km" / "LC_MESSAGES" / "messages.po"
METHODS = [("app/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/email/**.txt", "jinja2")]
JINJA = {"trimmed": "true", "silent": "false", "extensions": "app.core.fragments.Kept"}
OPTIONS = {"templates/**.html": JINJA, "templates/email/**.txt": JINJA}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
HEADER = "# The shop's Khmer. `flask translations update` adds new texts, `check` finds faults."
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


def updated() -> Catalog:
    """What `update` writes: new texts empty, gone ones dropped, never a fuzzy guess."""
    catalogue = (
        stored() if PO.exists() else Catalog(locale="km", domain="messages", project="KESOR", fuzzy=False)
    )
    catalogue.update(extracted(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def update() -> Catalog:
    """Bring the stored catalogue up to what is extracted."""
    catalogue = updated()
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(written(catalogue))
    return catalogue


def written(catalogue: Catalog, files: bool = True) -> bytes:
    """The catalogue as a .po file, the same for the same texts; `files` names where each text stands."""
    catalogue.header_comment = HEADER
    catalogue.version, catalogue.msgid_bugs_address = "1", ""
    catalogue.last_translator = catalogue.language_team = "KESOR"
    catalogue.revision_date = catalogue.creation_date
    target = BytesIO()
    write_po(target, catalogue, width=0, no_location=not files, sort_output=True, include_lineno=False)
    return target.getvalue()


def compile_all() -> int:
    """Write messages.mo beside messages.po in one move; returns the number of texts."""
    catalogue, target = stored(), PO.with_suffix(".mo")
    with NamedTemporaryFile(dir=PO.parent, suffix=".mo", delete=False) as file:
        write_mo(file, catalogue)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(target)
    return len(catalogue)


def texts(message: Message) -> list[str]:
    """The translations of one message."""
    return [message.string or ""] if isinstance(message.string, str | None) else list(message.string)


def faults() -> Iterator[str]:
    """What keeps the catalogue from being whole: missing, fuzzy, obsolete, unknown, badly written texts."""
    catalogue, source = stored(), extracted()
    wanted = {message.id for message in source if message.id}
    known = {message.id: message for message in catalogue if message.id}
    yield from (f"not in the catalogue: {text!r}" for text in wanted - set(known))
    yield from (f"no longer used: {text!r}" for text in set(known) - wanted)
    yield from (f"obsolete: {text!r}" for text in catalogue.obsolete)
    for message in known.values():
        yield from (f"{fault}: {message.id!r}" for fault in _faults_of(message))
    for message, errors in catalogue.check():
        yield from (f"{message.id!r}: {error}" for error in errors)


def _faults_of(message: Message) -> Iterator[str]:
    if not all(texts(message)):
        yield "untranslated"
    if message.fuzzy:
        yield "fuzzy"
    if message.pluralizable and len(texts(message)) != 1:
        yield "more than the one plural form"
    if any(sorted(PLACEHOLDER.findall(text)) != sorted(_asked(message)) for text in texts(message)):
        yield "placeholders differ"
    for text in texts(message):
        yield from _faults_of_text(text)


def _faults_of_text(text: str) -> Iterator[str]:
    rules = {
        "not in canonical order, or with invisible characters": khmer.norm(text) == text,
        "markup in a text (texts are plain and printed as they are)": not set(text) & set("<>&"),
        "a space before the full stop, or subscript DA for TA": not (
            " \u17d4" in text or "\u17d2\u178a" in text
        ),
    }
    yield from (fault for fault, holds in rules.items() if not holds)


def _asked(message: Message) -> list[str]:
    """The placeholders of the English text (of its plural, where there is one)."""
    english = message.id if isinstance(message.id, str) else message.id[-1]
    return PLACEHOLDER.findall(english)

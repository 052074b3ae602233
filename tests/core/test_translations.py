"""The gate of the Khmer catalogue finds every fault (`translations check` runs it beside the tests); what it holds."""

from pathlib import Path

import pytest
import wtforms
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale, gettext, ngettext
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.core import translations
from app.core.form_messages import MESSAGES
from app.core.forms import Form


@pytest.fixture(scope="module")
def source() -> Catalog:
    """Every text of the shop, read once for this file."""
    return translations.extracted()


@pytest.fixture
def read_once(source: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translations, "extracted", lambda: source)


@pytest.mark.usefixtures("read_once")
def test_extracting_again_changes_nothing() -> None:
    stored, again = (
        translations.written(one, files=False) for one in (translations.stored(), translations.updated())
    )
    assert stored.decode().splitlines() == again.decode().splitlines()


def test_one_plural_form() -> None:
    stored = translations.stored()
    assert (stored.num_plurals, stored.plural_forms) == (1, "nplurals=1; plural=0;")


def test_every_text_is_khmer_or_a_name() -> None:
    names = {"Peptide", "Parabens", "Sulfates", "%(low)s to %(high)s"}
    told = {str(one.id): translations.texts(one)[0] for one in translations.stored() if one.id}
    latin = {english for english, khmer in told.items() if not any("\u1780" <= c <= "\u17ff" for c in khmer)}
    assert latin <= names


def test_the_compiled_catalogue_says_the_same() -> None:
    count = translations.compile_all()
    with translations.PO.with_suffix(".mo").open("rb") as file:
        compiled = read_mo(file)
    assert len(compiled) == count == len(translations.stored())


SPOILT = {
    "untranslated: 'Home'": 'msgid "Home"\nmsgstr ""\n',
    "fuzzy: 'Shop'": '#, fuzzy\nmsgid "Shop"\nmsgstr "\u1795\u17d2\u1791\u17c7"\n',
    "no longer used: 'Nobody says this'": 'msgid "Nobody says this"\nmsgstr "\u1795\u17d2\u1791\u17c7"\n',
    "not in canonical order, or with invisible characters: 'Cart'": (
        'msgid "Cart"\nmsgstr "\u1795\u17d2\u1791\u17c7\u200b"\n'
    ),
    "placeholders differ: 'Order %(number)s'": (
        '#, python-format\nmsgid "Order %(number)s"\nmsgstr "\u1780"\n'
    ),
    "markup in a text (texts are plain and printed as they are): 'Save'": (
        'msgid "Save"\nmsgstr "<b>\u1780</b>"\n'
    ),
    "a space before the full stop, or subscript DA for TA: 'Removed.'": (
        'msgid "Removed."\nmsgstr "\u1780 \u17d4"\n'
    ),
}


@pytest.mark.usefixtures("read_once")
def test_each_fault_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    header = 'msgid ""\nmsgstr "Language: km\\nContent-Type: text/plain; charset=utf-8\\n"\n'
    sound = 'msgid "Yes"\nmsgstr "\u1780"\n'
    (tmp_path / "messages.po").write_text("\n".join([header, sound, *SPOILT.values()]), encoding="utf-8")
    monkeypatch.setattr(translations, "PO", tmp_path / "messages.po")
    found = [fault for fault in translations.faults() if not fault.startswith("not in the catalogue")]
    assert set(SPOILT) <= set(found)
    assert all("'Yes'" not in fault or "no longer used" in fault for fault in found)


def test_wtforms_messages_are_its_own() -> None:
    with (Path(wtforms.__file__).parent / "locale/wtforms.pot").open("rb") as file:
        known = {one.id if isinstance(one.id, str) else one.id[0] for one in read_po(file) if one.id}
    ours = {one._args[0] for one in MESSAGES}
    assert ours <= known


def test_forms_speak_khmer(app: Flask) -> None:
    class Asked(Form):
        name = StringField("x", [InputRequired()])
        code = StringField("x", [Length(min=3)])

    with app.test_request_context("/km/", method="POST", data={"code": "a"}), force_locale("km"):
        form = Asked()
        assert not form.validate()
        said = [*form.name.errors, *form.code.errors]
        assert all("\u1780" <= error[0] <= "\u17ff" for error in said), said
        assert gettext("Home") != "Home"
        assert ngettext("%(num)s product", "%(num)s products", 1) == ngettext(
            "%(num)s product", "%(num)s products", 1
        )
        assert ngettext("product", "products", 1) == ngettext("product", "products", 2)

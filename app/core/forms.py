"""The base of every form, with our own translations of WTForms' messages (CSRF: `security`)."""

from typing import Any

from flask_babel import get_translations
from flask_wtf import FlaskForm


class Catalogue:
    """WTForms' messages from our own catalogue (WTForms ships no Khmer)."""

    def gettext(self, text: str) -> str:
        return str(get_translations().ugettext(text))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(get_translations().ungettext(singular, plural, n))


class Form(FlaskForm):  # type: ignore[misc]
    """Shape only: the domain checks what is true."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False

        def get_translations(self, _form: Any) -> Catalogue:
            return Catalogue()

"""What readers ask for in the address of a product's page, and the form of those who write."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.core import clean
from app.core.columns import SKIN_TYPE
from app.core.errors import NotFound
from app.core.forms import Form
from app.core.pagination import page_number
from app.reviews.queries import ORDERS, Asked
from app.reviews.writing import MOST_PHOTOS, Words

SKINS = frozenset(SKIN_TYPE.enums) - {"all"}
PARTS = ("stars", "reviewer", "photos", "verified", "order", "reviews")
TITLE, COMMENT = 100, 2000
STARS = _l("Please choose from one to five stars.")


def asked(args: Mapping[str, str]) -> Asked:
    """The reviews that a query asks for; without any of its parts the digest."""
    skin, told, order = args.get("reviewer", ""), args.get("skin", ""), args.get("order", "")
    return Asked(
        stars=clean.whole_number(args.get("stars"), 1, 5),
        skin=skin if skin in SKINS else None,
        photos=args.get("photos") == "1",
        verified=args.get("verified") == "1",
        order=order if order in ORDERS else ORDERS[0],
        number=page_number(args.get("reviews")) if any(part in args for part in PARTS) else 0,
        told=told if told in SKINS else "",
    )


class ReviewForm(Form):
    """Stars, title and text; photos lie in `request.files`."""

    too_many = False
    rating = RadioField(
        _l("Your rating"),
        choices=[SelectChoice(str(stars), str(stars)) for stars in range(1, 6)],
        validators=[InputRequired(STARS)],
        invalid_choice_message=STARS,
    )
    title = StringField(_l("Title"), filters=[lambda text: clean.line(text, TITLE)])
    comment = TextAreaField(_l("Your review"), filters=[lambda text: clean.block(text, COMMENT)])
    photos = MultipleFileField(_l("Photos"))

    def check_photos(self, own: Any) -> None:
        """Note an error when the review would hold more photos than it may."""
        staying = [photo for photo in own.photos if photo["id"] not in dropped()] if own is not None else []
        self.too_many = len(staying) + len(chosen_files()) > MOST_PHOTOS

    def validate_photos(self, _field: Any) -> None:
        if self.too_many:
            raise ValidationError(_("A review holds %(most)s photos at most.", most=MOST_PHOTOS))

    def fill(self, written: Any) -> None:
        """Begin with what was written before."""
        self.rating.data = str(written.rating)
        self.title.data, self.comment.data = written.title or "", written.comment or ""

    def words(self, language: str) -> Words:
        """What was said, once the form is valid."""
        return Words(int(self.rating.data), self.title.data or "", self.comment.data or "", language)


def chosen_files() -> list[FileStorage]:
    """The files that were chosen, one more than a review holds at most."""
    chosen = [file for file in request.files.getlist("photos") if file.filename]
    return chosen[: MOST_PHOTOS + 1]


def dropped() -> list[int]:
    """Ids of the photos to leave out."""
    numbers = [clean.whole_number(text, 1, 2**31 - 1) for text in request.form.getlist("drop")[:20]]
    return [number for number in numbers if number is not None]


def vote() -> tuple[int, bool]:
    """The review voted on, and whether it is called helpful or that is taken back. Raises NotFound."""
    for name in ("helpful", "unhelpful"):
        number = clean.whole_number(request.form.get(name), 1, 2**31 - 1)
        if number is not None:
            return number, name == "helpful"
    raise NotFound

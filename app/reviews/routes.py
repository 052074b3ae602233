"""Writing a review, calling one helpful, and the list of one's own."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.catalog import queries as catalog
from app.core import htmx, images, security, uploads
from app.core.access import access
from app.core.db import db
from app.core.errors import NotFound
from app.core.i18n import lang, locale_to_db
from app.core.limits import limiter
from app.core.shop import touch_catalogue
from app.orders import purchases
from app.reviews import forms, queries, votes, writing

bp = Blueprint("reviews", __name__)
ORDERS = {
    "helpful": _l("Most helpful"),
    "newest": _l("Newest"),
    "rating": _l("Highest rating"),
    "-rating": _l("Lowest rating"),
}


@bp.app_context_processor
def offer_orders() -> dict[str, object]:
    """`review_orders`: the sorts of a list of reviews and their words."""
    return {"review_orders": ORDERS}


@bp.get("/products/<slug>/review")
@access("customer")
def write(slug: str) -> Response:
    product = on_sale(slug)
    form = forms.ReviewForm(formdata=None)
    own = queries.own(current_user.id, product.id)
    if own is not None:
        form.fill(own)
    return asked(form, product, own)


@bp.post("/products/<slug>/review")
@access("customer")
@uploads.takes_photos(writing.MOST_PHOTOS)
@limiter.limit("60/hour")
def save(slug: str) -> Response:
    product, form = on_sale(slug), forms.ReviewForm()
    own = queries.own(current_user.id, product.id)
    form.check_photos(own)
    if not form.validate():
        return asked(form, product, own, 422)
    try:
        saved = save_with_photos(form, product.id)
    except images.BadPicture as refusal:
        db.session.rollback()
        form.photos.errors = [refusal.message]
        return asked(form, product, own, 422)
    return after(saved, f"{url_for('catalog.product', slug=slug, reviews=1)}#reviews")


@bp.post("/products/<slug>/review/removal")
@access("customer")
def remove(slug: str) -> Response:
    saved = writing.remove(current_user.id, product_of(slug).id)
    db.session.commit()
    return after(saved, url_for("reviews.mine"))


@bp.post("/reviews/votes")
@access("customer")
@limiter.limit("300/hour")
def vote() -> Response:
    review_id, helpful = forms.vote()
    voted = votes.vote(review_id, current_user.id, helpful)
    db.session.commit()
    if not htmx.is_partial():
        return htmx.go(f"{url_for('catalog.product', slug=voted.slug, reviews=1)}#reviews")
    reader = queries.Reader(current_user.id)
    answer = htmx.parts("reviews/_vote.html", r=voted, reviews={"reader": reader}, oob=True)
    return security.no_store(answer)


@bp.get("/account/reviews")
@access("customer")
def mine() -> Response:
    facts = {
        "written": queries.written(current_user.id),
        "unreviewed": purchases.unreviewed(current_user.id),
    }
    return security.no_store(make_response(render_template("reviews/mine.html", **facts)))


def product_of(slug: str) -> Any:
    """The product, on sale or archived. Raises NotFound."""
    found = catalog.product(slug)
    if found is None:
        raise NotFound
    return found


def on_sale(slug: str) -> Any:
    """The product while it is sold. Raises NotFound."""
    found = product_of(slug)
    if found.status != "active":
        raise NotFound
    return found


def save_with_photos(form: forms.ReviewForm, product_id: int) -> writing.Saved:
    """Keep the photos, save the review and commit. Raises BadPicture, Busy, NotFound, Invalid."""
    author = writing.Author(
        current_user.id, current_user.first_name, current_user.last_name, current_user.skin_type
    )
    verified = purchases.was_delivered(author.id, product_id)
    with uploads.kept(forms.chosen_files(), writing.AREA, writing.WIDTHS) as added:
        words = form.words(locale_to_db(lang()))
        saved = writing.save(author, product_id, words, verified, added, forms.dropped())
        db.session.commit()
    return saved


def after(saved: writing.Saved, address: str) -> Response:
    """Forget the files and pages that show what is gone, and go on."""
    uploads.drop(saved.gone)
    if saved.was_shown:
        touch_catalogue()
    return htmx.go(address)


def asked(form: forms.ReviewForm, product: Any, own: Any, status: int = 200) -> Response:
    """The page with the form."""
    facts = {"form": form, "p": product, "own": own, "most": writing.MOST_PHOTOS}
    byline = writing.byline(current_user.first_name, current_user.last_name)
    page = render_template("reviews/write.html", byline=byline, **facts)
    return security.no_store(make_response(page, status))

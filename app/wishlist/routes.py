"""The wishlist, its hearts and its link; "tell me when it is back"; recently viewed products."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.accounts import owners
from app.accounts.owners import Owner
from app.analytics import events
from app.cart import badge, basket, filling
from app.catalog import products, queries
from app.core import htmx, security
from app.core.access import access
from app.core.db import db
from app.core.errors import Invalid, NotFound, Refused
from app.core.limits import limiter
from app.wishlist import alerts, forms, links, saved, seen

bp = Blueprint("wishlist", __name__)
NEAR = 4
BAG = ("cart/_badge.html", "cart/_live.html")
bp.add_app_template_global(saved.hearts, "hearts")
bp.add_app_template_global(alerts.awaited, "awaited")


@bp.get("/wishlist")
@access("public")
def page() -> Response:
    owner = owners.current()
    answer = htmx.page_or("wishlist/page.html", "wishlist/_list.html", **_list(owner, forms.undo(owner)))
    return security.no_store(answer)


@bp.post("/wishlist/items")
@access("public")
@limiter.limit("600/minute")
def choose() -> Response:
    """A heart: the product is on the list afterwards, or it is not, whatever was before."""
    choice = forms.choice(owners.current())
    owner, fresh = _owner()
    ids, undo = _kept(owner, choice)
    db.session.commit()
    saved.keep(owner, ids)
    if choice.wanted and not choice.back:
        events.record("wishlist_add", product_id=choice.product_id)
    return _remembered(_chosen(owner, choice, undo), fresh)


@bp.post("/wishlist/bag")
@access("public")
@limiter.limit("60/minute")
def add_all() -> Response:
    """One of everything on the list that can be bought and is not in the bag yet."""
    owner = owners.current()
    wanted = [item.row.id for item in saved.items(owner) if item.buyable]
    if not wanted:
        raise Refused(_("Nothing on your list can be bought right now."))
    cart_id, added = filling.fill(owner, wanted)
    bag = basket.view(cart_id)
    db.session.commit()
    badge.keep(owner, bag.count)
    for product_id in added:
        events.record("cart_add", product_id=product_id, quantity=1)
    if not htmx.is_partial():
        return htmx.go(url_for("cart.page"))
    message = _("Added to bag.") if added else _("All of these are in your bag already.")
    return security.no_store(htmx.parts("cart/_bag.html", *BAG, bag=bag, message=message))


@bp.post("/wishlist/link")
@access("public")
@limiter.limit("60/minute")
def share() -> Response:
    owner = owners.current()
    if not owner:
        raise NotFound
    links.open_link(owner)
    db.session.commit()
    return _changed(owner, _("Your list has a link now."))


@bp.post("/wishlist/link/removal")
@access("public")
def unshare() -> Response:
    owner = owners.current()
    links.close_link(owner)
    db.session.commit()
    return _changed(owner, _("Nobody can see your list any more."))


@bp.get("/wishlist/shared/<token>")
@access("public")
def shared(token: str) -> Response:
    owner = links.owner_of(token)
    if owner is None:
        raise NotFound
    items = [item for item in saved.items(owner) if item.card]
    return security.no_store(htmx.parts("wishlist/shared.html", items=items))


@bp.get("/wishlist/seen")
@access("public")
def seen_page() -> Response:
    """What this visitor looked at lately: a page, or for htmx the few that a product's page shows."""
    owner, but = owners.current(), forms.looked_at()
    if but and htmx.is_partial():
        seen.record(owner, but)
        db.session.commit()
    ids = [one for one in seen.ids(owner) if one != but]
    cards = queries.cards(ids[:NEAR] if htmx.is_partial() else ids)
    return security.no_store(htmx.page_or("wishlist/seen.html", "wishlist/_seen.html", cards=cards))


@bp.post("/wishlist/seen/removal")
@access("public")
def forget_seen() -> Response:
    seen.forget(owners.current())
    db.session.commit()
    response = htmx.go(url_for("wishlist.seen_page"))
    response.delete_cookie(seen.COOKIE)
    return response


@bp.get("/products/<slug>/alert")
@access("public")
def alert(slug: str) -> Response:
    product = _product(slug)
    asked = "asked" in request.args or alerts.awaited(product.id)
    return security.no_store(htmx.parts("wishlist/alert.html", p=product, asked=asked))


@bp.post("/products/<slug>/alert")
@access("public")
@limiter.limit("20/minute")
def ask_alert(slug: str) -> Response:
    product = _product(slug)
    if product.available != 0:
        return htmx.go(url_for("catalog.product", slug=slug))
    try:
        alerts.ask(product.id, forms.reach(owners.current().user_id))
    except Invalid as refusal:
        return _asked_badly(product, refusal)
    db.session.commit()
    if not htmx.is_partial():
        return htmx.go(url_for("wishlist.alert", slug=slug, asked=1))
    return htmx.parts("wishlist/_alert.html", "ui/_live.html", p=product, asked=True, message=alerts.PROMISE)


def _product(slug: str) -> Any:
    found = products.product(slug)
    if found is None or found.status != "active":
        raise NotFound
    return found


def _asked_badly(product: Any, refusal: Invalid) -> Response:
    template = "wishlist/_alert.html" if htmx.is_partial() else "wishlist/alert.html"
    typed = request.form.get("contact", "")[:254]
    page = render_template(template, p=product, asked=False, problem=refusal.message, typed=typed)
    return make_response(page, refusal.status)


def _kept(owner: Owner, choice: forms.Choice) -> tuple[list[int], str | None]:
    """The ids on the list after the choice, and what undoes a removal."""
    if choice.back:
        return saved.restore(owner, choice.back), None
    if choice.wanted:
        return saved.save(owner, choice.product_id), None
    return saved.drop(owner, choice.product_id)


def _list(owner: Owner, undo: str | None = None) -> dict[str, Any]:
    items = saved.items(owner)
    link = links.token(owner) if items else None
    return {"items": items, "link": link, "undo": undo, "buyable": sum(item.buyable for item in items)}


def _owner() -> tuple[Owner, str | None]:
    """The owner, and the new token of a guest who keeps something for the first time."""
    owner = owners.current()
    if owner:
        return owner, security.cookie("cart") if owner.guest else None
    fresh = security.new_token()
    g.gains_authority = True
    return Owner(guest=security.digest(fresh)), fresh


def _remembered(response: Response, token: str | None) -> Response:
    """A guest's cookie lasts from the last thing that was saved."""
    if token:
        security.set_cookie(response, "cart", token, days=basket.GUEST_DAYS)
    return security.no_store(response)


def _chosen(owner: Owner, choice: forms.Choice, undo: str | None) -> Response:
    if htmx.wants("saved"):
        listed = _list(owner, undo)
        return htmx.parts("wishlist/_list.html", "wishlist/_chosen.html", choice=choice, **listed)
    if htmx.is_partial():
        return htmx.parts("wishlist/_told.html", choice=choice)
    return htmx.go(_page_before(choice, undo))


def _page_before(choice: forms.Choice, undo: str | None) -> str:
    """Back to where the heart was pressed, at its product; the wishlist itself offers to undo a removal."""
    here = urlsplit(request.headers.get("Referer", ""))
    path = security.safe_next(here.path, "")
    if here.netloc != request.host or not path or path == url_for("wishlist.page"):
        return url_for("wishlist.page", dropped=undo)
    return f"{path}?{here.query}#{choice.product_id}" if here.query else f"{path}#{choice.product_id}"


def _changed(owner: Owner, message: str) -> Response:
    if not htmx.is_partial():
        return htmx.go(url_for("wishlist.page"))
    answer = htmx.parts("wishlist/_list.html", "ui/_live.html", message=message, **_list(owner))
    return security.no_store(answer)
